package io.github.stopcopy.cli;

import io.github.stopcopy.core.error.InputException;
import io.github.stopcopy.migration.remedy.RemedyChange;
import java.util.List;
import java.util.Map;
import picocli.CommandLine.Option;

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

  @Option(
      names = "--mode",
      paramLabel = "MODE",
      description = {
        "how it is migrated: normal (default), postcopy, background-snapshot, or cpr-reboot,",
        "where the guest is suspended first"
      })
  private String mode = "normal";

  /** What is set in every {@code migrate}. */
  List<RemedyChange> changes() throws InputException {
    List<RemedyChange> changes = CHANGES.get(mode);
    if (changes == null) {
      throw InputException.of(
          "--mode is '" + mode + "', expected normal, postcopy, background-snapshot or cpr-reboot");
    }
    return changes;
  }
}
