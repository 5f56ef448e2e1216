package io.github.stopcopy.migration.rules;

import io.github.stopcopy.core.error.Errno;
import io.github.stopcopy.core.host.HostDevice.MigrationSupport;
import io.github.stopcopy.migration.reason.Cause;
import io.github.stopcopy.migration.spi.MigrationRule;
import io.github.stopcopy.migration.spi.RuleOutcome;
import io.github.stopcopy.migration.spi.VfioDeviceView;
import io.github.stopcopy.migration.spi.VmView;
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
          Cause.NO_KERNEL_SUPPORT.finding(
              device.name() + ": VFIO migration is not supported in kernel"));
    }
    Cause cause = support.error().isEmpty() ? Cause.NO_STOP_COPY : Cause.DRIVER_ANSWERS_WITH_ERROR;
    return new RuleOutcome.BlockDevice(
        cause.finding(
            device.name()
                + ": Migration couldn't be initialized for VFIO device, err: "
                + -errno.number()
                + " ("
                + errno.text()
                + ")"));
  }
}
