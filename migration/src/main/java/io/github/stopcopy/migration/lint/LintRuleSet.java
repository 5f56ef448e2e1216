package io.github.stopcopy.migration.lint;

import com.google.auto.service.AutoService;
import io.github.stopcopy.core.guard.BuiltIn;
import io.github.stopcopy.core.profile.QemuProfile;
import io.github.stopcopy.migration.spi.MigrationRule;
import io.github.stopcopy.migration.spi.RuleSetProvider;
import io.github.stopcopy.migration.spi.VmRule;
import java.util.List;

/** Finds settings that are legal and unwise; see {@link LintCode}. */
@BuiltIn
@AutoService(RuleSetProvider.class)
public final class LintRuleSet implements RuleSetProvider {

  /** The name of the set. */
  public static final String NAME = "lint";

  private static final List<VmRule> RULES =
      List.of(
          ViommuLints::deviceOrder,
          ViommuLints::cachingMode,
          ViommuLints::narrowerThanMemory,
          ViommuLints::widerThanHost,
          ViommuLints::notNeeded,
          ViommuLints::extendedInterrupts,
          ViommuLints::dmaTranslation,
          DeviceLints::passthroughOption,
          DeviceLints::iommufd,
          DeviceLints::failover,
          DeviceLints::barsNotMapped,
          DeviceLints::multifdTransfer,
          TrackingLints::preCopy,
          TrackingLints::deviceLog,
          TrackingLints::hiddenUntilMigration,
          ReleaseLints::properties,
          ReleaseLints::machineType);

  /** For ServiceLoader. */
  public LintRuleSet() {}

  @Override
  public String name() {
    return NAME;
  }

  @Override
  public List<MigrationRule> rules(QemuProfile profile) {
    return List.of();
  }

  @Override
  public List<VmRule> vmRules(QemuProfile profile) {
    return RULES;
  }
}
