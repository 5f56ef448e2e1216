package io.github.stopcopy.core.plugin;

import io.github.stopcopy.core.error.InputException;
import io.github.stopcopy.core.spi.DeviceTypeProvider;
import io.github.stopcopy.core.spi.VirtualIommuProvider;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.ServiceLoader;

/**
 * The device types and vIOMMU models that are there. Nothing is cached: each call of {@code load}
 * looks anew. Immutable, thread-safe.
 */
public final class Plugins {

  private final ProviderSet<DeviceTypeProvider> deviceTypes;
  private final ProviderSet<VirtualIommuProvider> virtualIommus;

  private Plugins(
      ProviderSet<DeviceTypeProvider> deviceTypes,
      ProviderSet<VirtualIommuProvider> virtualIommus) {
    this.deviceTypes = deviceTypes;
    this.virtualIommus = virtualIommus;
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
            ServiceLoader.load(VirtualIommuProvider.class, loader), VirtualIommuProvider::name));
  }

  /**
   * Exactly these providers, without ServiceLoader.
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
        ProviderSet.of(virtualIommus, VirtualIommuProvider::name));
  }

  private static String nameOfDeviceType(DeviceTypeProvider provider) {
    if (provider instanceof VirtualIommuProvider) {
      throw new IllegalArgumentException(
          provider.getClass().getName() + " is a vIOMMU model, expected it as a service "
              + VirtualIommuProvider.class.getName());
    }
    return provider.name();
  }

  /** A vIOMMU is a device type too, so a name is taken for both. */
  private static Plugins distinct(
      ProviderSet<DeviceTypeProvider> deviceTypes, ProviderSet<VirtualIommuProvider> virtualIommus)
      throws InputException {
    for (String name : virtualIommus.names()) {
      Optional<DeviceTypeProvider> other = deviceTypes.find(name);
      if (other.isPresent()) {
        throw ProviderSet.clash(name, other.get(), virtualIommus.find(name).orElseThrow());
      }
    }
    return new Plugins(deviceTypes, virtualIommus);
  }

  /** The device types that are no vIOMMU. */
  public ProviderSet<DeviceTypeProvider> deviceTypes() {
    return deviceTypes;
  }

  /** The vIOMMU models. */
  public ProviderSet<VirtualIommuProvider> virtualIommus() {
    return virtualIommus;
  }

  /** A line for each plugin that could not be loaded. */
  public List<String> problems() {
    List<String> all = new ArrayList<>(deviceTypes.problems());
    all.addAll(virtualIommus.problems());
    return List.copyOf(all);
  }
}
