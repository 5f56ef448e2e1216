package io.github.stopcopy.cli;

import io.github.stopcopy.core.error.InputException;
import java.util.Optional;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;

/** The options of {@code check} that show the verdict on a real QEMU. */
final class ProveOption {

  private static final String USUAL = "qemu-system-x86_64";

  private final OptionSpec prove =
      Options.flag(
          "--prove",
          "also start this VM on a real QEMU with stand-ins for its VFIO devices and nothing"
              + " behind",
          "its others, migrate it into nothing, and hold that against the verdict; needs a C"
              + " compiler",
          "the first time, no root and no hardware");

  private final OptionSpec qemu =
      Options.text(
          "--qemu",
          "PATH",
          "with --prove: the QEMU; "
              + USUAL
              + " of the PATH without. It is the release that answers"
              + " where the input names none");

  /** Gives a command these options. */
  void addTo(CommandSpec spec) {
    spec.addOption(prove);
    spec.addOption(qemu);
  }

  /** The program that is to show it; empty if that is not asked for. */
  Optional<String> program() {
    return Options.isGiven(prove) ? Optional.of(Options.value(qemu, USUAL)) : Optional.empty();
  }

  /** Refuses what does not go together. */
  void check(boolean isLive, boolean isOneAnswer, boolean isAsDescribed) throws InputException {
    boolean isGiven = program().isPresent();
    if (Options.value(qemu) != null && !isGiven) {
      throw InputException.of("--qemu is given without --prove, expected both or none");
    } else if (isGiven && isLive) {
      throw InputException.of(
          "--prove is given with a running QEMU, expected it with --qemu-args, --libvirt or"
              + " --scenario");
    } else if (isGiven && !isOneAnswer) {
      throw InputException.of(
          "--prove is given with several releases or a format for others, expected one release and"
              + " text or json");
    } else if (isGiven && !isAsDescribed) {
      throw InputException.of(
          "--prove is given with --set, --mode or --tracker, expected the VM as it is described");
    }
  }
}
