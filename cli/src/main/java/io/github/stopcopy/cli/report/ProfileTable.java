package io.github.stopcopy.cli.report;

import io.github.stopcopy.core.profile.QemuProfile;
import io.github.stopcopy.migration.Reason;
import io.github.stopcopy.migration.Verdict;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Set;

/** The answers of all profiles side by side. */
public final class ProfileTable {

  private ProfileTable() {}

  /** A line for each profile, then what listeners tell, then warnings. */
  public static String write(ProfileReport report) {
    StringBuilder text = new StringBuilder(causes(report));
    for (Map.Entry<QemuProfile, Verdict> entry : report.verdicts().entrySet()) {
      Verdict verdict = entry.getValue();
      if (!verdict.listeners().isEmpty()) {
        text.append("\nWhat listeners saw, QEMU ").append(entry.getKey().id()).append('\n');
        ListenerLines.write(text, verdict.listeners(), "  ", name -> name);
      }
    }
    Paragraphs.warnings(text, report.warnings());
    return text.toString();
  }

  /** A line for each profile. */
  public static String causes(ProfileReport report) {
    StringBuilder text = new StringBuilder();
    text.append(String.format("%-14s %-12s %s\n", "QEMU", "verdict", "because of"));
    for (Map.Entry<QemuProfile, Verdict> entry : report.verdicts().entrySet()) {
      Verdict verdict = entry.getValue();
      Set<String> codes = new LinkedHashSet<>();
      for (Reason reason : verdict.reasons()) {
        codes.add(reason.code());
      }
      String recorded = entry.getKey().isRecorded() ? "" : "  (not recorded)";
      text.append(
          String.format(
                  "%-14s %-12s %s%s",
                  entry.getKey().id(), verdict.kind(), String.join(", ", codes), recorded)
              .stripTrailing());
      text.append('\n');
    }
    return text.toString();
  }
}
