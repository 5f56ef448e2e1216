package io.github.stopcopy.migration.vm;

import io.github.stopcopy.core.config.DeviceConfig;
import io.github.stopcopy.core.error.InputException;
import io.github.stopcopy.core.error.QemuError;
import io.github.stopcopy.vfiopci.device.VfioPciDevice;
import java.util.Optional;

/** Answers {@code device_add} and {@code device_del}. */
final class PlugCommands {

  private final DeviceRealizer devices;
  private final DeviceBars bars;
  private final OutgoingMigration migration;

  PlugCommands(DeviceRealizer devices, DeviceBars bars, OutgoingMigration migration) {
    this.devices = devices;
    this.bars = bars;
    this.migration = migration;
  }

  Optional<QemuError> add(DeviceConfig device) throws InputException {
    Optional<QemuError> refused = devices.refusesPlug(device, isMigrating());
    return refused.isPresent() ? refused : devices.plug(device).map(DeviceFinding::error);
  }

  Optional<QemuError> addDimm(String id, long size, Optional<Long> at) throws InputException {
    return isMigrating()
        ? Optional.of(QemuError.of("device_add not allowed while migrating"))
        : devices.addDimm(id, size, at);
  }

  Optional<QemuError> remove(String id, boolean released) throws InputException {
    Optional<VfioPciDevice> device = devices.assigned().find(id);
    if (device.isEmpty()) {
      if (devices.knowsId(id)) {
        throw InputException.of(
            "device-del of '" + id + "' is not modelled, expected the id of a VFIO device");
      }
      return Optional.of(QemuError.of("Device '" + id + "' not found"));
    }
    Optional<QemuError> refused = devices.refusesUnplug(device.get());
    if (refused.isPresent()) {
      return refused;
    }
    if (isMigrating()) {
      return Optional.of(QemuError.of("device_del not allowed while migrating"));
    }
    if (released) {
      bars.remove(device.get());
      devices.remove(device.get());
    }
    return Optional.empty();
  }

  private boolean isMigrating() {
    return migration.status().isRunning(true);
  }
}
