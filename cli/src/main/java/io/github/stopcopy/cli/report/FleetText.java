package io.github.stopcopy.cli.report;

import io.github.stopcopy.core.guard.VisibleText;
import io.github.stopcopy.migration.fleet.FleetRow;
import io.github.stopcopy.migration.fleet.FleetSummary;
import io.github.stopcopy.migration.fleet.FleetSummary.Cause;
import io.github.stopcopy.migration.fleet.FleetSummary.Count;
import io.github.stopcopy.migration.fleet.FleetSummary.Freeing;
import io.github.stopcopy.migration.reason.ReasonKind;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * A fleet for people, in lines of 80 columns: how many VMs can move, why others do not, what would
 * free most of them, and the first of them by name. It keeps no more VMs than it tells.
 */
public final class FleetText {

  private static final int WIDTH = 80;
  private static final int MOST_VMS = 20;
  private static final int MOST_NODES = 40;
  private static final int LONGEST_NAME = 30;

  private final List<FleetRow> stuck = new ArrayList<>();
  private final List<FleetRow> unknown = new ArrayList<>();
  private long stuckCount;
  private long unknownCount;
  private final boolean compares;
  private final StringBuilder text = new StringBuilder();

  /**
   * A text.
   *
   * @param compares whether there is something to compare with, so that only VMs are named that are
   *     worse off
   */
  public FleetText(boolean compares) {
    this.compares = compares;
  }

  /** Takes the answer about one VM. */
  public void add(FleetRow row) {
    if (compares ? !row.isNewlyWorse() : row.canMove()) {
      return;
    }
    boolean isUnknown = row.verdict().isEmpty();
    List<FleetRow> named = isUnknown ? unknown : stuck;
    if (isUnknown) {
      unknownCount++;
    } else {
      stuckCount++;
    }
    if (named.size() < MOST_VMS) {
      named.add(row);
    }
  }

  /**
   * The whole text, lines ended.
   *
   * @param summary the numbers
   * @param isReleaseAssumed whether the release of a VM is nobody's word
   * @param quiet whether only numbers and causes are wanted
   */
  public String write(FleetSummary summary, boolean isReleaseAssumed, boolean quiet) {
    headline(summary, isReleaseAssumed);
    causes(summary, false);
    causes(summary, true);
    if (!quiet) {
      changes(summary);
      nodes(summary);
      named();
    }
    return text.toString();
  }

  private void headline(FleetSummary summary, boolean isReleaseAssumed) {
    FleetWords.newlyWorse(summary).ifPresent(worse -> paragraph("", worse));
    paragraph("", FleetWords.canMove(summary, isReleaseAssumed));
  }

  private void causes(FleetSummary summary, boolean conditions) {
    List<Cause> causes =
        summary.causes().stream()
            .filter(cause -> (cause.kind() == ReasonKind.CONDITION) == conditions)
            .toList();
    if (causes.isEmpty()) {
      return;
    }
    heading(conditions ? "What it depends on" : "Why VMs do not move");
    for (Cause cause : causes) {
      String devices =
          cause.devices() > 0
              ? ", "
                  + FleetWords.number(cause.devices())
                  + (cause.devices() == 1 ? " device" : " devices")
              : "";
      paragraph(
          "  ",
          cause.code()
              + ": "
              + FleetWords.vms(cause.vms())
              + devices
              + ", "
              + (cause.examples().size() < cause.vms() ? "such as " : "")
              + String.join(", ", cause.examples()));
      cause.change().ifPresent(freeing -> freeing("    ", freeing, cause.vms()));
    }
  }

  private void changes(FleetSummary summary) {
    long stay = summary.all().cannotMove();
    if (!summary.changes().isEmpty()) {
      heading("What frees most VMs, each tried on the model");
      summary.changes().forEach(freeing -> freeing("  - ", freeing, stay));
    }
  }

  private void freeing(String indent, Freeing freeing, long of) {
    paragraph(indent, FleetWords.freeing(freeing, of));
  }

  private void nodes(FleetSummary summary) {
    List<Count> nodes = FleetWords.nodes(summary);
    if (nodes.isEmpty()) {
      return;
    }
    heading("By node");
    List<Count> told = nodes.subList(0, Math.min(nodes.size(), MOST_NODES));
    int width = 4;
    for (Count node : told) {
      width = Math.max(width, name(node).length());
    }
    line("  " + pad("node", width) + "  migratable  conditional      cannot     unknown");
    for (Count node : told) {
      line(
          "  "
              + pad(name(node), width)
              + String.format(
                  Locale.ROOT,
                  "%12s%13s%12s%12s",
                  FleetWords.number(node.migratable()),
                  FleetWords.number(node.conditional()),
                  FleetWords.number(node.cannotMove()),
                  FleetWords.number(node.unknown())));
    }
    more(nodes.size() - told.size(), "nodes");
  }

  private static String name(Count node) {
    String name = VisibleText.of(FleetWords.node(node));
    return name.length() <= LONGEST_NAME ? name : name.substring(0, LONGEST_NAME - 3) + "...";
  }

  private static String pad(String word, int width) {
    return word + " ".repeat(width - word.length());
  }

  private void named() {
    if (!stuck.isEmpty()) {
      heading(compares ? "VMs that are newly worse" : "VMs that do not move");
      for (FleetRow row : stuck) {
        paragraph(
            "  ",
            whose(row)
                + ": "
                + row.verdict().orElseThrow()
                + row.earlier().map(was -> " (" + FleetWords.earlier(was) + ")").orElse("")
                + ", "
                + FleetWords.causes(row));
      }
      more(stuckCount - stuck.size(), "VMs");
    }
    if (!unknown.isEmpty()) {
      heading(compares ? "VMs that are newly unknown" : "VMs that are unknown");
      unknown.forEach(row -> paragraph("  ", whose(row) + ": " + row.error()));
      more(unknownCount - unknown.size(), "VMs");
    }
  }

  private static String whose(FleetRow row) {
    return row.node().isEmpty() ? row.id() : row.node() + "/" + row.id();
  }

  private void more(long left, String what) {
    if (left > 0) {
      line("  and " + FleetWords.number(left) + " more " + what + "; --format json tells all");
    }
  }

  private void heading(String words) {
    line("");
    line(words);
  }

  private void paragraph(String prefix, String words) {
    Paragraphs.write(text, prefix, words.split(" "), WIDTH);
  }

  private void line(String line) {
    text.append(line).append('\n');
  }
}
