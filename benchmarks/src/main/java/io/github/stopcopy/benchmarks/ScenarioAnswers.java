package io.github.stopcopy.benchmarks;

import io.github.stopcopy.cli.input.Scenarios;
import io.github.stopcopy.core.error.InputException;
import io.github.stopcopy.core.plugin.Plugins;
import io.github.stopcopy.json.VerdictJson;
import io.github.stopcopy.migration.MigrationCheck;
import io.github.stopcopy.migration.RuleSets;
import io.github.stopcopy.migration.Verdict;
import io.github.stopcopy.migration.scenario.Scenario;

/** Goes the way of {@code stopcopy run}: a line in, a line out. */
public final class ScenarioAnswers {

  private final Plugins plugins;
  private final RuleSets rules;
  private final Scenarios scenarios = new Scenarios();

  /** With all plugins and rule sets that are there. */
  public ScenarioAnswers() throws InputException {
    plugins = Plugins.load();
    rules = RuleSets.load();
  }

  /** Reads a line. */
  public Scenario read(String line) throws InputException {
    return scenarios.next("scenarios", 1, line).scenario();
  }

  /** Decides what was read. */
  public Verdict decide(Scenario scenario) throws InputException {
    return MigrationCheck.of(scenario).plugins(plugins).ruleSets(rules).decide();
  }

  String answer(String line) throws InputException {
    Scenario scenario = read(line);
    return VerdictJson.answer(scenario.id(), decide(scenario));
  }
}
