package io.github.stopcopy.cli;

import io.github.stopcopy.core.error.InputException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;

/** What describes the VM of {@code check}: exactly one, but for a command line beside a QEMU. */
final class CheckInput {

  private final OptionSpec qemuArgs =
      Options.text(
          "--qemu-args",
          "FILE",
          "a QEMU command line: shell text, a script, /proc/PID/cmdline, what ps or systemctl",
          "status show, libvirt's log of the VM, or a list of words (JSON, Python); - for stdin");

  private final OptionSpec libvirt =
      Options.text(
          "--libvirt", "FILE", "libvirt's XML of the domain, as of virsh dumpxml; - for stdin");

  private final OptionSpec qmp =
      Options.text(
          "--qmp", "SOCKET", "a running QEMU, which is only asked: the socket of its -qmp option");

  private final OptionSpec qmpRecord =
      Options.text(
          "--qmp-record",
          "FILE",
          "what a running QEMU answered, as docs/record/record-qmp.sh records it");

  private final OptionSpec scenario = Options.text("--scenario", "FILE", "one scenario in JSON");

  /** Gives a command these options. */
  void addTo(CommandSpec spec) {
    spec.addOption(qemuArgs);
    spec.addOption(libvirt);
    spec.addOption(qmp);
    spec.addOption(qmpRecord);
    spec.addOption(scenario);
  }

  /** Refuses no input at all, and inputs that say two things. */
  void check() throws InputException {
    List<String> given = new ArrayList<>();
    libvirt().ifPresent(file -> given.add("--libvirt"));
    qmp().ifPresent(file -> given.add("--qmp"));
    qmpRecord().ifPresent(file -> given.add("--qmp-record"));
    scenario().ifPresent(file -> given.add("--scenario"));
    if (qemuArgs().isPresent() && (given.isEmpty() || !isLive())) {
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
    return qmp().isPresent() || qmpRecord().isPresent();
  }

  Optional<String> qemuArgs() {
    return Optional.ofNullable(Options.value(qemuArgs));
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
    return Optional.ofNullable(Options.value(libvirt));
  }

  Optional<String> qmp() {
    return Optional.ofNullable(Options.value(qmp));
  }

  Optional<String> qmpRecord() {
    return Optional.ofNullable(Options.value(qmpRecord));
  }

  Optional<String> scenario() {
    return Optional.ofNullable(Options.value(scenario));
  }
}
