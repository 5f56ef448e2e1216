package io.github.stopcopy.migration.vm;

import io.github.stopcopy.core.error.QemuError;
import io.github.stopcopy.vfiopci.VfioDevice;
import io.github.stopcopy.vfiopci.device.VfioPciDevice;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/**
 * The states of the VFIO devices of a VM in a migration stream: what is sent, and what the VM takes
 * when one comes in. Not thread-safe, like the VM.
 */
public final class DeviceStates {

  private static final String SECTION = "/vfio";

  private final DeviceRealizer devices;
  private final OutgoingMigration migration;
  private final QemuLifetime qemu;

  DeviceStates(DeviceRealizer devices, OutgoingMigration migration, QemuLifetime qemu) {
    this.devices = devices;
    this.migration = migration;
    this.qemu = qemu;
  }

  /**
   * The section that would carry a device's state, named after QEMU's path of it in the guest, e.g.
   * {@code 0000:00:05.0/vfio}; hosts do not matter (R-MIG-50).
   */
  public String section(VfioDevice device) {
    return devices.path(device) + SECTION;
  }

  /**
   * The devices whose state a migration sends or loads, by the section that carries it (R-MIG-50),
   * in the order sent.
   */
  public Map<String, VfioDevice> bySection() {
    Map<String, VfioDevice> sections = new LinkedHashMap<>();
    for (VfioPciDevice device : migration.handlers()) {
      sections.put(section(device), device);
    }
    return sections;
  }

  /**
   * A migration that comes in begins to bring a device's state (R-OBS-116).
   *
   * @param device one of {@link #bySection}
   * @return why the device does not take it
   */
  public Optional<QemuError> load(VfioDevice device) {
    if (device instanceof VfioPciDevice part && part.migration().isPresent()) {
      return qemu.play(Optional.empty(), part.migration().get()::loadSetup);
    }
    throw new IllegalArgumentException(device.name() + " takes no part in migrations");
  }

  /** All has come in, and the VM runs here (R-OBS-116). */
  public void runVm() {
    qemu.playUnlessOver(migration::runVm);
  }
}
