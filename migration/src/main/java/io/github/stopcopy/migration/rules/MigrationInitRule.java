package io.github.stopcopy.migration.rules;

import io.github.stopcopy.core.error.Errno;
import io.github.stopcopy.core.host.HostDevice.MigrationSupport;
import io.github.stopcopy.migration.spi.Finding;
import io.github.stopcopy.migration.spi.MigrationRule;
import io.github.stopcopy.migration.spi.RuleOutcome;
import io.github.stopcopy.migration.spi.VfioDeviceView;
import io.github.stopcopy.migration.spi.VmView;
import java.util.List;
import java.util.Optional;

/** The kernel driver of the device must support migration (R-BLK-21, R-BLK-22). */
final class MigrationInitRule implements MigrationRule {

  @Override
  public RuleOutcome apply(VfioDeviceView device, VmView vm) {
    MigrationSupport support = device.migrationSupport();
    Optional<Errno> failed =
        support.error().isEmpty() && !support.stopCopy()
            ? Optional.of(Errno.EOPNOTSUPP)
            : support.error();
    if (failed.isEmpty()) {
      return RuleOutcome.pass();
    }
    Errno errno = failed.get();
    if (errno == Errno.ENOTTY) {
      return new RuleOutcome.BlockDevice(
          new Finding(
              "NO_KERNEL_SUPPORT",
              device.name() + ": VFIO migration is not supported in kernel",
              "The kernel driver bound to this device has no migration support. It takes a variant"
                  + " driver (such as mlx5_vfio_pci) that can save and restore the device's state.",
              List.of("R-BLK-21")));
    }
    return new RuleOutcome.BlockDevice(
        new Finding(
            "MIGRATION_INIT_FAILED",
            device.name()
                + ": Migration couldn't be initialized for VFIO device, err: "
                + -errno.number()
                + " ("
                + errno.text()
                + ")",
            support.error().isEmpty()
                ? "The kernel driver supports migration in part only: it cannot save the state of a"
                    + " stopped device (STOP_COPY), without which nothing can be transferred."
                : "The kernel driver answered with an error when asked how the device migrates.",
            List.of("R-BLK-22")));
  }
}
