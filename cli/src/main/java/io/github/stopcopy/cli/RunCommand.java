package io.github.stopcopy.cli;

import io.github.stopcopy.cli.html.StoryPage;
import io.github.stopcopy.cli.input.InputText;
import io.github.stopcopy.cli.input.ReadFiles;
import io.github.stopcopy.cli.input.Scenarios;
import io.github.stopcopy.cli.report.TraceReport;
import io.github.stopcopy.core.error.InputException;
import io.github.stopcopy.core.plugin.Plugins;
import io.github.stopcopy.json.ScenarioJson;
import io.github.stopcopy.json.VerdictJson;
import io.github.stopcopy.migration.MigrationCheck;
import io.github.stopcopy.migration.Played;
import io.github.stopcopy.migration.RuleSets;
import io.github.stopcopy.migration.TrackerRequest;
import io.github.stopcopy.migration.remedy.RemedyChange;
import io.github.stopcopy.migration.scenario.Scenario;
import io.github.stopcopy.migration.vm.ListenerRequest;
import java.io.PrintWriter;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.Model.PositionalParamSpec;

/** {@code stopcopy run}: plays scenarios and prints what QEMU would do at each step. */
final class RunCommand implements Subcommand {

  private final PositionalParamSpec file =
      PositionalParamSpec.builder()
          .type(String.class)
          .index("0")
          .required(true)
          .paramLabel("FILE")
          .description("scenarios, one JSON object a line, or a single one; - for stdin")
          .build();

  private final OptionSpec trace =
      Options.flag(
          "--trace", "print what happens in each step, a readable line for each event, not JSON");

  private final ReportOption report = new ReportOption();

  private final ScenarioOptions options = new ScenarioOptions();

  private final TrackerOptions trackers = new TrackerOptions();

  private final ListenerOptions listeners = new ListenerOptions();

  private final PluginOptions pluginOptions = new PluginOptions();

  private final CommandSpec spec =
      Options.command(
          this, "Play scenarios (JSON Lines) and print what QEMU would do at each step.");

  /**
   * What is printed of a scenario.
   *
   * @param text the lines
   * @param problems a line for each plugin that failed
   * @param played what the page is made of
   */
  private record Answer(String text, List<String> problems, Optional<Played> played) {}

  RunCommand() {
    spec.addPositional(file);
    spec.addOption(trace);
    report.addTo(spec);
    options.addTo(spec);
    trackers.addTo(spec);
    listeners.addTo(spec);
    pluginOptions.addTo(spec);
    Options.addStandard(spec);
  }

  @Override
  public CommandSpec spec() {
    return spec;
  }

  @Override
  public int call() throws InputException {
    PluginOptions.Found found = pluginOptions.load(trackers, listeners, false);
    Plugins plugins = found.plugins();
    RuleSets rules = found.rules();
    List<TrackerRequest> requests = trackers.requests(plugins);
    List<ListenerRequest> observing = listeners.requests(plugins);
    PrintWriter out = spec.commandLine().getOut();
    PrintWriter err = spec.commandLine().getErr();
    Set<String> told = Problems.printPlugins(err, plugins, rules);
    if (options.isSeveralProfiles()) {
      throw InputException.of("--qemu-version names several releases, expected one");
    }
    report.check();
    ScenarioOptions.Changes changes = options.read(new ReadFiles());
    List<RemedyChange> settings = options.settings();
    changes.warning().ifPresent(warning -> Problems.tell(err, warning));
    boolean withRemedies = !Options.isGiven(trace) || report.isGiven();
    try (InputText input = InputText.open(Options.value(file, "-"))) {
      StoryPage page = new StoryPage(input.name(), VersionProvider.version());
      Set<String> notes = new HashSet<>();
      int code =
          new ScenarioBatch<Answer>(Runtime.getRuntime().availableProcessors(), input, out, err)
              .answerAll(
                  () -> {
                    Scenarios scenarios = new Scenarios();
                    return (text, line, noting) -> {
                      ScenarioJson.Input read = scenarios.next(input.name(), line, text);
                      if (!options.isProfileGiven()) {
                        read.warning().ifPresent(noting);
                      }
                      Scenario scenario = changes.applyTo(read.scenario());
                      MigrationCheck check =
                          MigrationCheck.of(scenario)
                              .plugins(plugins)
                              .ruleSets(rules)
                              .countLaterRefusals(true)
                              .remedies(withRemedies)
                              .trackingCosts(report.isGiven())
                              .apply(settings);
                      requests.forEach(check::tracker);
                      observing.forEach(check::listener);
                      return answer(scenario.id(), check.play());
                    };
                  },
                  new ScenarioBatch.Telling<>() {
                    @Override
                    public void note(String place, String note) {
                      if (Problems.isNew(note, notes)) {
                        Problems.tell(err, place + note);
                      }
                    }

                    @Override
                    public void tell(Answer answer) {
                      Problems.printNew(err, answer.problems(), told);
                      out.print(answer.text());
                      answer.played().ifPresent(page::add);
                    }
                  });
      if (report.isGiven()) {
        if (code != ExitCode.DONE) {
          page.setIncomplete();
        }
        out.flush();
        report.write(page.write());
      }
      return code;
    }
  }

  /** Writes an answer; what was played is kept only where a page is made of it. */
  private Answer answer(String id, Played played) {
    return new Answer(
        Options.isGiven(trace)
            ? TraceReport.write(played)
            : VerdictJson.answer(id, played.verdict()) + "\n",
        played.verdict().problems(),
        report.isGiven() ? Optional.of(played) : Optional.empty());
  }
}
