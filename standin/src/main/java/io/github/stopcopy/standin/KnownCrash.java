package io.github.stopcopy.standin;

import io.github.stopcopy.core.profile.QemuProfile;
import io.github.stopcopy.migration.scenario.Scenario;
import io.github.stopcopy.migration.scenario.Step;
import java.util.ArrayList;
import java.util.List;

/** Crashes of QEMU itself that are known to happen on the stand-in, told by what it prints. */
final class KnownCrash {

  /** How the note about a crash begins that is known. */
  static final String PREFIX = "a known crash of QEMU's own: ";

  private static final String TCG_ASSERTION = "tlb_reset_dirty_range_all";

  private static final int SEGMENTATION_FAULT = 11;

  private KnownCrash() {}

  /**
   * What is known of a crash, a line each; nothing if QEMU did not crash.
   *
   * @param exitCode how it ended, negative for a signal
   * @param scenario what was played
   * @param profile the release that answers for it
   * @param records what was seen of it
   */
  static List<String> notes(
      int exitCode, Scenario scenario, QemuProfile profile, List<StepRecord> records) {
    List<String> notes = new ArrayList<>();
    if (exitCode >= 0) {
      return notes;
    }
    boolean turnsOff =
        scenario.steps().stream()
            .anyMatch(step ->
                step instanceof Step.Viommu viommu
                    && viommu.operation() == Step.ViommuOperation.DISABLE);
    if (exitCode == -SEGMENTATION_FAULT && turnsOff && profile == QemuProfile.V8_1_IOMMU_PT) {
      notes.add(PREFIX + "it dereferences null where nobody tracks (R-OBS-145)");
    }
    StepRecord last = records.get(records.size() - 1);
    for (String message : last.messages()) {
      if (message.contains(TCG_ASSERTION)) {
        notes.add(PREFIX + "under TCG a migration starts while BARs are mapped (R-REL-A3.16)");
      } else if (message.contains("Assertion") || message.contains("assertion failed")) {
        notes.add("an assertion of QEMU's own: " + message);
      }
    }
    return notes;
  }
}
