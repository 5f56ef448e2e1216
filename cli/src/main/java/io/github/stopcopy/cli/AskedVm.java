package io.github.stopcopy.cli;

import io.github.stopcopy.cli.input.CommandLineInput;
import io.github.stopcopy.cli.input.DescribedIn;
import io.github.stopcopy.cli.input.ReadFiles;
import io.github.stopcopy.cli.input.Scenarios;
import io.github.stopcopy.core.config.DeviceConfig;
import io.github.stopcopy.core.config.VmConfig;
import io.github.stopcopy.core.error.InputException;
import io.github.stopcopy.core.host.HostFacts;
import io.github.stopcopy.core.plugin.Plugins;
import io.github.stopcopy.core.profile.QemuProfile;
import io.github.stopcopy.json.InputDigest;
import io.github.stopcopy.json.ScenarioJson;
import io.github.stopcopy.live.LiveQemu;
import io.github.stopcopy.live.qmp.QmpClient;
import io.github.stopcopy.live.qmp.QmpRecord;
import io.github.stopcopy.migration.DriverRequest;
import io.github.stopcopy.migration.MigrationCheck;
import io.github.stopcopy.migration.Played;
import io.github.stopcopy.migration.ProfileOrigin;
import io.github.stopcopy.migration.RuleSets;
import io.github.stopcopy.migration.TrackerRequest;
import io.github.stopcopy.migration.destination.Destination;
import io.github.stopcopy.migration.scenario.Scenario;
import io.github.stopcopy.qemu.libvirt.LibvirtDomain;
import io.github.stopcopy.qemu.mtree.MtreeReader;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;

/**
 * What is asked about: the options that name a VM and what is to be otherwise, read into a {@link
 * MigrationCheck}. Shared by the commands that ask about one VM.
 */
final class AskedVm {

  private final CheckInput input = new CheckInput();

  private final OptionSpec mtree =
      Options.text(
          "--mtree",
          "FILE",
          "the output of `info mtree -f` of that VM; gives the addresses of BARs");

  private final OptionSpec readConfigs =
      Options.texts(
          "--readconfig",
          "FILE",
          "the file that -readconfig names, if it is not beside the input; repeatable");

  private final ScenarioOptions options = new ScenarioOptions();

  private final DriverOptions drivers = new DriverOptions();

  private final LiveOptions liveOptions = new LiveOptions();

  private final ModeOption mode = new ModeOption();

  private final DestinationOptions destinationOptions = new DestinationOptions();

  private final TrackerOptions trackers = new TrackerOptions();

  private final ReadFiles files = new ReadFiles();

  private @Nullable String dump;

  /** What there is to know of what was read. */
  private final List<String> notes = new ArrayList<>();

  private @Nullable Read read;

  private Optional<String> domainText = Optional.empty();

  /** The words of the VM's command line; none of a running VM. */
  private List<String> argv = List.of();

  /** The release of the QEMU that is to show the verdict. */
  private Optional<QemuProfile> shownBy = Optional.empty();

  /** What else libvirt says of the VM, if it describes it. */
  private Optional<LibvirtDomain> domain = Optional.empty();

  /** The running VM, if it is one. */
  private Optional<LiveQemu> live = Optional.empty();

  private Optional<Destination> destination = Optional.empty();

  /** The release that the input names. */
  private Optional<QemuProfile.Choice> release = Optional.empty();

  /** Gives a command these options. */
  void addTo(CommandSpec spec) {
    input.addTo(spec);
    spec.addOption(mtree);
    spec.addOption(readConfigs);
    options.addTo(spec);
    drivers.addTo(spec);
    liveOptions.addTo(spec);
    mode.addTo(spec);
    destinationOptions.addTo(spec);
    trackers.addTo(spec);
  }

  /**
   * Reads all of it.
   *
   * @throws InputException if what is given does not go together, or cannot be read
   */
  void read(Plugins plugins, RuleSets rules) throws InputException {
    input.check();
    if (liveOptions.isGiven() && !input.isLive()) {
      throw InputException.of(
          "--pid and --anonymize are about a running QEMU, expected them with --qmp or"
              + " --qmp-record");
    }
    List<TrackerRequest> requests = trackers.requests(plugins);
    Scenario scenario = readScenario(plugins, notes);
    notes.addAll(TakenNames.of(scenario.vm(), plugins));
    destination = destinationOptions.read(files, notes);
    read = new Read(scenario, plugins, rules, requests);
  }

  /** What was read, and who models it. */
  private record Read(
      Scenario scenario, Plugins plugins, RuleSets rules, List<TrackerRequest> requests) {}

  /** The question about the VM that was read. */
  MigrationCheck check() throws InputException {
    return check(read().scenario, notes);
  }

  /** The same question about a release. */
  MigrationCheck check(QemuProfile.Choice release) throws InputException {
    List<String> told = new ArrayList<>(notes);
    release.warning().ifPresent(told::add);
    return check(read().scenario.withProfile(release.profile()), told);
  }

  /**
   * The same question about another XML of the domain.
   *
   * @throws InputException if it cannot be read
   */
  MigrationCheck check(String xml) throws InputException {
    LibvirtDomain other = LibvirtDomain.parse(domainFile(), xml);
    domain = Optional.of(other);
    return check(read().scenario.withVm(withFirmware(other.vm())), List.of());
  }

  private Read read() {
    return Objects.requireNonNull(read, "read first");
  }

  /** What is wrong with a scenario is told with its file, as {@code run} does. */
  Played play(MigrationCheck check) throws InputException {
    try {
      return check.play();
    } catch (InputException wrong) {
      throw input.scenario().isEmpty() || !wrong.source().isEmpty()
          ? wrong
          : InputException.at(input.scenario().get(), 0, wrong.problem());
    }
  }

  /** Takes the release of the QEMU that is to show the verdict where the input names none. */
  void shownBy(QemuProfile profile) {
    shownBy = Optional.of(profile);
  }

  /** The words of the VM's command line; none of a running VM. */
  List<String> argv() {
    return argv;
  }

  /** Whether a running QEMU, or the record of one, is asked. */
  boolean isLive() {
    return input.isLive();
  }

  /** Whether nothing is set otherwise than it is described. */
  boolean isAsDescribed() throws InputException {
    return options.settings().isEmpty() && mode.changes().isEmpty() && !trackers.isGiven();
  }

  /** The options that name trackers. */
  TrackerOptions trackers() {
    return trackers;
  }

  /** The options that choose releases. */
  ScenarioOptions options() {
    return options;
  }

  /** The running VM, if it is one. */
  Optional<LiveQemu> live() {
    return live;
  }

  /** Whether nothing is asked about that is otherwise than it runs. */
  boolean isAsItRuns() throws InputException {
    return options.settings().isEmpty() && !options.isProfileGiven();
  }

  /** What was read so far. */
  List<InputDigest> digests() {
    return files.digests();
  }

  /** Where the VM is described, as far as it can be told. */
  DescribedIn describedIn() {
    List<DeviceConfig> devices = read().scenario.vm().devices();
    for (String option : List.of("--libvirt", "--qemu-args", "--scenario", "--qmp-record")) {
      Optional<String> text = files.text(option);
      Optional<String> file = input.file(option);
      if (text.isPresent() && file.isPresent()) {
        return new DescribedIn(file.get(), text.get(), option.equals("--libvirt"), devices);
      }
    }
    return new DescribedIn(input.qmp().orElse("-"), "", false, devices);
  }

  /** Libvirt's XML of the VM, if that is what was read. */
  Optional<String> domainText() {
    return domainText;
  }

  /** What the XML is called. */
  String domainFile() {
    return input.libvirt().orElseThrow();
  }

  private MigrationCheck check(Scenario scenario, List<String> told) throws InputException {
    MigrationCheck check =
        input.scenario().isPresent()
            ? MigrationCheck.of(scenario)
            : MigrationCheck.of(scenario.vm())
                .host(scenario.host())
                .profile(scenario.profile(), profileOrigin());
    check.plugins(read().plugins).ruleSets(read().rules).notes(told);
    live.ifPresent(qemu -> check.afterBoot(qemu.guestSteps()).apply(qemu.migrateSettings()));
    live.flatMap(LiveQemu::otherOrder).ifPresent(vm -> check.mayAlsoBe(vm, LiveQemu.OTHER_ORDER));
    check.apply(mode.changes()).apply(options.settings());
    read().requests.forEach(check::tracker);
    if (domain.isPresent()) {
      LibvirtDomain described = domain.get();
      if (!drivers.isForAll()) { // what is said on the command line wins over the XML
        described
            .drivers()
            .forEach(
                (device, driver) -> check.driver(new DriverRequest(Optional.of(device), driver)));
      }
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
  QemuProfile defaultProfile() {
    return release.map(QemuProfile.Choice::profile).or(() -> shownBy).orElse(QemuProfile.newest());
  }

  private ProfileOrigin profileOrigin() {
    if (options.isProfileGiven() || release.isEmpty() && shownBy.isPresent()) {
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
      argv = VmProof.words(text);
      ScenarioJson.Input read = Scenarios.read(file, 1, text);
      scenario = read.scenario();
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
    String file = Options.value(mtree);
    if (file != null) {
      dump = files.read("--mtree", file);
    }
    return changes.applyTo(scenario.withVm(withFirmware(scenario.vm())));
  }

  private VmConfig withFirmware(VmConfig vm) throws InputException {
    String file = Options.value(mtree);
    return file == null ? vm : MtreeReader.withFirmware(vm, file, Objects.requireNonNull(dump));
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
      String text = files.read("--libvirt", file);
      domainText = Optional.of(text);
      LibvirtDomain read = LibvirtDomain.parse(file, text);
      notes.addAll(read.notes());
      domain = Optional.of(read);
      argv = read.argv();
      return read.vm();
    }
    CommandLineInput read =
        CommandLineInput.read(
            files, input.qemuArgs().orElseThrow(), Options.values(readConfigs), plugins);
    notes.addAll(read.notes());
    argv = read.argv();
    if (read.release().isPresent()) {
      release = chosen(read.release().get());
    }
    return read.vm();
  }

  private LiveQemu readLive(Plugins plugins) throws InputException {
    if (Options.value(mtree) != null) {
      throw InputException.of("--mtree is given with a running QEMU, which has its own");
    }
    if (input.qmp().isPresent()) {
      try (QmpClient client = QmpClient.connect(Path.of(input.qmp().get()))) {
        return liveOptions.read(
            client, files, input.qemuArgs(), Options.values(readConfigs), plugins);
      }
    }
    String file = input.qmpRecord().orElseThrow();
    QmpRecord record = QmpRecord.read(file, files.read("--qmp-record", file));
    return liveOptions.read(record, files, input.qemuArgs(), Options.values(readConfigs), plugins);
  }
}
