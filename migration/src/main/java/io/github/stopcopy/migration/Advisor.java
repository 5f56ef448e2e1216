package io.github.stopcopy.migration;

import io.github.stopcopy.core.error.PluginFailure;
import io.github.stopcopy.migration.spi.Finding;
import io.github.stopcopy.migration.spi.MigrationRule;
import io.github.stopcopy.migration.spi.RuleOutcome;
import io.github.stopcopy.migration.spi.RuleSetProvider;
import io.github.stopcopy.migration.spi.VfioDeviceView;
import io.github.stopcopy.migration.vm.Vm;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Asks rule sets of others about a VM. A set that fails costs its own advice and nothing else. */
final class Advisor {

  private final Vm vm;
  private final List<Advice> advice = new ArrayList<>();
  private final List<String> problems = new ArrayList<>();

  Advisor(Vm vm) {
    this.vm = vm;
  }

  List<Advice> advice() {
    return advice;
  }

  /** A line for each set that failed. */
  List<String> problems() {
    return problems;
  }

  void ask(String name, RuleSetProvider rules) {
    try {
      advice.addAll(findings(name, rules));
    } catch (PluginFailure failure) {
      problems.add(
          "rule set '" + name + "' failed and its advice is left out: " + failure.reason());
    }
  }

  private List<Advice> findings(String name, RuleSetProvider rules) {
    List<Advice> found = new ArrayList<>();
    for (VfioDeviceView device : vm.deviceViews()) {
      for (MigrationRule rule : rules.rules(vm.view().profile())) {
        finding(rule.apply(device, vm.view()))
            .ifPresent(what -> found.add(new Advice(name, device.name(), what)));
      }
    }
    return found;
  }

  private static Optional<Finding> finding(RuleOutcome outcome) {
    if (outcome instanceof RuleOutcome.Warn warn) {
      return Optional.of(warn.finding());
    } else if (outcome instanceof RuleOutcome.BlockDevice block) {
      return Optional.of(block.finding());
    } else if (outcome instanceof RuleOutcome.BlockVm block) {
      return Optional.of(block.finding());
    } else if (outcome instanceof RuleOutcome.Refuse refuse) {
      return Optional.of(refuse.finding());
    }
    return Optional.empty();
  }
}
