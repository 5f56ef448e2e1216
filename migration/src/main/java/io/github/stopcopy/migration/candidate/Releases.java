package io.github.stopcopy.migration.candidate;

import io.github.stopcopy.core.profile.QemuProfile;
import io.github.stopcopy.migration.remedy.RemedyChange;
import io.github.stopcopy.migration.remedy.RemedyNeed;
import io.github.stopcopy.vfiopci.environment.VfioBehaviour;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Predicate;

/**
 * The release that a candidate takes: the one that was asked about, or else the nearest newer one,
 * rather one that was recorded.
 *
 * @param profile the release
 * @param isAnother whether it is another one than was asked about
 */
record Releases(QemuProfile profile, boolean isAnother) {

  /** The release that was asked about if it behaves so, else the first newer one that does. */
  static Optional<Releases> from(QemuProfile asked, Predicate<VfioBehaviour> behaves) {
    if (behaves.test(VfioBehaviour.of(asked))) {
      return Optional.of(new Releases(asked, false));
    }
    for (Releases release : newer(asked)) {
      if (behaves.test(VfioBehaviour.of(release.profile))) {
        return Optional.of(release);
      }
    }
    return Optional.empty();
  }

  /** All newer releases, those that were recorded first, and of these the nearest first. */
  static List<Releases> newer(QemuProfile asked) {
    List<Releases> recorded = new ArrayList<>();
    List<Releases> others = new ArrayList<>();
    for (QemuProfile profile : QemuProfile.values()) {
      if (profile != asked && profile.isFrom(asked) && profile != QemuProfile.V8_1_IOMMU_PT) {
        (profile.isRecorded() ? recorded : others).add(new Releases(profile, true));
      }
    }
    recorded.addAll(others);
    return recorded;
  }

  List<RemedyChange> changes() {
    return isAnother ? List.of(new RemedyChange.Release(profile)) : List.of();
  }

  /** The beginning of a sentence; nothing if the release stays. */
  String text() {
    if (!isAnother) {
      return "";
    }
    return run() + " and ";
  }

  /** That this release is to run the VM. */
  String run() {
    return "run QEMU " + profile + (profile.isRecorded() ? "" : " (not recorded)");
  }

  RemedyNeed[] needs(RemedyNeed... more) {
    List<RemedyNeed> needs = new ArrayList<>(List.of(RemedyNeed.RESTART));
    if (isAnother) {
      needs.add(RemedyNeed.NEWER_QEMU);
    }
    needs.addAll(List.of(more));
    return needs.toArray(RemedyNeed[]::new);
  }
}
