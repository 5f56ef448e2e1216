package io.github.stopcopy.cli;

import io.github.stopcopy.cli.input.InputText;
import io.github.stopcopy.cli.report.HostTable;
import io.github.stopcopy.core.error.InputException;
import io.github.stopcopy.json.HostDocument.Note;
import io.github.stopcopy.json.HostJson;
import io.github.stopcopy.live.host.HostReport;
import io.github.stopcopy.live.host.LinuxHost;
import java.io.PrintWriter;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.List;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;

/** {@code stopcopy host}: the facts of a Linux host, for {@code check --host}. */
final class HostCommand implements Subcommand {

  private final OptionSpec devices =
      Options.texts(
          "--device",
          "ADDR",
          "a PCI device of the host, e.g. 0000:3b:00.2; repeatable; default: all that are bound to"
              + " a VFIO driver");

  private final OptionSpec all = Options.flag("--all", "all devices that have an IOMMU group");

  private final OptionSpec root =
      Options.text(
          "--root",
          "DIR",
          "a copy of a host's files, with sys and proc in it; default: this machine");

  private final OptionSpec probes =
      Options.texts(
          "--probe",
          "FILE",
          "what docs/probe/stopcopy-probe.c printed on that host, as better facts; repeatable");

  private final OptionSpec format = Options.text("--format", "json|text", "json (default) or text");

  private final CommandSpec spec =
      Options.command(
          this,
          "Read what a Linux host tells of its VFIO devices, for check --host. Opens no device,",
          "changes nothing, needs no root.");

  HostCommand() {
    spec.usageMessage().sortOptions(false);
    spec.addOption(devices);
    spec.addOption(all);
    spec.addOption(root);
    spec.addOption(probes);
    spec.addOption(format);
    Options.addStandard(spec);
  }

  @Override
  public CommandSpec spec() {
    return spec;
  }

  @Override
  public int call() throws InputException {
    String asked = Options.value(format, "json");
    if (!asked.equals("text") && !asked.equals("json")) {
      throw InputException.of("--format is '" + asked + "', expected json or text");
    }
    if (Options.isGiven(all) && !Options.values(devices).isEmpty()) {
      throw InputException.of("--all and --device are given, expected one of them");
    }
    String copy = Options.value(root);
    LinuxHost host = copy == null ? LinuxHost.running() : LinuxHost.below(path(copy));
    for (String probe : Options.values(probes)) {
      host = host.probed(probe, InputText.readAll(probe));
    }
    HostReport report = read(host);
    PrintWriter err = spec.commandLine().getErr();
    PrintWriter out = spec.commandLine().getOut();
    if (report.facts().devices().isEmpty()) {
      Problems.tell(err, noDevice(report.others().size()));
    }
    if (asked.equals("text")) {
      out.print(HostTable.write(report));
    } else {
      for (Note note : report.notes()) {
        Problems.tell(err, note.subject() + ": " + note.text());
      }
      out.print(HostJson.write(report.document()) + "\n");
    }
    err.flush();
    return ExitCode.DONE;
  }

  private HostReport read(LinuxHost host) throws InputException {
    if (Options.isGiven(all)) {
      return host.allDevices();
    }
    List<String> named = Options.values(devices);
    return named.isEmpty() ? host.vfioDevices() : host.devices(named);
  }

  private static Path path(String folder) throws InputException {
    try {
      return Path.of(folder);
    } catch (InvalidPathException wrong) {
      throw InputException.of("--root is '" + folder + "', expected a folder");
    }
  }

  private static String noDevice(int others) {
    String here =
        switch (others) {
          case 0 -> "and none has an IOMMU group";
          case 1 -> "and 1 has an IOMMU group, of which --all tells";
          default ->
              "and " + others + " have an IOMMU group: --all tells of them, --device ADDR of one";
        };
    return "no PCI device here is bound to a VFIO driver, "
        + here
        + "; of another host --root DIR reads a copy of its files, see docs/live.md";
  }
}
