package io.github.stopcopy.cli.report;

import io.github.stopcopy.core.guard.VisibleText;
import io.github.stopcopy.migration.Proposal;
import io.github.stopcopy.migration.Reason;
import io.github.stopcopy.migration.WhatIf;
import io.github.stopcopy.migration.remedy.RemedyNeed;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/** What changes alter a verdict, for people. */
public final class WhatIfText {

  /** More of them help nobody to decide; JSON has all. */
  private static final int SHOWN = 10;

  private final StringBuilder text = new StringBuilder();

  private WhatIfText() {}

  /**
   * The answer, lines ended.
   *
   * @param found what was found
   * @param diffs unified diffs of the domain's XML for some of the proposals
   */
  public static String write(WhatIf found, Map<Proposal, String> diffs) {
    WhatIfText report = new WhatIfText();
    report.headline(found);
    List<Proposal> shown = found.proposals().isEmpty() ? found.closest() : found.proposals();
    int number = 1;
    for (Proposal proposal : shown.subList(0, Math.min(SHOWN, shown.size()))) {
      report.proposal(number++, proposal, diffs);
    }
    if (shown.size() > SHOWN) {
      report.line("");
      report.line("and " + (shown.size() - SHOWN) + " more, which --format json prints.");
    }
    report.line("");
    Paragraphs.write(report.text, "", tried(found));
    Paragraphs.warnings(report.text, found.verdict().warnings());
    return report.text.toString();
  }

  private void line(String line) {
    text.append(line).append('\n');
  }

  private void headline(WhatIf found) {
    String codes =
        found.verdict().reasons().stream()
            .map(Reason::code)
            .distinct()
            .collect(Collectors.joining(", "));
    Paragraphs.write(
        text,
        "",
        "As it is: "
            + found.verdict().kind()
            + (codes.isEmpty() ? "" : " by " + codes)
            + " (QEMU "
            + found.verdict().profile()
            + ")"
            + found.trackedBytes().map(bytes -> ", " + Sizes.text(bytes) + " tracked").orElse(""));
    line(outcome(found));
  }

  /** What was found, in a line. */
  public static String outcome(WhatIf found) {
    if (found.isReached()) {
      return "It is " + found.goal() + " already; --goal fewer-bytes looks for less to track.";
    } else if (!found.proposals().isEmpty()) {
      String what =
          switch (found.goal()) {
            case MIGRATABLE -> "What makes it migratable";
            case CONDITIONAL -> "What lets QEMU migrate it";
            case FEWER_BYTES -> "What leaves less to track";
          };
      return what + ", smallest first, each played on the model:";
    } else if (!found.closest().isEmpty()) {
      return "Nothing that was tried makes it " + found.goal() + ". What comes closest:";
    }
    return "Nothing that was tried reaches " + found.goal() + ", or comes closer.";
  }

  private void proposal(int number, Proposal proposal, Map<Proposal, String> diffs) {
    String prefix = String.format("%3d. ", number);
    String indent = " ".repeat(prefix.length());
    line("");
    for (String what : proposal.texts()) {
      Paragraphs.write(text, prefix, what);
      prefix = indent.substring(2) + "+ ";
    }
    String left = proposal.codes().isEmpty() ? "" : ": " + String.join(", ", proposal.codes());
    Paragraphs.write(
        text,
        indent + "then  ",
        proposal.verdict()
            + left
            + proposal.trackedBytes().map(b -> ", " + Sizes.text(b) + " tracked").orElse(""));
    line(indent + "needs " + needs(proposal));
    proposal.assumes().forEach(fact -> Paragraphs.write(text, indent + "if    ", fact));
    proposal
        .command()
        .ifPresent(options -> Paragraphs.write(text, indent + "try   ", options.split(" (?=--)")));
    String diff = diffs.get(proposal);
    if (diff != null) {
      diff.lines().forEach(line -> line(indent + VisibleText.of(line)));
    } else {
      proposal.libvirt().ifPresent(xml -> xml.lines().forEach(line -> line(indent + line)));
    }
  }

  /** What a set asks of people. */
  public static String needs(Proposal proposal) {
    String needs =
        proposal.needs().stream().map(RemedyNeed::word).collect(Collectors.joining(", "));
    return needs.isEmpty() ? "nothing: the running VM takes it" : needs;
  }

  /** How much was tried, and what was not. */
  public static String tried(WhatIf found) {
    return "Tried: "
        + found.decisions()
        + " changes, "
        + found.played()
        + " sets of up to "
        + found.largest()
        + (found.isComplete() ? "." : "; not all sets of " + found.largest() + " were.")
        + found.leftOut().stream().map(sentence -> " " + sentence).collect(Collectors.joining());
  }
}
