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
import java.util.List;
import java.util.ServiceLoader;

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

  /**
   * What the thread's context class loader finds.
   *
   * @throws InputException if two plugins have one name
   */
  public static Plugins load() throws InputException {
    ClassLoader context = Thread.currentThread().getContextClassLoader();
    return load(context != null ? context : Plugins.class.getClassLoader());
  }

  /**
   * What a class loader finds.
   *
   * @throws InputException if two plugins have one name
   */
  public static Plugins load(ClassLoader loader) throws InputException {
    return load(loader, PluginWatch.NONE);
  }

  /**
   * What a class loader finds, with somebody who is told whenever a plugin of others is made or
   * asked.
   *
   * @throws InputException if two plugins have one name
   */
  public static Plugins load(ClassLoader loader, PluginWatch watch) throws InputException {
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
        ProviderSet.load(
            ServiceLoader.load(DirtyTrackerProvider.class, loader),
            DirtyTrackerProvider::name,
            GuardedTrackerProvider::new,
            watch),
        ProviderSet.load(
            ServiceLoader.load(MemoryListenerProvider.class, loader),
            MemoryListenerProvider::name,
            GuardedListenerProvider::new,
            watch));
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
    return distinct(
        ProviderSet.of(deviceTypes, DeviceTypeProvider::name, GuardedDeviceType::new),
        ProviderSet.of(virtualIommus, VirtualIommuProvider::name, GuardedIommuProvider::new),
        ProviderSet.of(List.of(), DirtyTrackerProvider::name, GuardedTrackerProvider::new),
        ProviderSet.of(List.of(), MemoryListenerProvider::name, GuardedListenerProvider::new));
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

  /** A vIOMMU is a device type too, so a name is taken for both. */
  private static Plugins distinct(
      ProviderSet<DeviceTypeProvider> deviceTypes,
      ProviderSet<VirtualIommuProvider> virtualIommus,
      ProviderSet<DirtyTrackerProvider> dirtyTrackers,
      ProviderSet<MemoryListenerProvider> memoryListeners)
      throws InputException {
    for (String name : virtualIommus.names()) {
      if (deviceTypes.find(name).isPresent()) {
        throw ProviderSet.clash(deviceTypes.describe(name), virtualIommus.describe(name));
      }
    }
    return new Plugins(deviceTypes, virtualIommus, dirtyTrackers, memoryListeners);
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

  /** A line for each plugin that could not be loaded. */
  public List<String> problems() {
    List<String> all = new ArrayList<>(deviceTypes.problems());
    all.addAll(virtualIommus.problems());
    all.addAll(dirtyTrackers.problems());
    all.addAll(memoryListeners.problems());
    return List.copyOf(all);
  }
}
