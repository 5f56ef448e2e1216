package io.github.stopcopy.cli.report;

import io.github.stopcopy.core.profile.QemuProfile;
import io.github.stopcopy.json.VerdictJson;
import io.github.stopcopy.migration.ReleaseChange;
import io.github.stopcopy.migration.Verdict;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** The answers of several profiles to one question. */
public final class ProfileReport {

  private final Map<QemuProfile, Verdict> verdicts = new LinkedHashMap<>();
  private final boolean isOfAll;

  /**
   * A report without answers.
   *
   * @param isOfAll whether all profiles answer, oldest first; else those of a list, whose
   *     differences are told
   */
  public ProfileReport(boolean isOfAll) {
    this.isOfAll = isOfAll;
  }

  /** Adds the answer of a profile. */
  public void put(Verdict verdict) {
    verdicts.put(verdict.profile(), verdict);
  }

  /** The answers in the order in which they came. */
  Map<QemuProfile, Verdict> verdicts() {
    return verdicts;
  }

  boolean isOfAll() {
    return isOfAll;
  }

  /** The release from which on all migrate the VM; empty if the newest does not. */
  Optional<QemuProfile> migratesFrom() {
    return isOfAll ? ReleaseChange.migratesFrom(verdicts.values()) : Optional.empty();
  }

  /** What changes from each profile of a list to the next. */
  List<ReleaseChange> changes() {
    List<ReleaseChange> changes = new ArrayList<>();
    List<Verdict> all = List.copyOf(verdicts.values());
    for (int i = 1; !isOfAll && i < all.size(); i++) {
      changes.add(ReleaseChange.between(all.get(i - 1), all.get(i)));
    }
    return changes;
  }

  /** For programs: one JSON object. */
  public String json() {
    return VerdictJson.profiles(verdicts.values(), migratesFrom(), changes(), warnings());
  }

  /** The warnings of all, each once; one that only some profiles have names them. */
  List<String> warnings() {
    Map<String, List<String>> profilesOf = new LinkedHashMap<>();
    Set<String> unrecorded = new LinkedHashSet<>();
    verdicts.keySet().forEach(profile -> profile.warning().ifPresent(unrecorded::add));
    verdicts.forEach((profile, verdict) -> {
      for (String warning : verdict.warnings()) {
        if (unrecorded.contains(warning)) {
          continue;
        }
        List<String> profiles = profilesOf.computeIfAbsent(warning, key -> new ArrayList<>());
        if (!profiles.contains(profile.id())) {
          profiles.add(profile.id());
        }
      }
    });
    List<String> all = new ArrayList<>();
    profilesOf.forEach((warning, profiles) ->
        all.add(
            profiles.size() == verdicts.size()
                ? warning
                : "QEMU " + String.join(", ", profiles) + ": " + warning));
    all.addAll(unrecorded);
    return all;
  }
}
