package io.github.stopcopy.cli;

import io.github.stopcopy.core.error.InputException;
import io.github.stopcopy.migration.MigrationCheck;
import io.github.stopcopy.migration.RuleSets;
import io.github.stopcopy.migration.lint.LintRuleSet;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import picocli.CommandLine.Option;

/** The options that name rule sets whose advice stands beside the answer. */
final class AdviceOptions {

  @Option(
      names = "--lint",
      description =
          "also tell legal but unwise settings; changes neither the verdict nor the exit code")
  private boolean lint;

  @Option(
      names = "--advice",
      paramLabel = "RULESET[,...]",
      split = ",",
      description =
          "also tell what rule sets of plugins say; `stopcopy plugins` lists them; --lint is"
              + " --advice lint")
  private List<String> sets = new ArrayList<>();

  /** Whether advice is asked for. */
  boolean isGiven() {
    return lint || !sets.isEmpty();
  }

  /** Whether rule sets are named, which may be those of plugins; the linter is none of them. */
  boolean namesRuleSets() {
    return !sets.isEmpty();
  }

  /** What was asked for, as it was written. */
  String text() {
    return lint ? "--lint" : "--advice";
  }

  /**
   * Lets the sets look at a VM.
   *
   * @param always whether the linter does, asked for or not
   * @throws InputException if a set is not there
   */
  void addTo(MigrationCheck check, RuleSets rules, boolean always) throws InputException {
    Set<String> names = new LinkedHashSet<>();
    if (lint || always) {
      names.add(LintRuleSet.NAME);
    }
    names.addAll(sets);
    for (String name : names) {
      rules.named(name);
      check.adviceFrom(name);
    }
  }
}
