package io.github.stopcopy.cli;

import io.github.stopcopy.core.error.InputException;
import io.github.stopcopy.migration.MigrationCheck;
import io.github.stopcopy.migration.RuleSets;
import io.github.stopcopy.migration.lint.LintRuleSet;
import java.util.LinkedHashSet;
import java.util.Set;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;

/** The options that name rule sets whose advice stands beside the answer. */
final class AdviceOptions {

  private final OptionSpec lint =
      Options.flag(
          "--lint",
          "also tell legal but unwise settings; changes neither the verdict nor the exit code");

  private final OptionSpec sets =
      Options.values(
              "--advice",
              "RULESET[,...]",
              "also tell what rule sets of plugins say; `stopcopy plugins` lists them; --lint is"
                  + " --advice lint")
          .splitRegex(",")
          .build();

  /** Gives a command these options. */
  void addTo(CommandSpec spec) {
    spec.addOption(lint);
    spec.addOption(sets);
  }

  /** Whether advice is asked for. */
  boolean isGiven() {
    return Options.isGiven(lint) || namesRuleSets();
  }

  /** Whether rule sets are named, which may be those of plugins; the linter is none of them. */
  boolean namesRuleSets() {
    return !Options.values(sets).isEmpty();
  }

  /** What was asked for, as it was written. */
  String text() {
    return Options.isGiven(lint) ? "--lint" : "--advice";
  }

  /**
   * Lets the sets look at a VM.
   *
   * @param always whether the linter does, asked for or not
   * @throws InputException if a set is not there
   */
  void addTo(MigrationCheck check, RuleSets rules, boolean always) throws InputException {
    Set<String> names = new LinkedHashSet<>();
    if (Options.isGiven(lint) || always) {
      names.add(LintRuleSet.NAME);
    }
    names.addAll(Options.values(sets));
    for (String name : names) {
      rules.named(name);
      check.adviceFrom(name);
    }
  }
}
