package io.github.stopcopy.cli.report;

import io.github.stopcopy.migration.ProfileOrigin;
import io.github.stopcopy.migration.Verdict;
import io.github.stopcopy.migration.scenario.Story;

/** The answer in one line, the same in every report. */
public final class Headline {

  private Headline() {}

  /** The verdict, what it means, and the release that it is about. */
  public static String of(Verdict verdict, Story story) {
    return verdict.kind() + ": " + meaning(verdict, story) + " (" + release(verdict) + ")";
  }

  /** What the verdict means, without the word itself. */
  public static String meaning(Verdict verdict, Story story) {
    return switch (verdict.kind()) {
      case MIGRATABLE ->
          story.vm().vfioDevices().isEmpty()
              ? "no VFIO device in this VM, and nothing of the vIOMMU stands in the way"
              : "nothing of VFIO or the vIOMMU stands in the way";
      case CONDITIONAL -> "it can be migrated " + ConditionText.of(verdict);
      case BLOCKED -> "QEMU refuses to migrate it";
      case REFUSED -> "QEMU does not start it";
      case FAILED ->
          verdict
              .destination()
              .map(loading -> DestinationLines.meaning(loading.outcome()))
              .orElse("the migration starts and fails");
    };
  }

  /** The release, and whether nobody named it. */
  public static String release(Verdict verdict) {
    boolean isAssumed = verdict.profileOrigin() == ProfileOrigin.ASSUMED;
    return "QEMU " + verdict.profile() + (isAssumed ? ", assumed" : "");
  }
}
