package io.github.stopcopy.migration.rules;

import io.github.stopcopy.core.property.OnOffAuto;
import io.github.stopcopy.migration.reason.Cause;
import io.github.stopcopy.migration.spi.MigrationRule;
import io.github.stopcopy.migration.spi.RuleOutcome;
import io.github.stopcopy.migration.spi.VfioDeviceView;
import io.github.stopcopy.migration.spi.VmView;

/** A device whose owner forbids its migration blocks the VM's (R-BLK-20). */
final class MigrationDisabledRule implements MigrationRule {

  @Override
  public RuleOutcome apply(VfioDeviceView device, VmView vm) {
    if (device.enableMigration() != OnOffAuto.OFF) {
      return RuleOutcome.pass();
    }
    return new RuleOutcome.BlockDevice(
        Cause.MIGRATION_DISABLED.finding(
            device.name() + ": Migration is disabled for VFIO device"));
  }
}
