package io.github.stopcopy.cli;

import io.github.stopcopy.core.error.InputException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** What describes the VM of {@code check}: exactly one, but for a command line beside a QEMU. */
final class CheckInput {

  @Option(
      names = "--qemu-args",
      paramLabel = "FILE",
      description = {
        "a QEMU command line: shell text, a script, /proc/PID/cmdline, what ps or systemctl",
        "status show, libvirt's log of the VM, or a list of words (JSON, Python); - for stdin"
      })
  private @Nullable String qemuArgs;

  @Option(
      names = "--libvirt",
      paramLabel = "FILE",
      description = "libvirt's XML of the domain, as of virsh dumpxml; - for stdin")
  private @Nullable String libvirt;

  @Option(
      names = "--qmp",
      paramLabel = "SOCKET",
      description = "a running QEMU, which is only asked: the socket of its -qmp option")
  private @Nullable String qmp;

  @Option(
      names = "--qmp-record",
      paramLabel = "FILE",
      description = "what a running QEMU answered, as docs/record/record-qmp.sh records it")
  private @Nullable String qmpRecord;

  @Option(names = "--scenario", paramLabel = "FILE", description = "one scenario in JSON")
  private @Nullable String scenario;

  /** Refuses no input at all, and inputs that say two things. */
  void check() throws InputException {
    List<String> given = new ArrayList<>();
    libvirt().ifPresent(file -> given.add("--libvirt"));
    qmp().ifPresent(file -> given.add("--qmp"));
    qmpRecord().ifPresent(file -> given.add("--qmp-record"));
    scenario().ifPresent(file -> given.add("--scenario"));
    if (qemuArgs != null && (given.isEmpty() || !isLive())) {
      given.add("--qemu-args");
    }
    if (given.size() != 1) {
      throw InputException.of(
          (given.isEmpty() ? "no VM is given" : String.join(" and ", given) + " are given")
              + ", expected one of --qemu-args, --libvirt, --qmp, --qmp-record, --scenario");
    }
  }

  /** Whether a running QEMU, or the record of one, is asked. */
  boolean isLive() {
    return qmp != null || qmpRecord != null;
  }

  Optional<String> qemuArgs() {
    return Optional.ofNullable(qemuArgs);
  }

  /** The file of an option that reads one. */
  Optional<String> file(String option) {
    return switch (option) {
      case "--qemu-args" -> qemuArgs();
      case "--libvirt" -> libvirt();
      case "--qmp-record" -> qmpRecord();
      case "--scenario" -> scenario();
      default -> Optional.empty();
    };
  }

  Optional<String> libvirt() {
    return Optional.ofNullable(libvirt);
  }

  Optional<String> qmp() {
    return Optional.ofNullable(qmp);
  }

  Optional<String> qmpRecord() {
    return Optional.ofNullable(qmpRecord);
  }

  Optional<String> scenario() {
    return Optional.ofNullable(scenario);
  }
}
