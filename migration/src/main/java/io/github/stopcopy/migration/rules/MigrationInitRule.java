package io.github.stopcopy.migration.rules;

import io.github.stopcopy.core.error.Errno;
import io.github.stopcopy.core.host.HostDevice.MigrationSupport;
import io.github.stopcopy.migration.reason.Cause;
import io.github.stopcopy.migration.spi.MigrationRule;
import io.github.stopcopy.migration.spi.RuleOutcome;
import io.github.stopcopy.migration.spi.VfioDeviceView;
import io.github.stopcopy.migration.spi.VmView;
import io.github.stopcopy.vfiopci.environment.VfioBehaviour;
import java.util.Optional;

/** The kernel driver of the device must support migration (R-BLK-21, R-BLK-22, R-OBS-102). */
final class MigrationInitRule implements MigrationRule {

  private final VfioBehaviour behaviour;

  MigrationInitRule(VfioBehaviour behaviour) {
    this.behaviour = behaviour;
  }

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
    String text = device.name() + ": " + text(errno, support.error().isPresent());
    if (errno == Errno.ENOTTY) {
      return new RuleOutcome.BlockDevice(Cause.NO_KERNEL_SUPPORT.finding(text));
    }
    Cause cause = support.error().isEmpty() ? Cause.NO_STOP_COPY : Cause.DRIVER_ANSWERS_WITH_ERROR;
    return new RuleOutcome.BlockDevice(cause.finding(text));
  }

  /** R-BLK-21, R-BLK-22; later releases say what they asked the kernel for (R-OBS-102). */
  private String text(Errno errno, boolean asked) {
    if (behaviour.initErrorsSayWhat()) {
      String what = "VFIO migration init failed: ";
      if (!asked) {
        return what + "VFIO_MIGRATION_STOP_COPY is not supported";
      }
      return errno == Errno.ENOTTY
          ? what + "migration is not supported in kernel: " + errno.text()
          : what + "failed to query migration flags: " + errno.text();
    }
    return errno == Errno.ENOTTY
        ? "VFIO migration is not supported in kernel"
        : "Migration couldn't be initialized for VFIO device, err: "
            + -errno.number()
            + " ("
            + errno.text()
            + ")";
  }
}
