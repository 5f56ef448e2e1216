package io.github.stopcopy.cli;

import io.github.stopcopy.cli.html.VerdictPage;
import io.github.stopcopy.cli.input.CommandLineInput;
import io.github.stopcopy.cli.input.InputText;
import io.github.stopcopy.cli.input.ReadFiles;
import io.github.stopcopy.cli.report.WatchLines;
import io.github.stopcopy.core.config.VmConfig;
import io.github.stopcopy.core.error.InputException;
import io.github.stopcopy.core.host.HostFacts;
import io.github.stopcopy.core.plugin.Plugins;
import io.github.stopcopy.json.HostJson;
import io.github.stopcopy.live.LiveQemu;
import io.github.stopcopy.live.qmp.QmpAnswer;
import io.github.stopcopy.live.qmp.QmpClient;
import io.github.stopcopy.live.watch.Watch;
import io.github.stopcopy.live.watch.WatchChange;
import io.github.stopcopy.migration.BlockerComparison;
import io.github.stopcopy.migration.MigrationCheck;
import io.github.stopcopy.migration.Played;
import io.github.stopcopy.migration.RuleSets;
import io.github.stopcopy.migration.Verdict;
import io.github.stopcopy.migration.reason.ReasonKind;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;

/** {@code stopcopy watch}: follows a running VM until its QEMU ends. */
final class WatchCommand implements Subcommand {

  private static final Duration WAIT = Duration.ofSeconds(1);

  private final OptionSpec socket =
      Options.value(
              "--qmp",
              "SOCKET",
              "the socket of QEMU's -qmp option, which serves one client at a time")
          .required(true)
          .build();

  private final OptionSpec pid =
      Options.value(
              "--pid",
              "PID",
              "the process of QEMU, whose command line tells the order of its devices")
          .type(Long.class)
          .build();

  private final OptionSpec host = Options.text("--host", "FILE", "facts about the host in JSON");

  private final DriverOptions drivers = new DriverOptions();

  private final OptionSpec guard =
      Options.flag("--guard", "end with 1 as soon as something stands in the way of the migration");

  private final OptionSpec cancel =
      Options.flag("--cancel", "with --guard: also cancel the migration that runs then");

  private final ReportOption report = new ReportOption();

  private final PluginOptions pluginOptions = new PluginOptions();

  private final CommandSpec spec =
      Options.command(
          this,
          "Follow a running VM: its migration, its devices, and what makes the verdict another.",
          "Changes nothing but with --cancel; Ctrl-C leaves the VM as it was.");

  /** What was decided last, and how the running QEMU compares. */
  private @Nullable Played decided;

  private @Nullable BlockerComparison compared;

  private String qemuVersion = "";

  private boolean isDifferent;

  private boolean isFailed;

  WatchCommand() {
    spec.usageMessage().sortOptions(false);
    spec.addOption(socket);
    spec.addOption(pid);
    spec.addOption(host);
    drivers.addTo(spec);
    spec.addOption(guard);
    spec.addOption(cancel);
    report.addTo(spec);
    pluginOptions.addTo(spec);
    Options.addStandard(spec);
  }

  @Override
  public CommandSpec spec() {
    return spec;
  }

  @Override
  public int call() throws InputException {
    if (Options.isGiven(cancel) && !Options.isGiven(guard)) {
      throw InputException.of("--cancel is given without --guard, expected both");
    }
    report.check();
    PluginOptions.Found found = pluginOptions.loadModels();
    Plugins plugins = found.plugins();
    RuleSets rules = found.rules();
    PrintWriter out = spec.commandLine().getOut();
    Problems.printPlugins(spec.commandLine().getErr(), plugins, rules);
    String file = Options.value(host);
    HostFacts known =
        file == null ? HostFacts.CAPABLE : HostJson.read(file, InputText.readAll(file));
    Optional<VmConfig> started = started(plugins);
    try (QmpClient client = QmpClient.connect(Path.of(Options.value(socket, "")))) {
      Watch.Judge judge = qemu -> decide(qemu, known, plugins, rules);
      Watch watch =
          started.isPresent()
              ? new Watch(client, plugins, judge, started.get())
              : new Watch(client, plugins, judge);
      WatchLines lines = new WatchLines(out, VisiblePrinter.onTerminal(out, 1));
      int code = follow(watch, lines);
      writeReport(lines);
      return code;
    }
  }

  private Optional<VmConfig> started(Plugins plugins) throws InputException {
    Long process = Options.number(pid);
    return process == null
        ? Optional.empty()
        : Optional.of(
            CommandLineInput.read(
                    new ReadFiles(), "/proc/" + process + "/cmdline", List.of(), plugins)
                .vm());
  }

  private Verdict decide(LiveQemu qemu, HostFacts known, Plugins plugins, RuleSets rules)
      throws InputException {
    LiveQemu ordered = qemu.inKnownOrder(known, plugins);
    MigrationCheck check = ordered.check(known, plugins).ruleSets(rules);
    check.remedies(report.isGiven()).trackingCosts(report.isGiven());
    drivers.requests().forEach(check::driver);
    if (!report.isGiven()) {
      return check.decide();
    }
    Played played = check.play();
    decided = played;
    qemuVersion = ordered.version();
    return played.verdict();
  }

  private int follow(Watch watch, WatchLines lines) throws InputException {
    while (true) {
      Optional<WatchChange> change = watch.next(WAIT);
      if (change.isEmpty()) {
        continue;
      }
      lines.write(change.get());
      if (change.get() instanceof WatchChange.VerdictChanged judged) {
        isDifferent = !judged.comparison().agrees();
        compared = judged.comparison();
        renewReport(lines);
        if (Options.isGiven(guard) && isHopeless(judged.now())) {
          lines.line(
              Options.isGiven(cancel) ? cancelled(watch.cancelMigration()) : "guard: ends here");
          return ExitCode.NEGATIVE;
        }
      } else if (change.get() instanceof WatchChange.MigrationState state) {
        isFailed = state.now().equals("failed");
      } else if (change.get() instanceof WatchChange.Gone) {
        boolean isNegative =
            isDifferent
                || isFailed
                || watch.verdict().filter(verdict -> !verdict.kind().isPositive()).isPresent();
        return isNegative ? ExitCode.NEGATIVE : ExitCode.DONE;
      }
    }
  }

  /** While the VM is watched, that goes on whatever becomes of the page. */
  private void renewReport(WatchLines lines) {
    try {
      writeReport(lines);
    } catch (InputException failed) {
      Problems.tell(spec.commandLine().getErr(), failed.getMessage());
    }
  }

  /** The page is anew with each verdict, and tells in the end all that was seen. */
  private void writeReport(WatchLines lines) throws InputException {
    Played played = decided;
    if (report.isGiven() && played != null) {
      VerdictPage page = new VerdictPage(played, VersionProvider.version()).seen(lines.last());
      BlockerComparison comparison = compared;
      if (comparison != null) {
        page.running(comparison, qemuVersion);
      }
      report.write(page.write());
    }
  }

  /** Whether something stands in the way that is no condition, even if it is not sure to. */
  private static boolean isHopeless(Verdict verdict) {
    return !verdict.kind().isPositive()
        || verdict.reasons().stream().anyMatch(reason -> reason.kind() != ReasonKind.CONDITION);
  }

  private static String cancelled(QmpAnswer answer) {
    return answer.error().isEmpty()
        ? "guard: migrate_cancel was sent"
        : "guard: migrate_cancel was refused: " + answer.error().get();
  }
}
