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
 * The release that a candidate takes: the one that was asked about, or else the next newer one.
 *
 * @param profile the release
 * @param isAnother whether it is another one than was asked about
 */
record Releases(QemuProfile profile, boolean isAnother) {

  /** The first release, from this one on, that behaves so. */
  static Optional<Releases> from(QemuProfile asked, Predicate<VfioBehaviour> behaves) {
    for (QemuProfile profile : QemuProfile.values()) {
      if (profile.compareTo(asked) >= 0 && behaves.test(VfioBehaviour.of(profile))) {
        return Optional.of(new Releases(profile, profile != asked));
      }
    }
    return Optional.empty();
  }

  List<RemedyChange> changes() {
    return isAnother ? List.of(new RemedyChange.Release(profile)) : List.of();
  }

  /** The beginning of a sentence; nothing if the release stays. */
  String text() {
    if (!isAnother) {
      return "";
    }
    return "run QEMU " + profile + (profile.isRecorded() ? "" : " (not recorded)") + " and ";
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
