package io.github.stopcopy.cli;

import io.github.stopcopy.cli.input.ReadFiles;
import io.github.stopcopy.core.error.InputException;
import io.github.stopcopy.core.profile.QemuProfile;
import io.github.stopcopy.json.HostJson;
import io.github.stopcopy.migration.destination.Destination;
import io.github.stopcopy.qemu.commandline.QemuCommandLine;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** The options that say where a VM is to go. */
final class DestinationOptions {

  @Option(
      names = "--to",
      paramLabel = "FILE",
      description = "facts about the host where the VM is to go, in JSON: can it be loaded there?")
  private @Nullable String host;

  @Option(
      names = "--to-qemu",
      paramLabel = "RELEASE",
      description = "the release of QEMU there; that of the source by default")
  private @Nullable String version;

  @Option(
      names = "--to-qemu-args",
      paramLabel = "FILE",
      description =
          "the QEMU command line there; by default as on the source, with devices of that host")
  private @Nullable String qemuArgs;

  /**
   * Where the VM is to go; empty if nobody asks.
   *
   * @param files reads
   * @param notes takes what there is to know of the release
   * @throws InputException if a file or the release cannot be read, or there is no host
   */
  Optional<Destination> read(ReadFiles files, List<String> notes) throws InputException {
    if (host == null) {
      if (version != null || qemuArgs != null) {
        throw InputException.of(
            (version != null ? "--to-qemu" : "--to-qemu-args")
                + " without a destination, expected --to FILE with the facts of its host");
      }
      return Optional.empty();
    }
    Destination destination = Destination.of(HostJson.read(host, files.read("--to", host)));
    if (version != null) {
      QemuProfile.Choice choice = QemuProfile.choose(version);
      choice.warning().ifPresent(warning -> notes.add("Destination: " + warning));
      destination = destination.withProfile(choice.profile());
    }
    return Optional.of(
        qemuArgs == null
            ? destination
            : destination.withVm(
                QemuCommandLine.parse(qemuArgs, files.read("--to-qemu-args", qemuArgs))));
  }
}
