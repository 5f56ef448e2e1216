package io.github.stopcopy.cli.report;

import io.github.stopcopy.core.profile.QemuProfile;
import io.github.stopcopy.migration.Reason;
import io.github.stopcopy.migration.ReleaseChange;
import io.github.stopcopy.migration.Verdict;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** The answers of several profiles side by side. */
public final class ProfileTable {

  private ProfileTable() {}

  /**
   * A line for each profile, then from which on it migrates or what changes between them, then what
   * listeners tell, then warnings.
   */
  public static String write(ProfileReport report) {
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
    if (report.isOfAll()) {
      text.append('\n').append(migrates(report)).append('\n');
    }
    for (ReleaseChange change : report.changes()) {
      change(text, change);
    }
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

  /** With which releases the VM migrates, in one sentence. */
  private static String migrates(ProfileReport report) {
    List<String> positive = new ArrayList<>();
    report
        .verdicts()
        .forEach((profile, verdict) -> {
          if (verdict.kind().isPositive()) {
            positive.add(profile.id());
          }
        });
    Optional<QemuProfile> from = report.migratesFrom();
    if (positive.isEmpty()) {
      return "It migrates with none of these releases.";
    }
    if (positive.size() == report.verdicts().size()) {
      return "It migrates with all of these releases.";
    }
    return from.isPresent()
        ? "It migrates from QEMU " + from.get() + " on."
        : "It migrates with QEMU " + String.join(", ", positive) + " and no newer release.";
  }

  private static void change(StringBuilder text, ReleaseChange change) {
    text.append("\nWhat changes from QEMU ")
        .append(change.from().profile().id())
        .append(" to ")
        .append(change.to().profile().id())
        .append('\n');
    if (change.isNothing()) {
      text.append("  nothing\n");
      return;
    }
    if (change.from().kind() != change.to().kind()) {
      String verdict = change.from().kind() + " becomes " + change.to().kind();
      Paragraphs.write(text, "  - ", verdict);
    }
    reasons(text, "  - no longer: ", change.gone());
    reasons(text, "  - new: ", change.added());
    change.warningsGone().forEach(line -> Paragraphs.write(text, "  - no longer told: ", line));
    change.warningsAdded().forEach(line -> Paragraphs.write(text, "  - now told: ", line));
  }

  private static void reasons(StringBuilder text, String prefix, List<Reason> reasons) {
    for (Reason reason : reasons) {
      String device = reason.device().map(name -> ", device " + name).orElse("");
      String said = reason.qemuText().isEmpty() ? reason.explanation() : reason.qemuText();
      Paragraphs.write(text, prefix, reason.code() + device + ": " + said);
    }
  }
}
