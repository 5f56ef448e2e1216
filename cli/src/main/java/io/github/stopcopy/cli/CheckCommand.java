package io.github.stopcopy.cli;

import io.github.stopcopy.cli.FormatOption.Format;
import io.github.stopcopy.cli.input.CommandLineInput;
import io.github.stopcopy.cli.input.ReadFiles;
import io.github.stopcopy.cli.input.Scenarios;
import io.github.stopcopy.cli.report.CheckList;
import io.github.stopcopy.cli.report.ComparisonLines;
import io.github.stopcopy.cli.report.ProfileReport;
import io.github.stopcopy.cli.report.ProfileTable;
import io.github.stopcopy.cli.report.ProofLines;
import io.github.stopcopy.cli.report.TextReport;
import io.github.stopcopy.core.config.VmConfig;
import io.github.stopcopy.core.error.InputException;
import io.github.stopcopy.core.host.HostFacts;
import io.github.stopcopy.core.plugin.Plugins;
import io.github.stopcopy.core.profile.QemuProfile;
import io.github.stopcopy.json.ConditionJson;
import io.github.stopcopy.json.ScenarioJson;
import io.github.stopcopy.json.VerdictJson;
import io.github.stopcopy.live.LiveQemu;
import io.github.stopcopy.live.qmp.QmpClient;
import io.github.stopcopy.live.qmp.QmpRecord;
import io.github.stopcopy.migration.BlockerComparison;
import io.github.stopcopy.migration.DriverRequest;
import io.github.stopcopy.migration.MigrationCheck;
import io.github.stopcopy.migration.Played;
import io.github.stopcopy.migration.ProfileOrigin;
import io.github.stopcopy.migration.Proof;
import io.github.stopcopy.migration.RuleSets;
import io.github.stopcopy.migration.TrackerRequest;
import io.github.stopcopy.migration.Verdict;
import io.github.stopcopy.migration.VerdictKind;
import io.github.stopcopy.migration.destination.Destination;
import io.github.stopcopy.migration.scenario.Scenario;
import io.github.stopcopy.migration.vm.ListenerRequest;
import io.github.stopcopy.qemu.libvirt.LibvirtDomain;
import io.github.stopcopy.qemu.mtree.MtreeReader;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code stopcopy check}: one VM, booted and migrated on the model, and the answer explained. */
@Command(
    name = "check",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    description = "Decide whether one VM can be live-migrated, and explain.")
final class CheckCommand implements Callable<Integer> {

  @Mixin private CheckInput input = new CheckInput();

  @Option(
      names = "--mtree",
      paramLabel = "FILE",
      description = "the output of `info mtree -f` of that VM; gives the addresses of BARs")
  private @Nullable String mtree;

  @Option(
      names = "--readconfig",
      paramLabel = "FILE",
      description = "the file that -readconfig names, if it is not beside the input; repeatable")
  private List<String> readConfigs = new ArrayList<>();

  @Mixin private ScenarioOptions options = new ScenarioOptions();

  @Mixin private DriverOptions drivers = new DriverOptions();

  @Mixin private LiveOptions liveOptions = new LiveOptions();

  @Option(names = "--strict", description = "exit with 1 for a conditional verdict too")
  private boolean strict;

  @Option(names = "--quiet", description = "print the verdict and its causes only")
  private boolean quiet;

  @Option(
      names = "--checks",
      description = "also print a line for each question that was asked, and what was read")
  private boolean checks;

  @Mixin private ProveOption prove = new ProveOption();

  @Mixin private ModeOption mode = new ModeOption();

  @Mixin private DestinationOptions destinationOptions = new DestinationOptions();

  @Mixin private TrackerOptions trackers = new TrackerOptions();

  @Mixin private ListenerOptions listeners = new ListenerOptions();

  @Mixin private PluginOptions pluginOptions = new PluginOptions();

  @Mixin private FormatOption format = new FormatOption();

  @Spec private CommandSpec spec;

  private final ReadFiles files = new ReadFiles();

  private @Nullable String dump;

  /** The words of the VM's command line; none of a running VM. */
  private List<String> argv = List.of();

  /** The QEMU that is to show the verdict. */
  private Optional<VmProof> proof = Optional.empty();

  /** What else libvirt says of the VM, if it describes it. */
  private Optional<LibvirtDomain> domain = Optional.empty();

  /** The running VM, if it is one. */
  private Optional<LiveQemu> live = Optional.empty();

  private Optional<Destination> destination = Optional.empty();

  /** The release that the input names. */
  private Optional<QemuProfile.Choice> release = Optional.empty();

  @Override
  public Integer call() throws InputException {
    try {
      return decide();
    } finally {
      proof.ifPresent(VmProof::close);
    }
  }

  private int decide() throws InputException {
    Format answer = format.oneOf(Format.TEXT, Format.JSON, Format.CONDITION);
    boolean json = answer == Format.JSON;
    refuseWhatDoesNotFit(answer);
    input.check();
    if (liveOptions.isGiven() && !input.isLive()) {
      throw InputException.of(
          "--pid and --anonymize are about a running QEMU, expected them with --qmp or"
              + " --qmp-record");
    }
    PluginOptions.Found found = pluginOptions.load();
    Plugins plugins = found.plugins();
    RuleSets rules = found.rules();
    List<TrackerRequest> requests = trackers.requests(plugins);
    List<ListenerRequest> observing = listeners.requests(plugins);
    PrintWriter out = spec.commandLine().getOut();
    PrintWriter err = spec.commandLine().getErr();
    Set<String> printed = Problems.printPlugins(err, plugins, rules);
    if (prove.program().isPresent()) {
      proof = Optional.of(VmProof.open(prove.program().get(), found));
    }
    List<String> notes = new ArrayList<>();
    Scenario scenario = readScenario(plugins, notes);
    destination = destinationOptions.read(files, notes);
    if (options.isSeveralProfiles()) {
      ProfileReport report = new ProfileReport(options.isAllProfiles());
      Verdict deciding = null;
      for (QemuProfile.Choice choice : options.profiles()) {
        QemuProfile profile = choice.profile();
        List<String> told = new ArrayList<>(notes);
        choice.warning().ifPresent(told::add);
        MigrationCheck check =
            check(scenario.withProfile(profile), told, plugins, rules, requests).remedies(!quiet);
        observing.forEach(check::listener);
        Verdict verdict = play(check).verdict();
        Problems.printNew(err, verdict.problems(), printed);
        report.put(verdict);
        if (!options.isAllProfiles() || profile == defaultProfile()) {
          deciding = verdict;
        }
      }
      if (json) {
        out.print(report.json() + "\n");
      } else {
        out.print(quiet ? ProfileTable.causes(report) : ProfileTable.write(report));
      }
      return isPositive(Objects.requireNonNull(deciding)) ? ExitCode.DONE : ExitCode.NEGATIVE;
    }
    MigrationCheck check =
        check(scenario, notes, plugins, rules, requests)
            .trackingCosts(!quiet && answer != Format.CONDITION)
            .remedies(!quiet && answer != Format.CONDITION);
    observing.forEach(check::listener);
    Played played = play(check);
    Verdict verdict = played.verdict();
    Problems.printNew(err, verdict.problems(), printed);
    Optional<BlockerComparison> actual =
        isAsItRuns() ? live.map(qemu -> qemu.compare(verdict)) : Optional.empty();
    Optional<Proof> shown = Optional.empty();
    if (proof.isPresent()) {
      shown = Optional.of(proof.get().prove(argv, played.story().scenario(), verdict));
    }
    if (answer == Format.CONDITION) {
      out.print(ConditionJson.write(verdict) + "\n");
    } else if (json) {
      out.print(
          VerdictJson.write(
                  verdict,
                  actual,
                  shown,
                  checks ? Optional.of(played.questions()) : Optional.empty(),
                  files.digests())
              + "\n");
    } else {
      out.print(quiet ? TextReport.causes(played) : TextReport.write(played));
      actual.ifPresent(
          compared -> out.print(ComparisonLines.write(compared, live.orElseThrow().version())));
      shown.ifPresent(what -> out.print(ProofLines.write(what)));
      if (checks) {
        out.print(CheckList.write(played, files.digests(), VersionProvider.version()));
      }
    }
    boolean differs = actual.isPresent() && !actual.get().agrees();
    differs |= shown.isPresent() && shown.get().result() != Proof.Result.AGREES;
    return isPositive(verdict) && !differs ? ExitCode.DONE : ExitCode.NEGATIVE;
  }

  /** Whether nothing is asked about that is otherwise than it runs. */
  private boolean isAsItRuns() throws InputException {
    return options.settings().isEmpty() && !options.isProfileGiven();
  }

  private void refuseWhatDoesNotFit(Format answer) throws InputException {
    prove.check(
        input.isLive(),
        !options.isSeveralProfiles() && answer != Format.CONDITION,
        options.settings().isEmpty() && mode.changes().isEmpty() && !trackers.isGiven());
    if (checks && (options.isSeveralProfiles() || quiet)) {
      throw InputException.of(
          "--checks is given with "
              + (quiet ? "--quiet" : "several releases")
              + ", expected one of them");
    }
    if (answer == Format.CONDITION && (options.isSeveralProfiles() || checks)) {
      throw InputException.of(
          "--format condition is given with "
              + (checks ? "--checks" : "several releases")
              + ", expected one of them");
    }
  }

  /** What is wrong with a scenario is told with its file, as {@code run} does. */
  private Played play(MigrationCheck check) throws InputException {
    try {
      return check.play();
    } catch (InputException wrong) {
      throw input.scenario().isEmpty() || !wrong.source().isEmpty()
          ? wrong
          : InputException.at(input.scenario().get(), 0, wrong.problem());
    }
  }

  private boolean isPositive(Verdict verdict) {
    return verdict.kind().isPositive() && !(strict && verdict.kind() == VerdictKind.CONDITIONAL);
  }

  private MigrationCheck check(
      Scenario scenario,
      List<String> notes,
      Plugins plugins,
      RuleSets rules,
      List<TrackerRequest> requests)
      throws InputException {
    MigrationCheck check =
        input.scenario().isPresent()
            ? MigrationCheck.of(scenario)
            : MigrationCheck.of(scenario.vm())
                .host(scenario.host())
                .profile(scenario.profile(), profileOrigin());
    check.plugins(plugins).ruleSets(rules).notes(notes);
    live.ifPresent(qemu -> check.afterBoot(qemu.guestSteps()).apply(qemu.migrateSettings()));
    live.flatMap(LiveQemu::otherOrder).ifPresent(vm -> check.mayAlsoBe(vm, LiveQemu.OTHER_ORDER));
    check.apply(mode.changes()).apply(options.settings());
    requests.forEach(check::tracker);
    if (domain.isPresent()) {
      LibvirtDomain described = domain.get();
      described
          .drivers()
          .forEach(
              (device, driver) -> check.driver(new DriverRequest(Optional.of(device), driver)));
      check.fromLibvirt(described.interfaces()).mayHave(described.possibleHostDevices());
      if (described.completed().isPresent()) {
        LibvirtDomain.Completed other = described.completed().get();
        check.mayAlsoBe(withFirmware(other.vm()), other.what());
      }
    }
    drivers.requests().forEach(check::driver);
    destination.ifPresent(check::to);
    return check;
  }

  /** The release that the input names, else that of the QEMU which shows it, else the newest. */
  private QemuProfile defaultProfile() {
    return release
        .map(QemuProfile.Choice::profile)
        .or(() -> proof.map(VmProof::profile))
        .orElse(QemuProfile.newest());
  }

  private ProfileOrigin profileOrigin() {
    if (options.isProfileGiven() || release.isEmpty() && proof.isPresent()) {
      return ProfileOrigin.GIVEN;
    }
    return release.isPresent() ? ProfileOrigin.INPUT : ProfileOrigin.ASSUMED;
  }

  /** The profile for a release that the input names; one that the user gives wins in any case. */
  private Optional<QemuProfile.Choice> chosen(String named) throws InputException {
    try {
      return Optional.of(QemuProfile.choose(named));
    } catch (InputException unknown) {
      if (options.isProfileGiven()) {
        return Optional.empty();
      }
      throw InputException.at(input.qemuArgs().orElseThrow(), 0, unknown.problem());
    }
  }

  private Scenario readScenario(Plugins plugins, List<String> notes) throws InputException {
    Scenario scenario;
    if (input.scenario().isPresent()) {
      if (drivers.isGiven()) {
        throw InputException.of(
            "--driver is given with --scenario, whose host says what its devices can do; expected"
                + " it with --qemu-args or --libvirt");
      }
      String file = input.scenario().get();
      String text = files.read("--scenario", file);
      ScenarioJson.Input read = Scenarios.read(file, 1, text);
      scenario = read.scenario();
      argv = VmProof.words(text);
      if (!options.isProfileGiven()) {
        read.warning().ifPresent(notes::add);
      }
    } else {
      VmConfig vm = readVm(plugins, notes);
      scenario = Scenario.bootAndMigrate(vm).withProfile(defaultProfile());
      if (!options.isProfileGiven()) {
        release.flatMap(QemuProfile.Choice::warning).ifPresent(notes::add);
      }
    }
    ScenarioOptions.Changes changes = options.read(files);
    changes.warning().ifPresent(notes::add);
    changes.severalIommus().ifPresent(notes::add);
    if (live.isPresent()) {
      Scenario changed = changes.applyTo(scenario);
      live.get().concluded(changed.host()).ifPresent(notes::add);
      return changed.withHost(live.get().host(changed.host()));
    }
    if (mtree != null) {
      dump = files.read("--mtree", mtree);
    }
    return changes.applyTo(scenario.withVm(withFirmware(scenario.vm())));
  }

  private VmConfig withFirmware(VmConfig vm) throws InputException {
    return mtree == null ? vm : MtreeReader.withFirmware(vm, mtree, Objects.requireNonNull(dump));
  }

  private VmConfig readVm(Plugins plugins, List<String> notes) throws InputException {
    if (input.isLive()) {
      LiveQemu qemu =
          readLive(plugins)
              .inKnownOrder(options.read(files).host().orElse(HostFacts.CAPABLE), plugins);
      live = Optional.of(qemu);
      notes.addAll(qemu.notes());
      release = Optional.of(qemu.profile());
      return qemu.vm();
    }
    if (input.libvirt().isPresent()) {
      String file = input.libvirt().get();
      LibvirtDomain read = LibvirtDomain.parse(file, files.read("--libvirt", file));
      notes.addAll(read.notes());
      domain = Optional.of(read);
      argv = read.argv();
      return read.vm();
    }
    CommandLineInput read =
        CommandLineInput.read(files, input.qemuArgs().orElseThrow(), readConfigs, plugins);
    notes.addAll(read.notes());
    argv = read.argv();
    if (read.release().isPresent()) {
      release = chosen(read.release().get());
    }
    return read.vm();
  }

  private LiveQemu readLive(Plugins plugins) throws InputException {
    if (mtree != null) {
      throw InputException.of("--mtree is given with a running QEMU, which has its own");
    }
    if (input.qmp().isPresent()) {
      try (QmpClient client = QmpClient.connect(Path.of(input.qmp().get()))) {
        return liveOptions.read(client, files, input.qemuArgs(), readConfigs, plugins);
      }
    }
    String file = input.qmpRecord().orElseThrow();
    QmpRecord record = QmpRecord.read(file, files.read("--qmp-record", file));
    return liveOptions.read(record, files, input.qemuArgs(), readConfigs, plugins);
  }
}
