package io.github.stopcopy.migration.candidate;

import io.github.stopcopy.core.profile.QemuProfile;
import io.github.stopcopy.migration.remedy.RemedyChange;
import io.github.stopcopy.migration.remedy.RemedyNeed;
import io.github.stopcopy.vfiopci.environment.VfioBehaviour;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
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
    return newer(asked).stream()
        .filter(release -> behaves.test(VfioBehaviour.of(release.profile)))
        .findFirst();
  }

  /** All newer releases, those that were recorded first, and of these the nearest first. */
  static List<Releases> newer(QemuProfile asked) {
    return Arrays.stream(QemuProfile.values())
        .filter(profile -> profile != asked && profile.isFrom(asked))
        .filter(profile -> profile != QemuProfile.V8_1_IOMMU_PT)
        .sorted(Comparator.comparing(profile -> !profile.isRecorded()))
        .map(profile -> new Releases(profile, true))
        .toList();
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
