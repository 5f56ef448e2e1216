package io.github.stopcopy.migration.fleet;

import io.github.stopcopy.core.profile.QemuProfile;
import io.github.stopcopy.migration.Reason;
import io.github.stopcopy.migration.fleet.FleetRow.Freed;
import io.github.stopcopy.migration.fleet.FleetSummary.Cause;
import io.github.stopcopy.migration.fleet.FleetSummary.Count;
import io.github.stopcopy.migration.fleet.FleetSummary.Freeing;
import io.github.stopcopy.migration.reason.ReasonKind;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.EnumMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * Counts the answers of a fleet of any length: it keeps numbers, a few ids as examples, and the
 * first {@value #MOST_NODES} nodes; the VMs of later ones are counted under {@value #OTHER_NODES}.
 * Not thread-safe.
 */
public final class FleetTally {

  /** How many nodes are counted each for itself. */
  public static final int MOST_NODES = 10_000;

  /** The name under which the other nodes are counted. */
  public static final String OTHER_NODES = "(other nodes)";

  private static final int MOST_EXAMPLES = 3;

  /** Changes differ by values that only guests and hosts of one kind have; this many suffice. */
  private static final int MOST_CHANGES = 1000;

  private final Numbers all = new Numbers();
  private final Map<String, Numbers> nodes = new LinkedHashMap<>();
  private final Map<QemuProfile, Long> profiles = new EnumMap<>(QemuProfile.class);
  private final Map<CauseKey, CauseNumbers> causes = new LinkedHashMap<>();
  private final Map<FleetChange, Long> changes = new LinkedHashMap<>();
  private boolean compares;
  private long newlyWorse;
  private long newlyStuck;

  /** Counts one. */
  public void add(FleetRow row) {
    all.add(row);
    numbersOf(row.node()).add(row);
    row.profile().ifPresent(profile -> profiles.merge(profile, 1L, Long::sum));
    compares |= row.earlier().isPresent();
    if (row.isNewlyWorse()) {
      newlyWorse++;
      newlyStuck += row.canMove() ? 0 : 1;
    }
    Set<CauseKey> seen = new HashSet<>();
    for (Reason reason : row.reasons()) {
      CauseKey key = new CauseKey(reason.code(), reason.kind());
      CauseNumbers numbers = causes.computeIfAbsent(key, any -> new CauseNumbers());
      if (seen.add(key)) {
        numbers.vms++;
        if (numbers.examples.size() < MOST_EXAMPLES) {
          numbers.examples.add(row.id());
        }
        addOnce(
            row.changes().stream().filter(freed -> freed.code().equals(reason.code())).toList(),
            numbers.changes);
      }
      numbers.devices += reason.device().isPresent() ? 1 : 0;
    }
    if (!row.canMove()) {
      addOnce(row.changes(), changes);
    }
  }

  private Numbers numbersOf(String node) {
    Numbers known = nodes.get(node);
    if (known != null) {
      return known;
    }
    String name = nodes.size() < MOST_NODES ? node : OTHER_NODES;
    return nodes.computeIfAbsent(name, any -> new Numbers());
  }

  private static void addOnce(List<Freed> freed, Map<FleetChange, Long> to) {
    Set<FleetChange> each = new LinkedHashSet<>();
    freed.forEach(one -> each.add(one.change()));
    for (FleetChange change : each) {
      if (to.size() < MOST_CHANGES || to.containsKey(change)) {
        to.merge(change, 1L, Long::sum);
      }
    }
  }

  /** What was counted so far. */
  public FleetSummary summary() {
    List<Count> counts = new ArrayList<>();
    nodes.forEach((node, numbers) -> counts.add(numbers.count(node)));
    List<Cause> told = new ArrayList<>();
    causes.forEach((key, numbers) ->
        told.add(
            new Cause(
                key.code(),
                key.kind(),
                numbers.vms,
                numbers.devices,
                numbers.examples,
                most(numbers.changes).stream().findFirst())));
    told.sort(
        Comparator.<Cause, Boolean>comparing(cause -> cause.kind() == ReasonKind.CONDITION)
            .thenComparing(Comparator.comparingLong(Cause::vms).reversed())
            .thenComparing(Cause::code));
    List<QemuProfile> releases = new ArrayList<>(profiles.keySet());
    releases.sort(
        Comparator.<QemuProfile>comparingLong(release -> profiles.getOrDefault(release, 0L))
            .reversed());
    List<Freeing> freeing = most(changes);
    return new FleetSummary(
        all.count(""),
        compares ? Optional.of(newlyWorse) : Optional.empty(),
        newlyStuck,
        releases,
        told,
        freeing.subList(0, Math.min(freeing.size(), FleetSummary.MOST_CHANGES)),
        counts);
  }

  /** The changes that free most, first; of equal ones that which asks least of people. */
  private static List<Freeing> most(Map<FleetChange, Long> changes) {
    List<Freeing> all = new ArrayList<>();
    changes.forEach((change, vms) -> all.add(new Freeing(change, vms)));
    all.sort(
        Comparator.comparingLong(Freeing::vms)
            .reversed()
            .thenComparingInt(FleetTally::effort)
            .thenComparingInt(freeing -> freeing.change().changes().size()));
    return all;
  }

  private static int effort(Freeing freeing) {
    return freeing.change().needs().stream().mapToInt(Enum::ordinal).max().orElse(-1);
  }

  private record CauseKey(String code, ReasonKind kind) {}

  private static final class CauseNumbers {
    private long vms;
    private long devices;
    private final List<String> examples = new ArrayList<>();
    private final Map<FleetChange, Long> changes = new LinkedHashMap<>();
  }

  private static final class Numbers {
    private long migratable;
    private long conditional;
    private long blocked;
    private long refused;
    private long failed;
    private long unknown;

    void add(FleetRow row) {
      if (row.verdict().isEmpty()) {
        unknown++;
        return;
      }
      switch (row.verdict().get()) {
        case MIGRATABLE -> migratable++;
        case CONDITIONAL -> conditional++;
        case BLOCKED -> blocked++;
        case REFUSED -> refused++;
        case FAILED -> failed++;
      }
    }

    Count count(String node) {
      return new Count(node, migratable, conditional, blocked, refused, failed, unknown);
    }
  }
}
