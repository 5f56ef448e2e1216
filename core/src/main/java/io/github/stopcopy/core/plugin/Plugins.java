package io.github.stopcopy.core.plugin;

import io.github.stopcopy.core.error.InputException;
import io.github.stopcopy.core.spi.DeviceTypeProvider;
import io.github.stopcopy.core.spi.DirtyTrackerProvider;
import io.github.stopcopy.core.spi.VirtualIommuProvider;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.ServiceLoader;

/**
 * The device types, vIOMMU models and dirty trackers that are there. Nothing is cached: each call
 * of {@code load} looks anew. Immutable, thread-safe: what was loaded once can be used for any
 * number of decisions, also on several threads at a time. Providers are asked by all of these
 * threads, and what they make belongs to one decision.
 *
 * {@snippet file="VerdictTest.java" region="plugins"}
 */
public final class Plugins {

  private final ProviderSet<DeviceTypeProvider> deviceTypes;
  private final ProviderSet<VirtualIommuProvider> virtualIommus;
  private final ProviderSet<DirtyTrackerProvider> dirtyTrackers;

  private Plugins(
      ProviderSet<DeviceTypeProvider> deviceTypes,
      ProviderSet<VirtualIommuProvider> virtualIommus,
      ProviderSet<DirtyTrackerProvider> dirtyTrackers) {
    this.deviceTypes = deviceTypes;
    this.virtualIommus = virtualIommus;
    this.dirtyTrackers = dirtyTrackers;
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
    return distinct(
        ProviderSet.load(
            ServiceLoader.load(DeviceTypeProvider.class, loader), Plugins::nameOfDeviceType),
        ProviderSet.load(
            ServiceLoader.load(VirtualIommuProvider.class, loader), VirtualIommuProvider::name),
        ProviderSet.load(
            ServiceLoader.load(DirtyTrackerProvider.class, loader), DirtyTrackerProvider::name));
  }

  /**
   * Exactly these device types and vIOMMU models, without ServiceLoader and without dirty trackers.
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
        ProviderSet.of(deviceTypes, DeviceTypeProvider::name),
        ProviderSet.of(virtualIommus, VirtualIommuProvider::name),
        ProviderSet.of(List.of(), DirtyTrackerProvider::name));
  }

  /**
   * The same device types and vIOMMU models with exactly these dirty trackers.
   *
   * @throws InputException if two have one name
   */
  public Plugins withDirtyTrackers(List<? extends DirtyTrackerProvider> providers)
      throws InputException {
    return new Plugins(
        deviceTypes, virtualIommus, ProviderSet.of(providers, DirtyTrackerProvider::name));
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
      ProviderSet<DirtyTrackerProvider> dirtyTrackers)
      throws InputException {
    for (String name : virtualIommus.names()) {
      Optional<DeviceTypeProvider> other = deviceTypes.find(name);
      if (other.isPresent()) {
        throw ProviderSet.clash(name, other.get(), virtualIommus.find(name).orElseThrow());
      }
    }
    return new Plugins(deviceTypes, virtualIommus, dirtyTrackers);
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

  /** A line for each plugin that could not be loaded. */
  public List<String> problems() {
    List<String> all = new ArrayList<>(deviceTypes.problems());
    all.addAll(virtualIommus.problems());
    all.addAll(dirtyTrackers.problems());
    return List.copyOf(all);
  }
}
