package io.github.stopcopy.cli;

import io.github.stopcopy.core.error.InputException;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** The options of {@code check} that show the verdict on a real QEMU. */
final class ProveOption {

  private static final String USUAL = "qemu-system-x86_64";

  @Option(
      names = "--prove",
      description = {
        "also start this VM on a real QEMU with stand-ins for its VFIO devices and nothing behind",
        "its others, migrate it into nothing, and hold that against the verdict; needs a C"
            + " compiler",
        "the first time, no root and no hardware"
      })
  private boolean prove;

  @Option(
      names = "--qemu",
      paramLabel = "PATH",
      description =
          "with --prove: the QEMU; "
              + USUAL
              + " of the PATH without. It is the release that answers"
              + " where the input names none")
  private @Nullable String qemu;

  /** The program that is to show it; empty if that is not asked for. */
  Optional<String> program() {
    return prove ? Optional.of(qemu == null ? USUAL : qemu) : Optional.empty();
  }

  /** Refuses what does not go together. */
  void check(boolean isLive, boolean isOneAnswer, boolean isAsDescribed) throws InputException {
    if (qemu != null && !prove) {
      throw InputException.of("--qemu is given without --prove, expected both or none");
    } else if (prove && isLive) {
      throw InputException.of(
          "--prove is given with a running QEMU, expected it with --qemu-args, --libvirt or"
              + " --scenario");
    } else if (prove && !isOneAnswer) {
      throw InputException.of(
          "--prove is given with several releases or a format for others, expected one release and"
              + " text or json");
    } else if (prove && !isAsDescribed) {
      throw InputException.of(
          "--prove is given with --set, --mode or --tracker, expected the VM as it is described");
    }
  }
}
