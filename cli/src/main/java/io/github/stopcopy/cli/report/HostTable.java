package io.github.stopcopy.cli.report;

import io.github.stopcopy.live.host.Certainty;
import io.github.stopcopy.live.host.Finding;
import io.github.stopcopy.live.host.HostReport;
import java.util.Optional;

/** What a host told, for people: what is known, assumed and unknown, and how to get it. */
public final class HostTable {

  private static final String INDENT = "  ";
  private static final int CERTAINTY_WIDTH = 9;
  private static final int FACT_WIDTH = 22;

  private HostTable() {}

  /** A section for the host, for its IOMMU and for each device; then notes. */
  public static String write(HostReport report) {
    StringBuilder text = new StringBuilder();
    Optional<String> before = Optional.empty();
    boolean isMoreToKnow = false;
    for (Finding finding : report.findings()) {
      if (!before.equals(Optional.of(finding.subject()))) {
        text.append(text.isEmpty() ? "" : "\n").append(title(finding.subject())).append('\n');
        before = Optional.of(finding.subject());
      }
      write(text, finding);
      isMoreToKnow |= !finding.better().isEmpty();
    }
    if (!report.notes().isEmpty()) {
      text.append("\nNotes\n");
      report
          .notes()
          .forEach(note -> Paragraphs.write(text, "  - ", note.subject() + ": " + note.text()));
    }
    if (isMoreToKnow) {
      text.append(
          "\nThe probe is docs/probe/stopcopy-probe.c; --probe FILE takes what it prints.\n");
    }
    return text.toString();
  }

  private static String title(String subject) {
    return switch (subject) {
      case "host" -> "Host";
      case "containers" -> "IOMMU, for VFIO containers (containers)";
      default -> "Device " + subject;
    };
  }

  private static void write(StringBuilder text, Finding finding) {
    String prefix =
        INDENT
            + padded(finding.certainty().word(), CERTAINTY_WIDTH)
            + padded(finding.fact(), FACT_WIDTH);
    String purpose = finding.certainty() == Certainty.UNKNOWN ? "to know: " : "to be sure: ";
    String value = (finding.value() + where(finding)).strip();
    if (value.isEmpty()) {
      Paragraphs.write(text, prefix, purpose + finding.better());
      return;
    }
    Paragraphs.write(text, prefix, value);
    if (!finding.better().isEmpty()) {
      Paragraphs.write(text, " ".repeat(prefix.length()), purpose + finding.better());
    }
  }

  /** A path says by itself where it is from. */
  private static String where(Finding finding) {
    boolean isPath = finding.source().startsWith("/");
    String where =
        finding.origin().isEmpty() || isPath
            ? finding.source()
            : finding.origin() + ": " + finding.source();
    return where.isEmpty() ? "" : " (" + where + ")";
  }

  private static String padded(String text, int width) {
    return text + " ".repeat(Math.max(1, width - text.length()));
  }
}
