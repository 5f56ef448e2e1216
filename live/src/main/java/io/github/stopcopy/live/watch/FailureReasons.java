package io.github.stopcopy.live.watch;

import io.github.stopcopy.core.profile.QemuProfile;
import io.github.stopcopy.live.LiveQemu;
import io.github.stopcopy.migration.Reason;
import io.github.stopcopy.migration.Verdict;
import io.github.stopcopy.migration.message.FoundMessage;
import io.github.stopcopy.migration.message.MessageFinder;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Why a migration failed, which QEMU tells in a few words or not at all. */
final class FailureReasons {

  private final MessageFinder messages = new MessageFinder();
  private boolean isMigrating;
  private boolean isOfTheRfc;

  /** Whether the guest's tables were seen in use while this migration ran. */
  private boolean wasTranslated;

  /** Whether a migration runs. */
  void isMigrating(boolean now) {
    isMigrating = now;
  }

  /** The VM was looked at. */
  void looked(LiveQemu qemu) {
    boolean isTranslated = !qemu.guestSteps().isEmpty();
    wasTranslated = isTranslated || isMigrating && wasTranslated;
    isOfTheRfc = qemu.profile().profile() == QemuProfile.V8_1_IOMMU_PT;
  }

  /**
   * What is known.
   *
   * @param error what QEMU says
   * @param verdict the verdict about the VM as it is now
   */
  List<String> why(Optional<String> error, Optional<Verdict> verdict) {
    List<String> lines = new ArrayList<>();
    if (error.isEmpty() && isOfTheRfc) {
      lines.add(
          (wasTranslated
                  ? "The guest uses its vIOMMU for DMA"
                  : "The guest may have used its vIOMMU for DMA, if only for a moment")
              + ": with x-migration-iommu-pt QEMU fails a migration for that without a word"
              + " (R-LST-25, R-DT-31, R-MIG-32).");
    }
    List<Reason> reasons = verdict.map(Verdict::reasons).orElse(List.of());
    for (Reason reason : reasons) {
      boolean isTold =
          error.isPresent()
              && !reason.qemuText().isEmpty()
              && error.get().contains(reason.qemuText());
      if (isTold || error.isEmpty() && verdict.filter(v -> !v.kind().isPositive()).isPresent()) {
        lines.add(
            reason.code()
                + reason.device().map(name -> ", " + name).orElse("")
                + ": "
                + reason.explanation());
      }
    }
    if (lines.isEmpty() && error.isPresent()) {
      lines.addAll(known(error.get()));
    }
    if (lines.isEmpty()) {
      lines.add(
          error.isPresent()
              ? "The model knows no cause of VFIO or the vIOMMU for that."
              : "QEMU does not say why, and the model finds nothing of VFIO or the vIOMMU; look at"
                  + " the log of the destination.");
    }
    return lines;
  }

  /** What is known of what QEMU says where the verdict has no cause for it. */
  private List<String> known(String error) {
    List<String> lines = new ArrayList<>();
    for (FoundMessage found : messages.in(error)) {
      String note = found.message().note();
      if (!note.isEmpty()) {
        lines.add("\"" + found.text() + "\": " + note);
      }
    }
    if (wasTranslated) {
      lines.add(
          "The guest uses its vIOMMU for DMA since it turned it on; what its tables lead to QEMU"
              + " does not tell.");
    }
    return lines;
  }
}
