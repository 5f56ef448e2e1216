package io.github.stopcopy.cli;

import io.github.stopcopy.cli.input.ReadFiles;
import io.github.stopcopy.core.error.InputException;
import io.github.stopcopy.core.host.HostFacts;
import io.github.stopcopy.core.profile.QemuProfile;
import io.github.stopcopy.json.HostDocument;
import io.github.stopcopy.json.HostJson;
import io.github.stopcopy.migration.remedy.RemedyChange;
import io.github.stopcopy.migration.scenario.Scenario;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;

/** The options that say what a VM runs on, which several commands have; they win over the input. */
final class ScenarioOptions {

  /** The word for all releases, which a command may know. */
  private static final String ALL_PROFILES = "all";

  private static final char SEPARATOR = ',';

  private final OptionSpec host = Options.text("--host", "FILE", "facts about the host in JSON");

  private final OptionSpec version =
      Options.text(
          "--qemu-version",
          "PROFILE",
          "8.1, 8.1-iommu-pt, 8.2 to 11.1, or any text around a release; check also takes all, or"
              + " a list such as 8.2,10.0, and without it the release that the input names, else"
              + " 11.1");

  private final OptionSpec settings =
      Options.texts(
          "--set",
          "ID.PROPERTY=VALUE",
          "set a property of a device, named by its id or host address, or of all devices of a"
              + " type;",
          "or one of machine.OPTION, cpu.OPTION, smp.cpus, memory.size, object.ID=TYPE;"
              + " repeatable");

  /** Gives a command these options. */
  void addTo(CommandSpec spec) {
    spec.addOption(host);
    spec.addOption(version);
    spec.addOption(settings);
  }

  /** Whether all releases are asked for. */
  boolean isAllProfiles() {
    return ALL_PROFILES.equals(Options.value(version));
  }

  /** Whether several releases are asked for, all or a list. */
  boolean isSeveralProfiles() {
    String asked = Options.value(version);
    return asked != null && (isAllProfiles() || asked.indexOf(SEPARATOR) >= 0);
  }

  /**
   * The releases that are asked for, in the order given, each once; none where none is given.
   *
   * @throws InputException if one is not known
   */
  List<QemuProfile.Choice> profiles() throws InputException {
    String asked = Options.value(version);
    List<QemuProfile.Choice> all = new ArrayList<>();
    if (isAllProfiles()) {
      for (QemuProfile profile : QemuProfile.values()) {
        all.add(new QemuProfile.Choice(profile, profile.warning()));
      }
    } else if (asked != null) {
      for (String text : asked.split(String.valueOf(SEPARATOR), -1)) {
        QemuProfile.Choice choice = QemuProfile.choose(text);
        if (all.stream().noneMatch(other -> other.profile() == choice.profile())) {
          all.add(choice);
        }
      }
    }
    return all;
  }

  /** Whether the release is given here, so that the input's does not count. */
  boolean isProfileGiven() {
    return Options.value(version) != null;
  }

  /**
   * What the decision is asked to set on top of all else.
   *
   * @throws InputException if one cannot be read
   */
  List<RemedyChange> settings() throws InputException {
    return DeviceSettings.parse(Options.values(settings));
  }

  /**
   * Reads what is given, once for all scenarios.
   *
   * @param files reads
   * @throws InputException if a file or a release cannot be read
   */
  Changes read(ReadFiles files) throws InputException {
    String asked = Options.value(version);
    String hostFile = Options.value(host);
    Optional<QemuProfile.Choice> profile =
        asked == null || isSeveralProfiles()
            ? Optional.empty()
            : Optional.of(QemuProfile.choose(asked));
    Optional<HostDocument> document = Optional.empty();
    if (hostFile != null) {
      document = Optional.of(HostJson.readDocument(hostFile, files.read("--host", hostFile)));
    }
    return new Changes(
        document.map(HostDocument::facts),
        profile,
        document.map(HostDocument::leastOfSeveral).orElse(List.of()));
  }

  /**
   * What is changed in a scenario.
   *
   * @param host the host, if another
   * @param profile the release, if another
   * @param leastFacts what is the least of several IOMMUs in the facts of the host
   */
  record Changes(
      Optional<HostFacts> host, Optional<QemuProfile.Choice> profile, List<String> leastFacts) {

    /** The scenario on this host and with this release. */
    Scenario applyTo(Scenario scenario) {
      Scenario changed = host.map(scenario::withHost).orElse(scenario);
      return profile.map(QemuProfile.Choice::profile).map(changed::withProfile).orElse(changed);
    }

    /** That the host may be able to do more for this VM than the answer counts on. */
    Optional<String> severalIommus() {
      return leastFacts.isEmpty()
          ? Optional.empty()
          : Optional.of(
              "The answer rests on what all of several IOMMUs of the host can do ("
                  + String.join(", ", leastFacts)
                  + "); that of this VM's devices may do more. Read the facts again with `stopcopy"
                  + " host --device ADDR` for these devices alone.");
    }

    /** What to tell the user about the release. */
    Optional<String> warning() {
      return profile.flatMap(QemuProfile.Choice::warning);
    }
  }
}
