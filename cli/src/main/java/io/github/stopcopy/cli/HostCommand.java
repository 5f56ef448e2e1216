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
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code stopcopy host}: the facts of a Linux host, for {@code check --host}. */
@Command(
    mixinStandardHelpOptions = true,
    sortOptions = false,
    description = {
      "Read what a Linux host tells of its VFIO devices, for check --host. Opens no device,",
      "changes nothing, needs no root."
    })
final class HostCommand implements Callable<Integer> {

  @Option(
      names = "--device",
      paramLabel = "ADDR",
      description =
          "a PCI device of the host, e.g. 0000:3b:00.2; repeatable; default: all that are bound to"
              + " a VFIO driver")
  private List<String> devices = new ArrayList<>();

  @Option(names = "--all", description = "all devices that have an IOMMU group")
  private boolean all;

  @Option(
      names = "--root",
      paramLabel = "DIR",
      description = "a copy of a host's files, with sys and proc in it; default: this machine")
  private @Nullable String root;

  @Option(
      names = "--probe",
      paramLabel = "FILE",
      description =
          "what docs/probe/stopcopy-probe.c printed on that host, as better facts; repeatable")
  private List<String> probes = new ArrayList<>();

  @Option(names = "--format", paramLabel = "json|text", description = "json (default) or text")
  private String format = "json";

  @Spec private CommandSpec spec;

  @Override
  public Integer call() throws InputException {
    if (!format.equals("text") && !format.equals("json")) {
      throw InputException.of("--format is '" + format + "', expected json or text");
    }
    if (all && !devices.isEmpty()) {
      throw InputException.of("--all and --device are given, expected one of them");
    }
    LinuxHost host = root == null ? LinuxHost.running() : LinuxHost.below(path(root));
    for (String probe : probes) {
      host = host.probed(probe, InputText.readAll(probe));
    }
    HostReport report = read(host);
    PrintWriter err = spec.commandLine().getErr();
    PrintWriter out = spec.commandLine().getOut();
    if (report.facts().devices().isEmpty()) {
      Problems.tell(err, noDevice(report.others().size()));
    }
    if (format.equals("text")) {
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
    if (all) {
      return host.allDevices();
    }
    return devices.isEmpty() ? host.vfioDevices() : host.devices(devices);
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
