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
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code stopcopy run}: plays scenarios and prints what QEMU would do at each step. */
@Command(
    mixinStandardHelpOptions = true,
    description = "Play scenarios (JSON Lines) and print what QEMU would do at each step.")
final class RunCommand implements Callable<Integer> {

  @Parameters(
      paramLabel = "FILE",
      description = "scenarios, one JSON object a line, or a single one; - for stdin")
  private String file = "-";

  @Option(
      names = "--trace",
      description = "print what happens in each step, a readable line for each event, not JSON")
  private boolean trace;

  @Mixin private ReportOption report = new ReportOption();

  @Mixin private ScenarioOptions options = new ScenarioOptions();

  @Mixin private TrackerOptions trackers = new TrackerOptions();

  @Mixin private ListenerOptions listeners = new ListenerOptions();

  @Mixin private PluginOptions pluginOptions = new PluginOptions();

  @Spec private CommandSpec spec;

  @Override
  public Integer call() throws InputException {
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
    Set<String> notes = new HashSet<>();
    Scenarios scenarios = new Scenarios();
    try (InputText input = InputText.open(file)) {
      StoryPage page = new StoryPage(input.name(), VersionProvider.version());
      ScenarioBatch batch = new ScenarioBatch(input, out, err);
      int code =
          batch.answerAll(text -> {
            ScenarioJson.Input read = scenarios.next(input.name(), input.line(), text);
            Optional<String> warning = options.isProfileGiven() ? Optional.empty() : read.warning();
            if (warning.isPresent() && Problems.isNew(warning.get(), notes)) {
              Problems.tell(err, batch.place() + warning.get());
            }
            Scenario scenario = changes.applyTo(read.scenario());
            MigrationCheck check =
                MigrationCheck.of(scenario)
                    .plugins(plugins)
                    .ruleSets(rules)
                    .countLaterRefusals(true)
                    .remedies(!trace || report.isGiven())
                    .trackingCosts(report.isGiven())
                    .apply(settings);
            requests.forEach(check::tracker);
            observing.forEach(check::listener);
            Played played = check.play();
            Problems.printNew(err, played.verdict().problems(), told);
            out.print(
                trace
                    ? TraceReport.write(played)
                    : VerdictJson.answer(scenario.id(), played.verdict()) + "\n");
            if (report.isGiven()) {
              page.add(played);
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
}
