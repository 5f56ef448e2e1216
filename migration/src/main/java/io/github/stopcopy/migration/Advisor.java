package io.github.stopcopy.migration;

import io.github.stopcopy.core.error.PluginFailure;
import io.github.stopcopy.migration.spi.Finding;
import io.github.stopcopy.migration.spi.MigrationRule;
import io.github.stopcopy.migration.spi.PlayedVm;
import io.github.stopcopy.migration.spi.RuleOutcome;
import io.github.stopcopy.migration.spi.RuleSetProvider;
import io.github.stopcopy.migration.spi.VfioDeviceView;
import io.github.stopcopy.migration.spi.VmRule;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Asks rule sets of others about a VM. A set that fails costs its own advice and nothing else. */
final class Advisor {

  private final PlayedVm vm;
  private final AdviceProof proof;
  private final List<Advice> advice = new ArrayList<>();
  private final List<String> problems = new ArrayList<>();

  Advisor(PlayedVm vm, AdviceProof proof) {
    this.vm = vm;
    this.proof = proof;
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
      advice.addAll(proof.proven(rules, findings(name, rules, vm)));
    } catch (PluginFailure failure) {
      problems.add(
          "rule set '" + name + "' failed and its advice is left out: " + failure.reason());
    }
  }

  /** What a set says of a VM; whether its changes help is not known yet. */
  static List<Advice> findings(String name, RuleSetProvider rules, PlayedVm vm) {
    List<Advice> found = new ArrayList<>();
    for (VfioDeviceView device : vm.devices()) {
      for (MigrationRule rule : rules.rules(vm.profile())) {
        finding(rule.apply(device, vm))
            .ifPresent(what ->
                found.add(new Advice(name, Optional.of(device.name()), what, Optional.empty())));
      }
    }
    for (VmRule rule : rules.vmRules(vm.profile())) {
      for (VmRule.Found what : rule.apply(vm)) {
        found.add(new Advice(name, what.device(), what.finding(), Optional.empty()));
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
