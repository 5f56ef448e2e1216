package io.github.stopcopy.migration.rules;

import com.google.auto.service.AutoService;
import io.github.stopcopy.core.guard.BuiltIn;
import io.github.stopcopy.core.profile.QemuProfile;
import io.github.stopcopy.migration.spi.MigrationRule;
import io.github.stopcopy.migration.spi.RuleSetProvider;
import io.github.stopcopy.vfiopci.environment.VfioBehaviour;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/** QEMU's own rules for a device that is realized, in QEMU's order (R-BLK-20 .. R-BLK-28). */
@BuiltIn
@AutoService(RuleSetProvider.class)
public final class QemuRuleSet implements RuleSetProvider {

  /** The name of the set that decides. */
  public static final String NAME = "qemu";

  /** They have no state, and each VM that is played asks for those of its release. */
  private static final Map<QemuProfile, List<MigrationRule>> RULES = byRelease();

  /** For ServiceLoader. */
  public QemuRuleSet() {}

  @Override
  public String name() {
    return NAME;
  }

  @Override
  public List<MigrationRule> rules(QemuProfile profile) {
    return Objects.requireNonNull(RULES.get(profile), "each release has rules");
  }

  private static Map<QemuProfile, List<MigrationRule>> byRelease() {
    Map<QemuProfile, List<MigrationRule>> rules = new EnumMap<>(QemuProfile.class);
    for (QemuProfile profile : QemuProfile.values()) {
      VfioBehaviour behaviour = VfioBehaviour.of(profile);
      rules.put(
          profile,
          List.of(
              new MigrationDisabledRule(),
              new MigrationInitRule(behaviour),
              new DirtyTrackingRule(behaviour),
              new MultipleDevicesRule(behaviour),
              new VirtualIommuRule(behaviour)));
    }
    return rules;
  }
}
