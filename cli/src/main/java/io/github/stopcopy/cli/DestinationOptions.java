package io.github.stopcopy.cli;

import io.github.stopcopy.cli.input.ReadFiles;
import io.github.stopcopy.core.error.InputException;
import io.github.stopcopy.core.profile.QemuProfile;
import io.github.stopcopy.json.HostJson;
import io.github.stopcopy.migration.destination.Destination;
import io.github.stopcopy.qemu.commandline.QemuCommandLine;
import java.util.List;
import java.util.Optional;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;

/** The options that say where a VM is to go. */
final class DestinationOptions {

  private final OptionSpec host =
      Options.text(
          "--to",
          "FILE",
          "facts about the host where the VM is to go, in JSON: can it be loaded there?");

  private final OptionSpec version =
      Options.text(
          "--to-qemu", "RELEASE", "the release of QEMU there; that of the source by default");

  private final OptionSpec qemuArgs =
      Options.text(
          "--to-qemu-args",
          "FILE",
          "the QEMU command line there; by default as on the source, with devices of that host");

  /** Gives a command these options. */
  void addTo(CommandSpec spec) {
    spec.addOption(host);
    spec.addOption(version);
    spec.addOption(qemuArgs);
  }

  /**
   * Where the VM is to go; empty if nobody asks.
   *
   * @param files reads
   * @param notes takes what there is to know of the release
   * @throws InputException if a file or the release cannot be read, or there is no host
   */
  Optional<Destination> read(ReadFiles files, List<String> notes) throws InputException {
    String hostFile = Options.value(host);
    String release = Options.value(version);
    String argsFile = Options.value(qemuArgs);
    if (hostFile == null) {
      if (release != null || argsFile != null) {
        throw InputException.of(
            (release != null ? "--to-qemu" : "--to-qemu-args")
                + " without a destination, expected --to FILE with the facts of its host");
      }
      return Optional.empty();
    }
    Destination destination = Destination.of(HostJson.read(hostFile, files.read("--to", hostFile)));
    if (release != null) {
      QemuProfile.Choice choice = QemuProfile.choose(release);
      choice.warning().ifPresent(warning -> notes.add("Destination: " + warning));
      destination = destination.withProfile(choice.profile());
    }
    return Optional.of(
        argsFile == null
            ? destination
            : destination.withVm(
                QemuCommandLine.parse(argsFile, files.read("--to-qemu-args", argsFile))));
  }
}
