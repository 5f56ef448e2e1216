package io.github.stopcopy.cli.report;

import io.github.stopcopy.core.profile.QemuProfile;
import io.github.stopcopy.json.VerdictJson;
import io.github.stopcopy.migration.Verdict;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** The answers of all profiles to one question. */
public final class ProfileReport {

  private final Map<QemuProfile, CheckReport> reports = new EnumMap<>(QemuProfile.class);

  /** Adds or replaces the answer of a profile. */
  public void put(QemuProfile profile, CheckReport report) {
    reports.put(profile, report);
  }

  /** The answers in the order of the profiles. */
  Map<QemuProfile, CheckReport> reports() {
    return reports;
  }

  /** For programs: one JSON object. */
  public String json() {
    Map<QemuProfile, Verdict> verdicts = new EnumMap<>(QemuProfile.class);
    reports.forEach((profile, report) -> verdicts.put(profile, report.verdict()));
    return VerdictJson.profiles(verdicts, warnings());
  }

  /** The warnings of all, each once; one that only some profiles have names them. */
  List<String> warnings() {
    Map<String, List<String>> profilesOf = new LinkedHashMap<>();
    reports.forEach((profile, report) -> {
      for (String warning : report.warnings()) {
        List<String> profiles = profilesOf.computeIfAbsent(warning, key -> new ArrayList<>());
        if (!profiles.contains(profile.id())) {
          profiles.add(profile.id());
        }
      }
    });
    List<String> all = new ArrayList<>();
    profilesOf.forEach((warning, profiles) ->
        all.add(
            profiles.size() == reports.size()
                ? warning
                : "QEMU " + String.join(", ", profiles) + ": " + warning));
    for (QemuProfile profile : reports.keySet()) {
      profile.warning().ifPresent(all::add);
    }
    return all;
  }
}
