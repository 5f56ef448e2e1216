package io.github.stopcopy.migration;

import static io.github.stopcopy.migration.TestVm.A;
import static io.github.stopcopy.migration.TestVm.B;
import static io.github.stopcopy.migration.TestVm.V11;
import static io.github.stopcopy.migration.TestVm.migrate;
import static io.github.stopcopy.migration.TestVm.plugins;
import static io.github.stopcopy.migration.TestVm.q35;
import static io.github.stopcopy.migration.TestVm.scenario;
import static io.github.stopcopy.migration.TestVm.vfio;
import static org.assertj.core.api.Assertions.assertThat;
import static org.mockito.ArgumentMatchers.any;
import static org.mockito.ArgumentMatchers.anyList;
import static org.mockito.ArgumentMatchers.anySet;
import static org.mockito.Mockito.mock;
import static org.mockito.Mockito.verify;
import static org.mockito.Mockito.when;

import io.github.stopcopy.core.host.HostFacts;
import io.github.stopcopy.core.profile.QemuProfile;
import io.github.stopcopy.migration.Trials.Trial;
import io.github.stopcopy.migration.candidate.Candidate;
import io.github.stopcopy.migration.candidate.LibvirtXml;
import io.github.stopcopy.migration.candidate.SingleChanges;
import io.github.stopcopy.migration.candidate.SingleChanges.Part;
import io.github.stopcopy.migration.reason.ReasonKind;
import io.github.stopcopy.migration.remedy.RemedyChange;
import io.github.stopcopy.migration.remedy.RemedyNeed;
import io.github.stopcopy.migration.scenario.Scenario;
import java.math.BigInteger;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** Which sets are played and told, for changes of which the test says what comes of them. */
class WhatIfSearchTest {

  /** Loses data (R-OBS-116). */
  private static final String LOSS = "VIRTIO_IOMMU_LOSES_DIRTY_PAGES";

  private static final int ALL = 1_000_000;
  private static final Scenario VM =
      scenario(V11, q35(vfio(A), vfio(B)), HostFacts.CAPABLE, migrate());

  private final Map<Set<RemedyChange>, Optional<Trial>> outcomes = new HashMap<>();
  private final List<Candidate> whole = new ArrayList<>();
  private final List<List<Candidate>> kinds = new ArrayList<>();
  private final Set<List<RemedyChange>> nothing = new HashSet<>();
  private final Set<Candidate> idle = new HashSet<>();
  private final SingleChanges changes = mock(SingleChanges.class);
  private Trial before = trial(VerdictKind.BLOCKED);
  private Optional<LibvirtXml> libvirt = Optional.empty();
  private List<Reason> reasons = List.of();

  private static Trial trial(VerdictKind kind, String... codes) {
    return tracking(kind, 100, codes);
  }

  private static Trial tracking(VerdictKind kind, long bytes, String... codes) {
    List<Reason> reasons = new ArrayList<>();
    for (String code : codes) {
      reasons.add(reason(code, Optional.empty()));
    }
    return new Trial(
        new Judgement(kind, reasons, Optional.empty()), Optional.of(BigInteger.valueOf(bytes)));
  }

  private static Reason reason(String code, Optional<String> device) {
    return new Reason(
        code,
        ReasonKind.CONDITION,
        device,
        Optional.empty(),
        "",
        "",
        List.of(),
        List.of(),
        List.of());
  }

  private static RemedyChange set(String property) {
    return new RemedyChange.Set("machine", property, "on");
  }

  /** A decision that sets properties of its own name, or these. */
  private static Candidate one(String text, RemedyNeed... needs) {
    return new Candidate(text, List.of(set(text)), List.of(needs), List.of());
  }

  private static Candidate of(String text, RemedyChange... changes) {
    return new Candidate(text, List.of(changes), List.of(), List.of());
  }

  private static Candidate assuming(Candidate candidate, String... facts) {
    return new Candidate(candidate.text(), candidate.changes(), candidate.needs(), List.of(facts));
  }

  /** What comes of decisions that are made together. */
  private void leadTo(Trial outcome, Candidate... together) {
    Set<RemedyChange> all = new HashSet<>();
    for (Candidate each : together) {
      all.addAll(each.changes());
    }
    outcomes.put(all, Optional.of(outcome));
  }

  private void lead(Trial outcome, Candidate... each) {
    for (Candidate one : each) {
      whole.add(one);
      leadTo(outcome, one);
    }
  }

  private WhatIf search(WhatIfGoal goal) {
    return search(goal, ALL);
  }

  private WhatIf search(WhatIfGoal goal, int mostDevicesPlayed) {
    Trials trials = mock(Trials.class);
    when(trials.play(anyList()))
        .thenAnswer(call ->
            outcomes.getOrDefault(
                Set.copyOf(call.<List<RemedyChange>>getArgument(0)), Optional.of(before)));
    when(trials.isNothing(anyList())).thenAnswer(call -> nothing.contains(call.getArgument(0)));
    List<Part> parts = new ArrayList<>();
    parts.add(new Part(OptionalInt.empty(), whole));
    for (int i = 0; i < kinds.size(); i++) {
      parts.add(new Part(OptionalInt.of(i), kinds.get(i)));
    }
    when(changes.all(anySet())).thenReturn(parts);
    when(changes.leftOut()).thenReturn(List.of("left out before"));
    when(changes.isIdle(any())).thenAnswer(call -> idle.contains(call.getArgument(0)));
    Verdict verdict = mock(Verdict.class);
    when(verdict.reasons()).thenReturn(reasons);
    return new WhatIfSearch(trials, libvirt, VM, goal, mostDevicesPlayed).search(verdict, changes);
  }

  private static List<String> texts(List<Proposal> proposals) {
    return proposals.stream().map(proposal -> String.join("+", proposal.texts())).toList();
  }

  @Test
  void whatIsReachedIsNotSearchedForInSets() {
    before = trial(VerdictKind.CONDITIONAL);
    whole.addAll(List.of(one("a"), one("b"), one("c"), one("d")));

    WhatIf allowed = search(WhatIfGoal.CONDITIONAL);
    assertThat(allowed.played()).isEqualTo(4);
    assertThat(allowed.largest()).isEqualTo(1);
    assertThat(allowed.decisions()).isEqualTo(4);
    assertThat(allowed.isComplete()).isTrue();

    WhatIf wanted = search(WhatIfGoal.MIGRATABLE);
    assertThat(wanted.played()).as("and six sets of two, four of three").isEqualTo(14);
    assertThat(wanted.largest()).isEqualTo(3);
    assertThat(wanted.isComplete()).isTrue();
    assertThat(wanted.leftOut()).containsExactly("left out before");
  }

  @Test
  void setsOfThreeArePlayedWhereSmallerOnesFail() {
    Candidate a = one("a");
    Candidate b = one("b");
    Candidate c = one("c");
    whole.addAll(List.of(a, one("z"), b, c));
    leadTo(trial(VerdictKind.MIGRATABLE), a, b, c);

    assertThat(texts(search(WhatIfGoal.MIGRATABLE).proposals())).containsExactly("a+b+c");
    leadTo(trial(VerdictKind.MIGRATABLE), a, c);
    WhatIf pair = search(WhatIfGoal.MIGRATABLE);
    assertThat(texts(pair.proposals())).containsExactly("a+c");
    assertThat(pair.largest()).isEqualTo(2);
  }

  /** Of 30 changes there are 4060 sets of three. */
  @Test
  void soManySetsOfThreeArePlayedAndNoMore() {
    for (int i = 0; i < 30; i++) {
      whole.add(one("p" + i));
    }
    WhatIf found = search(WhatIfGoal.MIGRATABLE);

    assertThat(found.played()).isEqualTo(30 + 435 + 2000);
    assertThat(found.closest()).as("none is better").isEmpty();
    assertThat(found.isComplete()).isFalse();
    assertThat(found.largest()).isEqualTo(3);
  }

  @Test
  void theCheapestComesFirstAndAPatchLast() {
    Candidate x = one("x");
    Candidate y = one("y");
    lead(
        trial(VerdictKind.MIGRATABLE),
        one("patch", RemedyNeed.UNMERGED_PATCH),
        one("unplug and restart", RemedyNeed.UNPLUG, RemedyNeed.RESTART),
        one("restart", RemedyNeed.RESTART),
        assuming(one("unplug, if", RemedyNeed.UNPLUG), "they can be"),
        one("unplug", RemedyNeed.UNPLUG));
    whole.addAll(List.of(x, y));
    leadTo(trial(VerdictKind.MIGRATABLE), x, y);

    assertThat(texts(search(WhatIfGoal.MIGRATABLE).proposals()))
        .containsExactly("unplug", "unplug, if", "restart", "unplug and restart", "x+y", "patch");
  }

  /** One that does more is told where it comes to something better, or asks for less. */
  @Test
  void whatDoesMoreToNoBetterEndIsLeftOut() {
    RemedyChange p = set("p");
    Candidate less = of("less", p);
    Candidate more = of("more", p, set("q"));
    Trial works = trial(VerdictKind.CONDITIONAL, "LEFT");

    assertThat(toldOf(less, works, more, works)).containsExactly("less");
    assertThat(toldOf(less, works, more, trial(VerdictKind.MIGRATABLE, "LEFT")))
        .containsExactlyInAnyOrder("less", "more");
    assertThat(toldOf(less, works, more, trial(VerdictKind.CONDITIONAL)))
        .as("a reason less")
        .containsExactlyInAnyOrder("less", "more");
    Candidate needing = new Candidate("less", List.of(p), List.of(RemedyNeed.RESTART), List.of());
    assertThat(toldOf(needing, works, more, works)).containsExactlyInAnyOrder("less", "more");
    assertThat(toldOf(assuming(less, "luck"), works, more, works))
        .containsExactlyInAnyOrder("less", "more");
    assertThat(toldOf(less, trial(VerdictKind.MIGRATABLE), more, works)).containsExactly("less");
  }

  private List<String> toldOf(Candidate one, Trial ofOne, Candidate other, Trial ofOther) {
    whole.clear();
    outcomes.clear();
    lead(ofOne, one);
    lead(ofOther, other);
    return texts(search(WhatIfGoal.CONDITIONAL).proposals());
  }

  @Test
  void aDecisionThatDoesMoreThanASetOfTwoIsOneLess() {
    Candidate x = one("x");
    Candidate y = one("y");
    whole.addAll(List.of(x, y));
    leadTo(trial(VerdictKind.MIGRATABLE), x, y);
    lead(trial(VerdictKind.MIGRATABLE), of("all", set("x"), set("y"), set("z")));

    assertThat(texts(search(WhatIfGoal.MIGRATABLE).proposals())).containsExactly("all", "x+y");
  }

  @Test
  void ofFewerBytesTheFewestComeFirst() {
    before = trial(VerdictKind.MIGRATABLE);
    lead(tracking(VerdictKind.MIGRATABLE, 60), of("some", set("p")));
    lead(tracking(VerdictKind.MIGRATABLE, 40), of("more", set("p"), set("q")));
    lead(tracking(VerdictKind.MIGRATABLE, 60), of("too much", set("p"), set("r")));
    lead(tracking(VerdictKind.MIGRATABLE, 100), one("as many"));
    lead(tracking(VerdictKind.CONDITIONAL, 10), one("at a price"));
    lead(
        new Trial(
            new Judgement(VerdictKind.MIGRATABLE, List.of(), Optional.empty()), Optional.empty()),
        one("none at all"));

    WhatIf found = search(WhatIfGoal.FEWER_BYTES);
    assertThat(texts(found.proposals())).containsExactly("more", "some");
    assertThat(found.isReached()).as("it can always be less").isFalse();
  }

  @Test
  void setsAboutAKindOfDevicesHaveABudget() {
    kinds.add(List.of(one("a"), one("b")));
    kinds.add(List.of(one("c")));
    whole.addAll(List.of(one("v"), one("w")));

    WhatIf all = search(WhatIfGoal.MIGRATABLE, 2 * 9);
    assertThat(all.played()).as("5, 10 of two, 10 of three").isEqualTo(25);
    assertThat(all.isComplete()).isTrue();

    WhatIf most = search(WhatIfGoal.MIGRATABLE, 2 * 8);
    assertThat(most.played()).as("nine of the ten sets of two").isEqualTo(5 + 9);
    assertThat(most.largest()).isEqualTo(2);
    assertThat(most.isComplete()).isFalse();
    assertThat(most.leftOut())
        .containsExactly(
            "left out before",
            "There are so many kinds of VFIO devices that 1 sets of a change of some of them and"
                + " another one were not tried.");

    WhatIf none = search(WhatIfGoal.MIGRATABLE, 0);
    assertThat(none.played()).as("v and w concern the whole VM").isEqualTo(5 + 1);
    assertThat(none.leftOut()).last().asString().contains("that 9 sets");
  }

  @Test
  void whereNothingSufficesTheClosestAreTold() {
    Trial failed = trial(VerdictKind.FAILED);
    lead(failed, one("dear", RemedyNeed.HOST_CHANGE), one("1"), one("2"), one("3"), one("4"));
    lead(trial(VerdictKind.CONDITIONAL), one("closest", RemedyNeed.GUEST_CHANGE));
    lead(trial(VerdictKind.REFUSED), one("worse"));
    lead(trial(VerdictKind.BLOCKED), one("no better"));
    lead(trial(VerdictKind.CONDITIONAL, LOSS), one("loses data"));

    WhatIf found = search(WhatIfGoal.MIGRATABLE);
    assertThat(found.proposals()).isEmpty();
    assertThat(texts(found.closest())).containsExactly("closest", "1", "2", "3", "4");
    WhatIf reached = search(WhatIfGoal.CONDITIONAL);
    assertThat(texts(reached.proposals())).containsExactly("closest");
    assertThat(reached.closest()).isEmpty();
    before = trial(VerdictKind.MIGRATABLE);
    assertThat(search(WhatIfGoal.MIGRATABLE).closest()).isEmpty();
  }

  /** Only what is lost anew counts against a change (R-OBS-116). */
  @Test
  void whatLosesDataAlreadyMayGoOn() {
    before = trial(VerdictKind.BLOCKED, LOSS);
    lead(trial(VerdictKind.CONDITIONAL, LOSS), one("a"));

    WhatIf reached = search(WhatIfGoal.CONDITIONAL);
    assertThat(texts(reached.proposals())).containsExactly("a");
    assertThat(texts(search(WhatIfGoal.MIGRATABLE).closest())).containsExactly("a");
  }

  @Test
  void eachChangeIsTriedOnceAndOneThatChangesNothingNever() {
    Candidate idleOne = one("idle");
    idle.add(idleOne);
    nothing.add(one("no change").changes());
    Candidate release = of("release", new RemedyChange.Release(QemuProfile.V11_1));
    whole.addAll(List.of(one("a"), one("a"), one("no change"), idleOne, release));

    WhatIf found = search(WhatIfGoal.MIGRATABLE);
    assertThat(found.decisions()).isEqualTo(3);
    assertThat(found.played())
        .as("3; with a, idle only beside the release; all three")
        .isEqualTo(3 + 2 + 1);
  }

  @Test
  void aSetHasEachOfItsChangesOnce() {
    Candidate a = of("a", set("p"), set("q"));
    Candidate b = of("b", set("p"), set("r"));
    whole.addAll(List.of(a, b));
    leadTo(trial(VerdictKind.MIGRATABLE), a, b);

    assertThat(search(WhatIfGoal.MIGRATABLE).proposals())
        .singleElement()
        .satisfies(proposal ->
            assertThat(proposal.changes()).containsExactly(set("p"), set("q"), set("r")));
  }

  @Test
  void whatCannotBePlayedIsNoProposal() {
    Candidate a = one("a");
    whole.add(a);
    outcomes.put(Set.copyOf(a.changes()), Optional.empty());

    WhatIf found = search(WhatIfGoal.MIGRATABLE);
    assertThat(found.proposals()).isEmpty();
    assertThat(found.closest()).isEmpty();
    assertThat(found.played()).isEqualTo(1);
  }

  @Test
  void theDevicesOfReasonsComeFirst() {
    reasons = List.of(reason("ONE", Optional.of(B)), reason("OTHER", Optional.empty()));
    search(WhatIfGoal.MIGRATABLE);

    verify(changes).all(Set.of(B));
  }

  /** The XML of a domain says nothing of the host and of who tracks. */
  @Test
  void whatTheDomainCanSayIsXml() throws Exception {
    libvirt = Optional.of(new LibvirtXml(VM, plugins(), Set.of()));
    lead(
        trial(VerdictKind.MIGRATABLE),
        of(
            "split",
            new RemedyChange.Set("host", "containers.iommu-dirty-tracking", "on"),
            new RemedyChange.Tracker("v1", "pds"),
            new RemedyChange.Set("machine", "kernel-irqchip", "split")));

    assertThat(search(WhatIfGoal.MIGRATABLE).proposals())
        .singleElement()
        .satisfies(proposal ->
            assertThat(proposal.libvirt())
                .contains("<features> <ioapic driver='qemu'/> </features>"));
  }

  @Test
  void aProposalTellsWhatAllOfItsDecisionsNeedAndRestOn() {
    Candidate a = assuming(one("a", RemedyNeed.RESTART), "a is so");
    Candidate b = assuming(one("b", RemedyNeed.UNPLUG, RemedyNeed.RESTART), "b is so");
    whole.addAll(List.of(a, b));
    Reason left = reason("LEFT", Optional.of(A)).assuming(List.of("v1 can"));
    leadTo(
        new Trial(
            new Judgement(VerdictKind.CONDITIONAL, List.of(left, left), Optional.empty()),
            Optional.of(BigInteger.TEN)),
        a,
        b);

    assertThat(search(WhatIfGoal.CONDITIONAL).proposals())
        .singleElement()
        .satisfies(proposal -> {
          assertThat(proposal.needs()).containsExactly(RemedyNeed.UNPLUG, RemedyNeed.RESTART);
          assertThat(proposal.assumes()).containsExactly("a is so", "b is so", "v1 can");
          assertThat(proposal.codes()).containsExactly("LEFT");
          assertThat(proposal.verdict()).isEqualTo(VerdictKind.CONDITIONAL);
          assertThat(proposal.trackedBytes()).contains(BigInteger.TEN);
        });
  }

  /** Words in options and JSON are a promise. */
  @Test
  void goalsHaveWords() {
    assertThat(WhatIfGoal.values())
        .extracting(WhatIfGoal::word)
        .containsExactly("migratable", "conditional", "fewer-bytes");
    for (WhatIfGoal goal : WhatIfGoal.values()) {
      assertThat(WhatIfGoal.named(goal.word())).contains(goal);
      assertThat(goal).hasToString(goal.word());
    }
    assertThat(WhatIfGoal.named("better")).isEmpty();
  }

  @Test
  void whatContradictsItselfIsNotPlayed() {
    RemedyChange off = new RemedyChange.Set("machine", "p", "off");
    whole.addAll(List.of(of("on", set("p")), of("off", off), one("c")));

    assertThat(search(WhatIfGoal.MIGRATABLE).played()).as("3, and each with c").isEqualTo(3 + 2);
  }
}
