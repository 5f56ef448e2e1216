package io.github.stopcopy.cli.vectors;

import io.github.stopcopy.cli.input.Scenarios;
import io.github.stopcopy.core.error.InputException;
import io.github.stopcopy.core.plugin.Plugins;
import io.github.stopcopy.json.VerdictJson;
import io.github.stopcopy.migration.MigrationCheck;
import io.github.stopcopy.migration.RuleSets;
import io.github.stopcopy.migration.scenario.Scenario;

/** Goes the way of {@code stopcopy run}: a line in, a line out. */
public final class ScenarioRunner {

  private final Plugins plugins;
  private final RuleSets rules;

  /** A runner with the plugins that are found. */
  public ScenarioRunner() throws InputException {
    plugins = Plugins.load();
    rules = RuleSets.load();
  }

  /** The answer to a line. */
  public String answer(String line) throws InputException {
    Scenario scenario = Scenarios.read("scenarios", 1, line).scenario();
    return VerdictJson.answer(
        scenario.id(),
        MigrationCheck.of(scenario)
            .plugins(plugins)
            .ruleSets(rules)
            .countLaterRefusals(true)
            .decide());
  }
}
