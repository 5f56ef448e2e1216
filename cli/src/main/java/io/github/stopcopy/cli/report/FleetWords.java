package io.github.stopcopy.cli.report;

import io.github.stopcopy.core.profile.QemuProfile;
import io.github.stopcopy.migration.Reason;
import io.github.stopcopy.migration.fleet.FleetChange;
import io.github.stopcopy.migration.fleet.FleetRow;
import io.github.stopcopy.migration.fleet.FleetSummary;
import io.github.stopcopy.migration.fleet.FleetSummary.Count;
import io.github.stopcopy.migration.fleet.FleetSummary.Freeing;
import io.github.stopcopy.migration.remedy.RemedyNeed;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;

/** The words in which texts and pages alike tell of a fleet. */
public final class FleetWords {

  /** What VMs are under of which nobody says the node. */
  private static final String NO_NODE = "(none said)";

  private FleetWords() {}

  /** How many VMs are worse off than before; empty without anything to compare with. */
  public static Optional<String> newlyWorse(FleetSummary summary) {
    return summary
        .newlyWorse()
        .map(worse ->
            number(worse)
                + " of "
                + vms(summary.all().vms())
                + " newly worse"
                + (worse > 0
                    ? ", of which " + number(summary.newlyStuck()) + " cannot move or are unknown"
                    : ""));
  }

  /**
   * How many VMs can move, and with which QEMU.
   *
   * @param isReleaseAssumed whether the release of a VM is nobody's word
   */
  public static String canMove(FleetSummary summary, boolean isReleaseAssumed) {
    Count all = summary.all();
    List<String> stay = new ArrayList<>();
    if (all.cannotMove() > 0) {
      stay.add(number(all.cannotMove()) + " cannot");
    }
    if (all.unknown() > 0) {
      stay.add(number(all.unknown()) + " unknown");
    }
    String releases =
        summary.profiles().stream().map(QemuProfile::toString).collect(Collectors.joining(", "));
    return number(all.canMove())
        + " of "
        + vms(all.vms())
        + " can move"
        + (all.conditional() > 0
            ? ", " + number(all.conditional()) + " of them on a condition"
            : "")
        + (stay.isEmpty() ? "" : "; " + String.join(", ", stay))
        + (releases.isEmpty()
            ? ""
            : " (QEMU " + releases + (isReleaseAssumed ? ", assumed where nobody says" : "") + ")");
  }

  /**
   * A change and how many VMs it frees.
   *
   * @param of how many there are to free
   */
  public static String freeing(Freeing freeing, long of) {
    FleetChange change = freeing.change();
    String needs = needs(change);
    return "frees "
        + number(freeing.vms())
        + " of "
        + number(of)
        + ": "
        + change
        + (needs.isEmpty() ? "" : " (needs: " + needs + ")");
  }

  /** What a change asks of people; empty if the running VM takes it. */
  public static String needs(FleetChange change) {
    return change.needs().stream().map(RemedyNeed::word).collect(Collectors.joining(", "));
  }

  /** The nodes, that with the most VMs that do not move first; none if nobody names one. */
  public static List<Count> nodes(FleetSummary summary) {
    List<Count> nodes = new ArrayList<>(summary.nodes());
    if (nodes.size() == 1 && nodes.get(0).node().isEmpty()) {
      return List.of();
    }
    nodes.sort(
        Comparator.comparingLong((Count node) -> node.cannotMove() + node.unknown()).reversed());
    return nodes;
  }

  /** What a node is called. */
  public static String node(Count node) {
    return node.node().isEmpty() ? NO_NODE : node.node();
  }

  /** What was said of a VM before. */
  public static String earlier(FleetRow.Earlier earlier) {
    return earlier.known()
        ? "was "
            + earlier.verdict().map(Object::toString).orElse("unknown")
            + earlier.profile().map(release -> " with QEMU " + release).orElse("")
        : "was not there";
  }

  /** Why a VM does not move, or on what it depends: codes, and the devices of each. */
  public static String causes(FleetRow row) {
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

  /** How many VMs. */
  public static String vms(long count) {
    return number(count) + (count == 1 ? " VM" : " VMs");
  }

  /** A number with commas between thousands. */
  public static String number(long count) {
    return String.format(Locale.ROOT, "%,d", count);
  }
}
