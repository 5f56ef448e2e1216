package io.github.stopcopy.cli.report;

import io.github.stopcopy.core.guard.VisibleText;
import io.github.stopcopy.core.profile.QemuProfile;
import io.github.stopcopy.migration.Reason;
import io.github.stopcopy.migration.fleet.FleetChange;
import io.github.stopcopy.migration.fleet.FleetRow;
import io.github.stopcopy.migration.fleet.FleetSummary;
import io.github.stopcopy.migration.fleet.FleetSummary.Cause;
import io.github.stopcopy.migration.fleet.FleetSummary.Count;
import io.github.stopcopy.migration.fleet.FleetSummary.Freeing;
import io.github.stopcopy.migration.reason.ReasonKind;
import io.github.stopcopy.migration.remedy.RemedyNeed;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;

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
    Count all = summary.all();
    if (summary.newlyWorse().isPresent()) {
      paragraph(
          "",
          number(summary.newlyWorse().get())
              + " of "
              + vms(all.vms())
              + " newly worse"
              + (summary.newlyWorse().get() > 0
                  ? ", of which " + number(summary.newlyStuck()) + " cannot move or are unknown"
                  : ""));
    }
    List<String> rest = new ArrayList<>();
    if (all.conditional() > 0) {
      rest.add(number(all.conditional()) + " of them on a condition");
    }
    String moves = number(all.canMove()) + " of " + vms(all.vms()) + " can move";
    List<String> stay = new ArrayList<>();
    if (all.cannotMove() > 0) {
      stay.add(number(all.cannotMove()) + " cannot");
    }
    if (all.unknown() > 0) {
      stay.add(number(all.unknown()) + " unknown");
    }
    String releases =
        summary.profiles().stream().map(QemuProfile::toString).collect(Collectors.joining(", "));
    paragraph(
        "",
        moves
            + (rest.isEmpty() ? "" : ", " + rest.get(0))
            + (stay.isEmpty() ? "" : "; " + String.join(", ", stay))
            + (releases.isEmpty()
                ? ""
                : " (QEMU "
                    + releases
                    + (isReleaseAssumed ? ", assumed where nobody says" : "")
                    + ")"));
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
              ? ", " + number(cause.devices()) + (cause.devices() == 1 ? " device" : " devices")
              : "";
      paragraph(
          "  ",
          cause.code()
              + ": "
              + vms(cause.vms())
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
    FleetChange change = freeing.change();
    String needs = change.needs().stream().map(RemedyNeed::word).collect(Collectors.joining(", "));
    paragraph(
        indent,
        "frees "
            + number(freeing.vms())
            + " of "
            + number(of)
            + ": "
            + change
            + (needs.isEmpty() ? "" : " (needs: " + needs + ")"));
  }

  private void nodes(FleetSummary summary) {
    List<Count> nodes = new ArrayList<>(summary.nodes());
    if (nodes.size() == 1 && nodes.get(0).node().isEmpty()) {
      return;
    }
    nodes.sort(
        Comparator.comparingLong((Count node) -> node.cannotMove() + node.unknown()).reversed());
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
                  number(node.migratable()),
                  number(node.conditional()),
                  number(node.cannotMove()),
                  number(node.unknown())));
    }
    more(nodes.size() - told.size(), "nodes");
  }

  private static String name(Count node) {
    String name = node.node().isEmpty() ? "(none said)" : VisibleText.of(node.node());
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
                + row.earlier().map(FleetText::before).orElse("")
                + ", "
                + causes(row));
      }
      more(stuckCount - stuck.size(), "VMs");
    }
    if (!unknown.isEmpty()) {
      heading(compares ? "VMs that are newly unknown" : "VMs that are unknown");
      unknown.forEach(row -> paragraph("  ", whose(row) + ": " + row.error()));
      more(unknownCount - unknown.size(), "VMs");
    }
  }

  private static String before(FleetRow.Earlier earlier) {
    if (!earlier.known()) {
      return " (was not there)";
    }
    return " (was "
        + earlier.verdict().map(Object::toString).orElse("unknown")
        + earlier.profile().map(release -> " with QEMU " + release).orElse("")
        + ")";
  }

  private static String whose(FleetRow row) {
    return row.node().isEmpty() ? row.id() : row.node() + "/" + row.id();
  }

  private static String causes(FleetRow row) {
    Map<String, List<String>> devices = new LinkedHashMap<>();
    for (Reason reason : row.reasons()) {
      List<String> of = devices.computeIfAbsent(reason.code(), code -> new ArrayList<>());
      reason.device().ifPresent(of::add);
    }
    return devices.entrySet().stream()
        .map(cause ->
            cause.getValue().isEmpty()
                ? cause.getKey()
                : cause.getKey() + " [" + String.join(", ", cause.getValue()) + "]")
        .collect(Collectors.joining("; "));
  }

  private void more(long left, String what) {
    if (left > 0) {
      line("  and " + number(left) + " more " + what + "; --format json tells all");
    }
  }

  private static String vms(long count) {
    return number(count) + (count == 1 ? " VM" : " VMs");
  }

  private static String number(long count) {
    return String.format(Locale.ROOT, "%,d", count);
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
