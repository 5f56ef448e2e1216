package io.github.stopcopy.cli.report;

import io.github.stopcopy.migration.BlockerComparison;

/** The model's blockers beside those of the QEMU that runs the VM. */
public final class ComparisonLines {

  private static final String NOTHING = "(nothing)";

  private ComparisonLines() {}

  /**
   * One line if they agree, else both.
   *
   * @param comparison what was compared
   * @param qemu what that QEMU says of itself
   */
  public static String write(BlockerComparison comparison, String qemu) {
    StringBuilder text = new StringBuilder("\n");
    int count = comparison.actual().size();
    if (comparison.agrees()) {
      text.append("The running QEMU ")
          .append(qemu)
          .append(" says the same: ")
          .append(count == 0 ? "nothing blocks" : count == 1 ? "1 blocker" : count + " blockers")
          .append(".\n");
    } else {
      text.append("The running QEMU ").append(qemu).append(" says something else.\n");
      text.append("  predicted\n");
      lines(text, comparison.predicted());
      text.append("  actual\n");
      lines(text, comparison.actual());
      Paragraphs.write(
          text,
          "  ",
          "Please report it with the file that --anonymize FILE writes. Facts of the host that"
              + " nobody gave (--host) can be the reason.");
    }
    for (String other : comparison.others()) {
      Paragraphs.write(
          text, "  ", "QEMU also says, which has to do with neither VFIO nor a vIOMMU: " + other);
    }
    return text.toString();
  }

  private static void lines(StringBuilder text, Iterable<String> blockers) {
    boolean isEmpty = true;
    for (String blocker : blockers) {
      text.append("    ").append(blocker).append('\n');
      isEmpty = false;
    }
    if (isEmpty) {
      text.append("    ").append(NOTHING).append('\n');
    }
  }
}
