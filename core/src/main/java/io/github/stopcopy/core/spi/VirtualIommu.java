package io.github.stopcopy.core.spi;

import io.github.stopcopy.core.address.PciAddress;
import io.github.stopcopy.core.error.QemuError;
import io.github.stopcopy.core.memory.AddressSpace;
import java.util.List;
import java.util.Optional;

/**
 * A realized vIOMMU of one VM. Used on the model's thread; no method blocks. Errors are values with
 * QEMU's text.
 *
 * <p>One that has nothing to translate:
 *
 * {@snippet file="IdleIommu.java" region="viommu"}
 */
public interface VirtualIommu {

  /**
   * The address space of a device, made at the first request and the same ever after. Never the
   * system's own: a device behind a vIOMMU is "preset" even while nothing is translated (R-BLK-31).
   */
  AddressSpace addressSpace(PciAddress requester);

  /**
   * Asked when a device of the host is attached, after its container was set up (R-BLK-53).
   *
   * @return why the device must not be behind this vIOMMU; QEMU's prefix comes before it (R-OBS-4)
   */
  default Optional<QemuError> attach(PciAddress requester, HostIommu host) {
    return Optional.empty();
  }

  /** Told when the device goes. */
  default void detach(PciAddress requester) {}

  /**
   * Asked once all devices of the command line are realized.
   *
   * @param assigned the requesters of VFIO devices, also of those that are not behind the vIOMMU
   * @return why QEMU ends here
   */
  default Optional<QemuError> machineDone(List<PciAddress> assigned) {
    return Optional.empty();
  }

  /**
   * Asked when a device of the host is plugged into the running VM, before it is realized
   * (R-OBS-164).
   *
   * @return why no such device can be plugged, in QEMU's words
   */
  default Optional<QemuError> refusesPlug() {
    return Optional.empty();
  }

  /** Plays what guest software does to the vIOMMU. */
  ActionResult guest(GuestAction action);

  /** How far translation could reach. */
  IovaLimits limits();

  /** The name under which it forbids every migration, for models whose state cannot be saved. */
  default Optional<String> nonMigratable() {
    return Optional.empty();
  }
}
