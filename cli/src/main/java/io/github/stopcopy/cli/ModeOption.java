package io.github.stopcopy.cli;

import io.github.stopcopy.core.error.InputException;
import io.github.stopcopy.migration.remedy.RemedyChange;
import java.util.List;
import java.util.Map;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;

/** The option {@code --mode}: how the VM is migrated, and so what is switched on for it. */
final class ModeOption {

  private static final Map<String, List<RemedyChange>> CHANGES =
      Map.of(
          "normal",
          List.of(),
          "postcopy",
          List.of(new RemedyChange.Set("migrate", "postcopy-ram", "on")),
          "background-snapshot",
          List.of(new RemedyChange.Set("migrate", "background-snapshot", "on")),
          "cpr-reboot",
          List.of(new RemedyChange.Set("migrate", "mode", "cpr-reboot")));

  private final OptionSpec mode =
      Options.text(
          "--mode",
          "MODE",
          "how it is migrated: normal (default), postcopy, background-snapshot, or cpr-reboot,",
          "where the guest is suspended first");

  /** Gives a command these options. */
  void addTo(CommandSpec spec) {
    spec.addOption(mode);
  }

  /** What is set in every {@code migrate}. */
  List<RemedyChange> changes() throws InputException {
    String asked = Options.value(mode, "normal");
    List<RemedyChange> changes = CHANGES.get(asked);
    if (changes == null) {
      throw InputException.of(
          "--mode is '"
              + asked
              + "', expected normal, postcopy, background-snapshot or cpr-reboot");
    }
    return changes;
  }
}
