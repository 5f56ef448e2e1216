package io.github.stopcopy.live;

import io.github.stopcopy.live.qmp.QmpValue;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * A device of a running QEMU.
 *
 * @param path where it is in QEMU's tree of objects
 * @param type the device type
 * @param id its id, if it has one
 * @param properties what it holds, by name
 */
record LiveDevice(String path, String type, Optional<String> id, Map<String, QmpValue> properties) {

  private static final Set<String> VFIO = Set.of("vfio-pci", "vfio-pci-nohotplug");
  private static final String NO_HOST = "ffff:ff:ff.f";

  boolean isVfio() {
    return VFIO.contains(type);
  }

  boolean isVirtualIommu() {
    return type.contains("iommu") || type.contains("smmu");
  }

  /** A property as text; empty if it has none or an empty one. */
  Optional<String> text(String name) {
    return Optional.ofNullable(properties.get(name))
        .flatMap(QmpValue::text)
        .filter(text -> !text.isEmpty());
  }

  /** The path of its bus; empty for one that is on none. */
  Optional<String> busPath() {
    return text("parent_bus");
  }

  /** The name of its bus; empty for one that is on none. */
  Optional<String> bus() {
    return busPath().map(LiveDevice::lastName);
  }

  /** The address of the host's device; empty if it is named by its folder. */
  Optional<String> host() {
    return text("host").filter(address -> !address.equals(NO_HOST));
  }

  /** How the model and QEMU's texts call a VFIO device; empty for others. */
  Optional<String> vfioName() {
    return isVfio()
        ? host().or(() -> text("sysfsdev").map(LiveDevice::lastName))
        : Optional.empty();
  }

  /** Slot and function, eight to a slot; empty if it is not on PCI. */
  Optional<Long> devfn() {
    return Optional.ofNullable(properties.get("addr")).flatMap(QmpValue::number);
  }

  static String lastName(String path) {
    return path.substring(path.lastIndexOf('/') + 1);
  }
}
