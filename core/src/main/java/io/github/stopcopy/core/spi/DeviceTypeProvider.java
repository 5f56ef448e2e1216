package io.github.stopcopy.core.spi;

import io.github.stopcopy.core.profile.QemuProfile;
import io.github.stopcopy.core.property.PropertySchema;

/**
 * Binds a device type of {@code -device} to its properties. Found by {@link
 * java.util.ServiceLoader} or made with {@code new}; implementations are final, have a public
 * constructor without arguments, keep no state and are thread-safe.
 */
public interface DeviceTypeProvider {

  /** The device type, e.g. {@code vfio-pci}. Two providers with one name are an error. */
  String name();

  /** The properties it has in a release, inherited ones included. */
  PropertySchema properties(QemuProfile profile);

  /** Whether {@code device_add} takes it while the VM runs (R-OBS-122). */
  default boolean hotpluggable() {
    return true;
  }
}
