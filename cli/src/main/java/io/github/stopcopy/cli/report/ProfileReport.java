package io.github.stopcopy.cli.report;

import io.github.stopcopy.core.profile.QemuProfile;
import io.github.stopcopy.json.VerdictJson;
import io.github.stopcopy.migration.Verdict;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** The answers of all profiles to one question. */
public final class ProfileReport {

  private final Map<QemuProfile, Verdict> verdicts = new EnumMap<>(QemuProfile.class);

  /** Adds or replaces the answer of its profile. */
  public void put(Verdict verdict) {
    verdicts.put(verdict.profile(), verdict);
  }

  /** The answers in the order of the profiles. */
  Map<QemuProfile, Verdict> verdicts() {
    return verdicts;
  }

  /** For programs: one JSON object. */
  public String json() {
    return VerdictJson.profiles(verdicts.values(), warnings());
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
