package io.github.stopcopy.migration.rules;

import io.github.stopcopy.core.property.OnOffAuto;
import io.github.stopcopy.migration.spi.Finding;
import io.github.stopcopy.migration.spi.MigrationRule;
import io.github.stopcopy.migration.spi.RuleOutcome;
import io.github.stopcopy.migration.spi.VfioDeviceView;
import io.github.stopcopy.migration.spi.VmView;
import java.util.List;

/** A device whose owner forbids its migration blocks the VM's (R-BLK-20). */
final class MigrationDisabledRule implements MigrationRule {

  @Override
  public RuleOutcome apply(VfioDeviceView device, VmView vm) {
    if (device.enableMigration() != OnOffAuto.OFF) {
      return RuleOutcome.pass();
    }
    return new RuleOutcome.BlockDevice(
        new Finding(
            "MIGRATION_DISABLED",
            device.name() + ": Migration is disabled for VFIO device",
            "The property enable-migration=off forbids the migration of this device, and with it"
                + " that of the whole VM.",
            List.of("R-BLK-20")));
  }
}
