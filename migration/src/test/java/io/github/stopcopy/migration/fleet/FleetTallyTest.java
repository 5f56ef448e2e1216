package io.github.stopcopy.migration.fleet;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.stopcopy.core.profile.QemuProfile;
import io.github.stopcopy.migration.Reason;
import io.github.stopcopy.migration.VerdictKind;
import io.github.stopcopy.migration.fleet.FleetRow.Earlier;
import io.github.stopcopy.migration.fleet.FleetRow.Freed;
import io.github.stopcopy.migration.fleet.FleetSummary.Count;
import io.github.stopcopy.migration.reason.ReasonKind;
import io.github.stopcopy.migration.remedy.RemedyChange;
import io.github.stopcopy.migration.remedy.RemedyNeed;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What is counted of a fleet. */
class FleetTallyTest {

  private static final FleetChange RESTART =
      new FleetChange(
          List.of(new RemedyChange.Set("vfio-pci", "enable-migration", "on")),
          List.of(RemedyNeed.RESTART));
  private static final FleetChange UNPLUG =
      new FleetChange(
          List.of(new RemedyChange.Action(RemedyChange.Action.UNPLUG_FOR_MIGRATION)),
          List.of(RemedyNeed.UNPLUG));

  private static Reason reason(String code, ReasonKind kind, String device) {
    return new Reason(
        code, kind, Optional.of(device), Optional.empty(), "", "", List.of(), List.of(), List.of());
  }

  private static FleetRow row(
      String id, String node, VerdictKind kind, List<Reason> reasons, FleetChange... changes) {
    return new FleetRow(
        id,
        node,
        Optional.of(QemuProfile.V11_1),
        Optional.of(kind),
        reasons,
        List.of(),
        List.of(changes).stream().map(each -> new Freed("A", each)).toList(),
        "",
        Optional.empty());
  }

  @Test
  void vmsAreCountedInSumAndByNode() {
    FleetTally tally = new FleetTally();
    tally.add(row("a", "n1", VerdictKind.MIGRATABLE, List.of()));
    tally.add(row("b", "n2", VerdictKind.CONDITIONAL, List.of()));
    tally.add(row("c", "n1", VerdictKind.BLOCKED, List.of()));
    tally.add(row("d", "n1", VerdictKind.REFUSED, List.of()));
    tally.add(row("e", "n1", VerdictKind.FAILED, List.of()));
    tally.add(FleetRow.unknown("f", "", "broken"));
    FleetSummary summary = tally.summary();

    assertThat(summary.all()).isEqualTo(new Count("", 1, 1, 1, 1, 1, 1));
    assertThat(summary.nodes())
        .containsExactly(
            new Count("n1", 1, 0, 1, 1, 1, 0),
            new Count("n2", 0, 1, 0, 0, 0, 0),
            new Count("", 0, 0, 0, 0, 0, 1));
    assertThat(summary.newlyWorse()).isEmpty();
  }

  /** A VM counts once for a cause, however many of its devices have it. */
  @Test
  void causesComeByFrequencyAndConditionsLast() {
    FleetTally tally = new FleetTally();
    Reason condition = reason("C", ReasonKind.CONDITION, "x");
    for (int i = 0; i < 5; i++) {
      tally.add(row("c" + i, "", VerdictKind.CONDITIONAL, List.of(condition)));
    }
    Reason first = reason("A", ReasonKind.BLOCKER, "x");
    Reason second = reason("B", ReasonKind.BLOCKER, "x");
    tally.add(row("one", "", VerdictKind.BLOCKED, List.of(second, first, first), RESTART));
    tally.add(row("two", "", VerdictKind.BLOCKED, List.of(first), RESTART, UNPLUG));
    FleetSummary summary = tally.summary();

    assertThat(summary.causes())
        .extracting(cause -> cause.code() + " " + cause.vms() + " " + cause.devices())
        .containsExactly("A 2 3", "B 1 1", "C 5 5");
    assertThat(summary.causes().get(0).change().orElseThrow().change()).isEqualTo(RESTART);
    assertThat(summary.causes().get(1).change()).isEmpty();
    assertThat(summary.causes().get(2).examples()).containsExactly("c0", "c1", "c2");
    assertThat(summary.changes())
        .extracting(freeing -> freeing.change() + " " + freeing.vms())
        .containsExactly("--set vfio-pci.enable-migration=on 2", "unplug-for-migration 1");
  }

  /** Of changes that free as many, that which asks least of people. */
  @Test
  void theLeastEffortComesFirst() {
    FleetTally tally = new FleetTally();
    tally.add(row("a", "", VerdictKind.BLOCKED, List.of(), RESTART, UNPLUG));
    assertThat(tally.summary().changes().get(0).change()).isEqualTo(UNPLUG);
  }

  @Test
  void nodesBeyondABoundAreCountedTogether() {
    FleetTally tally = new FleetTally();
    int more = 5;
    for (int i = 0; i < FleetTally.MOST_NODES + more; i++) {
      tally.add(FleetRow.unknown("a", "n" + i, ""));
    }
    List<Count> nodes = tally.summary().nodes();
    assertThat(nodes).hasSize(FleetTally.MOST_NODES + 1);
    assertThat(nodes.get(FleetTally.MOST_NODES))
        .isEqualTo(new Count(FleetTally.OTHER_NODES, 0, 0, 0, 0, 0, more));
  }

  private static Optional<VerdictKind> kind(String word) {
    return List.of(VerdictKind.values()).stream().filter(k -> k.word().equals(word)).findFirst();
  }

  @ParameterizedTest
  @CsvSource({
    "migratable, migratable, false",
    "migratable, conditional, true",
    "migratable, blocked, true",
    "migratable, unknown, true",
    "conditional, migratable, false",
    "conditional, failed, true",
    "blocked, refused, false",
    "blocked, unknown, true",
    "unknown, unknown, false",
    "unknown, blocked, true",
    "unknown, conditional, false",
    "absent, migratable, false",
    "absent, conditional, false",
    "absent, blocked, true",
    "absent, unknown, true"
  })
  void whatIsNewlyWorse(String before, String now, boolean worse) {
    FleetRow row =
        kind(now)
            .map(kind -> row("a", "", kind, List.of()))
            .orElseGet(() -> FleetRow.unknown("a", "", "x"));
    Earlier earlier =
        before.equals("absent")
            ? Earlier.ABSENT
            : new Earlier(true, Optional.empty(), kind(before));
    assertThat(row.isNewlyWorse()).isFalse();
    assertThat(row.since(earlier).isNewlyWorse()).isEqualTo(worse);
  }
}
