package io.github.stopcopy.cli;

import io.github.stopcopy.cli.FormatOption.Format;
import io.github.stopcopy.cli.fleet.Baseline;
import io.github.stopcopy.cli.fleet.FleetSource;
import io.github.stopcopy.cli.fleet.FleetVms;
import io.github.stopcopy.cli.fleet.InOrder;
import io.github.stopcopy.cli.fleet.NodeHosts;
import io.github.stopcopy.cli.html.FleetPage;
import io.github.stopcopy.cli.input.ReadFiles;
import io.github.stopcopy.cli.report.FleetText;
import io.github.stopcopy.core.error.InputException;
import io.github.stopcopy.core.guard.PluginText;
import io.github.stopcopy.core.profile.QemuProfile;
import io.github.stopcopy.json.FleetJson;
import io.github.stopcopy.migration.TrackerRequest;
import io.github.stopcopy.migration.fleet.FleetCheck;
import io.github.stopcopy.migration.fleet.FleetRow;
import io.github.stopcopy.migration.fleet.FleetSummary;
import io.github.stopcopy.migration.fleet.FleetTally;
import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.Model.PositionalParamSpec;

/** {@code stopcopy fleet}: many VMs, and what they have in common. */
final class FleetCommand implements Subcommand {

  private static final long PROGRESS_NANOS = TimeUnit.SECONDS.toNanos(5);

  private final PositionalParamSpec input =
      PositionalParamSpec.builder()
          .type(String.class)
          .index("0")
          .arity("0..1")
          .paramLabel("INPUT")
          .description(
              "JSON Lines, a VM on each (docs/fleet.md); - for stdin; or a folder with ID.xml",
              "(libvirt), ID.args (command lines), host.json, and folders of the same, one a node")
          .build();

  private final ScenarioOptions options = new ScenarioOptions();

  private final DriverOptions drivers = new DriverOptions();

  private final TrackerOptions trackers = new TrackerOptions();

  private final OptionSpec baselineFile =
      Options.text(
          "--baseline",
          "FILE",
          "what an earlier run printed with --format json; only what is worse is told");

  private final OptionSpec strict =
      Options.flag("--strict", "exit with 1 for a conditional verdict too");

  private final OptionSpec quiet =
      Options.flag(
          "--quiet", "print numbers and causes only, and look for no remedies, which is faster");

  private final ReportOption report = new ReportOption();

  private final PluginOptions pluginOptions = new PluginOptions();

  private final FormatOption format = new FormatOption();

  private final CommandSpec spec =
      Options.command(
          this,
          "Decide for many VMs which can be live-migrated, why others cannot, and what frees"
              + " most.");

  private final FleetTally tally = new FleetTally();
  private final AtomicInteger worstFailure = new AtomicInteger();
  private boolean isReleaseAssumed;
  private Optional<String> firstError = Optional.empty();
  private long answered;
  private long lastProgress;
  private long begun;

  FleetCommand() {
    spec.usageMessage().sortOptions(false);
    spec.addPositional(input);
    options.addTo(spec);
    drivers.addTo(spec);
    trackers.addTo(spec);
    spec.addOption(baselineFile);
    spec.addOption(strict);
    spec.addOption(quiet);
    report.addTo(spec);
    pluginOptions.addTo(spec);
    format.addTo(spec);
    Options.addStandard(spec);
  }

  @Override
  public CommandSpec spec() {
    return spec;
  }

  @Override
  public int call() throws InputException {
    Format answer = format.oneOf(Format.TEXT, Format.JSON, Format.CONDITION, Format.HTML);
    report.check();
    List<QemuProfile.Choice> releases = releases();
    String earlier = Options.value(baselineFile);
    boolean compares = earlier != null || releases.size() > 1;
    PluginOptions.Found found = pluginOptions.load(trackers, new ListenerOptions(), false);
    PrintWriter out = spec.commandLine().getOut();
    PrintWriter err = spec.commandLine().getErr();
    Problems.printPlugins(err, found.plugins(), found.rules());
    ScenarioOptions.Changes given = options.read(new ReadFiles());
    for (QemuProfile.Choice release : releases) {
      release.warning().ifPresent(warning -> Problems.tell(err, warning));
    }
    given.severalIommus().ifPresent(note -> Problems.tell(err, note));
    boolean remedies = !Options.isGiven(quiet) && (answer != Format.CONDITION || report.isGiven());
    FleetCheck check = check(found, releases, remedies);
    Optional<Baseline> baseline =
        earlier == null ? Optional.empty() : Optional.of(Baseline.read(earlier));
    NodeHosts hosts = new NodeHosts();
    FleetVms vms =
        new FleetVms(check, found.plugins(), hosts, given.host(), options.isProfileGiven());
    List<FleetSink> sinks = sinks(answer, out, compares);
    boolean showsProgress = sinks.get(0).isSilentUntilEnd() && VisiblePrinter.isTerminal(2);
    begun = System.nanoTime();
    lastProgress = begun;
    try (FleetSource source = FleetSource.open(input(), hosts)) {
      new InOrder(source, vms, this::failed)
          .answer(
              Runtime.getRuntime().availableProcessors(),
              decided -> {
                FleetRow row = baseline.map(before -> before.compared(decided)).orElse(decided);
                take(row);
                sinks.forEach(sink -> sink.add(row));
                if (showsProgress) {
                  progress(err);
                }
                return answered % 1000 != 0 || !out.checkError();
              });
      if (answered == 0) {
        throw InputException.of(source.expected());
      }
    }
    FleetSummary summary = tally.summary();
    for (FleetSink sink : sinks) {
      sink.end(summary, isReleaseAssumed);
    }
    check
        .unused()
        .forEach(name ->
            Problems.tell(err, "no VM has '" + name + "', which an option names; it changed none"));
    return exitCode(summary, compares, err);
  }

  /** What is printed, and behind it the report. */
  private List<FleetSink> sinks(Format answer, PrintWriter out, boolean compares) {
    List<FleetSink> sinks = new ArrayList<>();
    sinks.add(
        switch (answer) {
          case JSON ->
              new FleetSink.Lines(
                  out,
                  FleetJson::write,
                  summary -> Optional.of(FleetJson.write(summary)),
                  compares);
          case CONDITION ->
              new FleetSink.Lines(out, FleetJson::condition, summary -> Optional.empty(), compares);
          case HTML -> new FleetSink.Page(page(compares), Options.isGiven(quiet), out::print);
          default -> new FleetSink.Text(out, new FleetText(compares), Options.isGiven(quiet));
        });
    if (report.isGiven()) {
      sinks.add(
          new FleetSink.Page(
              page(compares),
              Options.isGiven(quiet),
              written -> {
                out.flush();
                report.write(written);
              }));
    }
    return sinks;
  }

  private String input() {
    return Options.value(input, "-");
  }

  private FleetPage page(boolean compares) {
    String file = input();
    String where = file.equals("-") ? "standard input" : file;
    return new FleetPage(where, VersionProvider.version(), compares);
  }

  private List<QemuProfile.Choice> releases() throws InputException {
    List<QemuProfile.Choice> releases = options.profiles();
    if (releases.size() > 2) {
      throw InputException.of(
          "--qemu-version names "
              + releases.size()
              + " releases, expected one, or two to compare: the one before and the one after");
    } else if (releases.size() == 2 && Options.value(baselineFile) != null) {
      throw InputException.of(
          "--baseline is given with two releases, the first of which is compared with already;"
              + " expected one of them");
    }
    return releases;
  }

  private FleetCheck check(
      PluginOptions.Found found, List<QemuProfile.Choice> releases, boolean remedies)
      throws InputException {
    FleetCheck.Builder builder =
        FleetCheck.builder(found.plugins(), found.rules())
            .apply(options.settings())
            .remedies(remedies);
    drivers.requests().forEach(builder::driver);
    for (TrackerRequest tracker : trackers.requests(found.plugins())) {
      builder.tracker(tracker);
    }
    if (!releases.isEmpty()) {
      builder.profile(releases.get(releases.size() - 1).profile());
    }
    if (releases.size() > 1) {
      builder.comparedWith(releases.get(0).profile());
    }
    return builder.build();
  }

  private void take(FleetRow row) {
    answered++;
    tally.add(row);
    isReleaseAssumed |=
        row.assumptions().stream().anyMatch(assumed -> assumed.subject().equals("qemu"));
    if (firstError.isEmpty() && row.verdict().isEmpty()) {
      firstError = Optional.of(row.error());
    }
  }

  /** A bug of ours, or too little memory, concerns one VM only; the exit code tells of it. */
  private String failed(String place, Throwable failure) {
    if (failure instanceof OutOfMemoryError) {
      return place + ": needs more memory than Java may take here";
    }
    worstFailure.set(ExitCode.INTERNAL);
    return place
        + ": internal error, please report it with your input: "
        + PluginText.describe(failure);
  }

  private int exitCode(FleetSummary summary, boolean compares, PrintWriter err) {
    if (worstFailure.get() != 0) {
      return worstFailure.get();
    } else if (summary.all().unknown() == answered) {
      Problems.tell(err, "no VM could be read; the first: " + firstError.orElseThrow());
      return ExitCode.BAD_INPUT;
    }
    long stuck = compares ? summary.newlyStuck() : summary.all().vms() - summary.all().canMove();
    long worse = compares ? summary.newlyWorse().orElse(0L) : stuck + summary.all().conditional();
    return (Options.isGiven(strict) ? worse : stuck) == 0 ? ExitCode.DONE : ExitCode.NEGATIVE;
  }

  private void progress(PrintWriter err) {
    long now = System.nanoTime();
    if (now - lastProgress >= PROGRESS_NANOS) {
      lastProgress = now;
      long seconds = TimeUnit.NANOSECONDS.toSeconds(now - begun);
      Problems.tell(err, answered + " VMs, " + answered / seconds + " a second");
    }
  }
}
