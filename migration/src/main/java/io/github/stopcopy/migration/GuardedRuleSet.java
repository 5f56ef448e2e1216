package io.github.stopcopy.migration;

import io.github.stopcopy.core.error.PluginWatch;
import io.github.stopcopy.core.guard.PluginGuard;
import io.github.stopcopy.core.guard.PluginText;
import io.github.stopcopy.core.profile.QemuProfile;
import io.github.stopcopy.migration.spi.Finding;
import io.github.stopcopy.migration.spi.MigrationRule;
import io.github.stopcopy.migration.spi.PlayedVm;
import io.github.stopcopy.migration.spi.RuleOutcome;
import io.github.stopcopy.migration.spi.RuleSetProvider;
import io.github.stopcopy.migration.spi.VfioDeviceView;
import io.github.stopcopy.migration.spi.VmRule;
import io.github.stopcopy.migration.spi.VmView;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;

/** A rule set of somebody else, under the name it had when it came in. */
final class GuardedRuleSet implements RuleSetProvider {

  private final String name;
  private final RuleSetProvider rules;
  private final PluginGuard guard;

  GuardedRuleSet(String name, RuleSetProvider rules, PluginWatch watch) {
    this.name = name;
    this.rules = rules;
    this.guard = new PluginGuard("rule set '" + name + "'", watch);
  }

  private record GuardedVmRule(VmRule rule, PluginGuard guard) implements VmRule {

    @Override
    public List<Found> apply(PlayedVm vm) {
      return guard.call(
          "apply",
          () -> {
            List<Found> found = new ArrayList<>();
            for (Found one : rule.apply(vm)) {
              found.add(
                  new Found(
                      one.device().map(PluginText::oneLine), GuardedRule.inOneLine(one.finding())));
            }
            return found;
          });
    }
  }

  private record GuardedRule(MigrationRule rule, PluginGuard guard) implements MigrationRule {

    @Override
    public boolean needsMigrationObject() {
      return guard.call("needsMigrationObject", rule::needsMigrationObject);
    }

    @Override
    public RuleOutcome apply(VfioDeviceView device, VmView vm) {
      return guard.call("apply", () -> inOneLine(rule.apply(device, vm)));
    }

    private static RuleOutcome inOneLine(RuleOutcome outcome) {
      if (outcome instanceof RuleOutcome.Warn warn) {
        return new RuleOutcome.Warn(inOneLine(warn.finding()));
      } else if (outcome instanceof RuleOutcome.BlockDevice block) {
        return new RuleOutcome.BlockDevice(inOneLine(block.finding()));
      } else if (outcome instanceof RuleOutcome.BlockVm block) {
        return new RuleOutcome.BlockVm(inOneLine(block.finding()));
      } else if (outcome instanceof RuleOutcome.Refuse refuse) {
        return new RuleOutcome.Refuse(inOneLine(refuse.finding()));
      }
      return outcome;
    }

    private static Finding inOneLine(Finding finding) {
      return new Finding(
          PluginText.oneLine(finding.code()),
          Objects.requireNonNull(finding.level()),
          PluginText.oneLine(finding.qemuText()),
          PluginText.oneLine(finding.explanation()),
          finding.rules().stream().map(PluginText::oneLine).toList(),
          finding.changes());
    }
  }

  @Override
  public String name() {
    return name;
  }

  @Override
  public List<MigrationRule> rules(QemuProfile profile) {
    return guard.call(
        "rules",
        () -> {
          List<MigrationRule> guarded = new ArrayList<>();
          for (MigrationRule rule : List.copyOf(rules.rules(profile))) {
            guarded.add(new GuardedRule(rule, guard));
          }
          return guarded;
        });
  }

  @Override
  public List<VmRule> vmRules(QemuProfile profile) {
    return guard.call(
        "vmRules",
        () -> {
          List<VmRule> guarded = new ArrayList<>();
          for (VmRule rule : List.copyOf(rules.vmRules(profile))) {
            guarded.add(new GuardedVmRule(rule, guard));
          }
          return guarded;
        });
  }
}
