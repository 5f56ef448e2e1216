package io.github.stopcopy.core.plugin;

import io.github.stopcopy.core.error.InputException;
import io.github.stopcopy.core.error.PluginWatch;
import io.github.stopcopy.core.guard.GuardedDeviceType;
import io.github.stopcopy.core.guard.GuardedIommuProvider;
import io.github.stopcopy.core.guard.GuardedListenerProvider;
import io.github.stopcopy.core.guard.GuardedTrackerProvider;
import io.github.stopcopy.core.spi.DeviceTypeProvider;
import io.github.stopcopy.core.spi.DirtyTrackerProvider;
import io.github.stopcopy.core.spi.MemoryListenerProvider;
import io.github.stopcopy.core.spi.VirtualIommuProvider;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.ServiceLoader;
import java.util.Set;

/**
 * The device types, vIOMMU models, dirty trackers and memory listeners that are there. Nothing is
 * cached: each call of {@code load} looks anew. Immutable, thread-safe: what was loaded once can be
 * used for any number of decisions, also on several threads at a time. Providers are asked by all
 * of these threads, and what they make belongs to one decision.
 *
 * <p>What others wrote comes in with a guard around it: whatever it throws, or answers though no
 * plugin may, is a {@link io.github.stopcopy.core.error.PluginFailure} that names it. A plugin that
 * never answers is waited for; {@link PluginWatch} is for programs that will not wait.
 *
 * {@snippet file="VerdictTest.java" region="plugins"}
 */
public final class Plugins {

  private final ProviderSet<DeviceTypeProvider> deviceTypes;
  private final ProviderSet<VirtualIommuProvider> virtualIommus;
  private final ProviderSet<DirtyTrackerProvider> dirtyTrackers;
  private final ProviderSet<MemoryListenerProvider> memoryListeners;

  private Plugins(
      ProviderSet<DeviceTypeProvider> deviceTypes,
      ProviderSet<VirtualIommuProvider> virtualIommus,
      ProviderSet<DirtyTrackerProvider> dirtyTrackers,
      ProviderSet<MemoryListenerProvider> memoryListeners) {
    this.deviceTypes = deviceTypes;
    this.virtualIommus = virtualIommus;
    this.dirtyTrackers = dirtyTrackers;
    this.memoryListeners = memoryListeners;
  }

  /** What the thread's context class loader finds. */
  public static Plugins load() {
    ClassLoader context = Thread.currentThread().getContextClassLoader();
    return load(context != null ? context : Plugins.class.getClassLoader());
  }

  /** What a class loader finds. */
  public static Plugins load(ClassLoader loader) {
    return load(loader, PluginWatch.NONE);
  }

  /**
   * What a class loader finds, with somebody who is told whenever a plugin of others is made or
   * asked. A name that two offer is one of the {@link #problems}, and an error where it is used.
   */
  public static Plugins load(ClassLoader loader, PluginWatch watch) {
    return load(loader, watch, EnumSet.allOf(Chosen.class));
  }

  /** Plugins of which none does anything unless somebody names it. */
  public enum Chosen {
    /** Who logs the writes of devices. */
    DIRTY_TRACKERS,
    /** Who looks on. */
    MEMORY_LISTENERS
  }

  /**
   * The same, for a program that knows which kinds it will name: plugins of the others are not even
   * made, so that no jar which nobody chose can do harm. Device types and vIOMMU models are always
   * made, as only they can say which devices they are.
   *
   * @param wanted the kinds of which some will be named
   */
  public static Plugins load(ClassLoader loader, PluginWatch watch, Set<Chosen> wanted) {
    return distinct(
        ProviderSet.load(
            ServiceLoader.load(DeviceTypeProvider.class, loader),
            Plugins::nameOfDeviceType,
            GuardedDeviceType::new,
            watch),
        ProviderSet.load(
            ServiceLoader.load(VirtualIommuProvider.class, loader),
            VirtualIommuProvider::name,
            GuardedIommuProvider::new,
            watch),
        wanted.contains(Chosen.DIRTY_TRACKERS)
            ? ProviderSet.load(
                ServiceLoader.load(DirtyTrackerProvider.class, loader),
                DirtyTrackerProvider::name,
                GuardedTrackerProvider::new,
                watch)
            : ProviderSet.none(),
        wanted.contains(Chosen.MEMORY_LISTENERS)
            ? ProviderSet.load(
                ServiceLoader.load(MemoryListenerProvider.class, loader),
                MemoryListenerProvider::name,
                GuardedListenerProvider::new,
                watch)
            : ProviderSet.none());
  }

  /**
   * Exactly these device types and vIOMMU models, without ServiceLoader and without dirty trackers
   * and memory listeners.
   *
   * @throws InputException if two have one name
   */
  public static Plugins of(List<? extends DeviceTypeProvider> providers) throws InputException {
    List<DeviceTypeProvider> deviceTypes = new ArrayList<>();
    List<VirtualIommuProvider> virtualIommus = new ArrayList<>();
    for (DeviceTypeProvider provider : providers) {
      if (provider instanceof VirtualIommuProvider viommu) {
        virtualIommus.add(viommu);
      } else {
        deviceTypes.add(provider);
      }
    }
    Plugins plugins =
        distinct(
            ProviderSet.of(deviceTypes, DeviceTypeProvider::name, GuardedDeviceType::new),
            ProviderSet.of(virtualIommus, VirtualIommuProvider::name, GuardedIommuProvider::new),
            ProviderSet.of(List.of(), DirtyTrackerProvider::name, GuardedTrackerProvider::new),
            ProviderSet.of(List.of(), MemoryListenerProvider::name, GuardedListenerProvider::new));
    for (String clash : plugins.problems()) {
      throw InputException.of(clash);
    }
    return plugins;
  }

  /**
   * The same plugins with exactly these dirty trackers.
   *
   * @throws InputException if two have one name
   */
  public Plugins withDirtyTrackers(List<? extends DirtyTrackerProvider> providers)
      throws InputException {
    return new Plugins(
        deviceTypes,
        virtualIommus,
        ProviderSet.of(providers, DirtyTrackerProvider::name, GuardedTrackerProvider::new),
        memoryListeners);
  }

  /**
   * The same plugins with exactly these memory listeners.
   *
   * @throws InputException if two have one name
   */
  public Plugins withMemoryListeners(List<? extends MemoryListenerProvider> providers)
      throws InputException {
    return new Plugins(
        deviceTypes,
        virtualIommus,
        dirtyTrackers,
        ProviderSet.of(providers, MemoryListenerProvider::name, GuardedListenerProvider::new));
  }

  private static String nameOfDeviceType(DeviceTypeProvider provider) {
    if (provider instanceof VirtualIommuProvider) {
      throw new IllegalArgumentException(
          provider.getClass().getName()
              + " is a vIOMMU model, expected it as a service "
              + VirtualIommuProvider.class.getName());
    }
    return provider.name();
  }

  /** A vIOMMU is a device type too, so a name is taken for both, and that of neither if both do. */
  private static Plugins distinct(
      ProviderSet<DeviceTypeProvider> deviceTypes,
      ProviderSet<VirtualIommuProvider> virtualIommus,
      ProviderSet<DirtyTrackerProvider> dirtyTrackers,
      ProviderSet<MemoryListenerProvider> memoryListeners) {
    ProviderSet<DeviceTypeProvider> types = deviceTypes;
    ProviderSet<VirtualIommuProvider> iommus = virtualIommus;
    for (String name : virtualIommus.names()) {
      if (deviceTypes.find(name).isPresent()) {
        String clash = ProviderSet.clash(deviceTypes.describe(name), virtualIommus.describe(name));
        types = types.withClash(name, clash);
        iommus = iommus.withClash(name, clash);
      }
    }
    return new Plugins(types, iommus, dirtyTrackers, memoryListeners);
  }

  /** The device types that are no vIOMMU. */
  public ProviderSet<DeviceTypeProvider> deviceTypes() {
    return deviceTypes;
  }

  /** The vIOMMU models. */
  public ProviderSet<VirtualIommuProvider> virtualIommus() {
    return virtualIommus;
  }

  /** The dirty trackers. */
  public ProviderSet<DirtyTrackerProvider> dirtyTrackers() {
    return dirtyTrackers;
  }

  /** The memory listeners. */
  public ProviderSet<MemoryListenerProvider> memoryListeners() {
    return memoryListeners;
  }

  /** A line for each plugin that could not be loaded, and for each name that two offer. */
  public List<String> problems() {
    Set<String> all = new LinkedHashSet<>(deviceTypes.problems()); // one clash may be of both
    all.addAll(virtualIommus.problems());
    all.addAll(dirtyTrackers.problems());
    all.addAll(memoryListeners.problems());
    return List.copyOf(all);
  }
}
