package io.github.stopcopy.migration;

import static org.assertj.core.api.Assertions.assertThat;
import static org.mockito.ArgumentMatchers.any;
import static org.mockito.ArgumentMatchers.anyList;
import static org.mockito.ArgumentMatchers.eq;
import static org.mockito.Mockito.mock;
import static org.mockito.Mockito.when;

import io.github.stopcopy.migration.Trials.Trial;
import io.github.stopcopy.migration.candidate.Candidate;
import io.github.stopcopy.migration.candidate.RemedyCandidates;
import io.github.stopcopy.migration.reason.ReasonKind;
import io.github.stopcopy.migration.remedy.RemedyChange;
import io.github.stopcopy.migration.remedy.RemedyNeed;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** Which remedies are told and in which order, for changes of which the test says what they do. */
class RemedyProofTest {

  private static final String CODE = "VIOMMU_PRESENT";

  private final Map<List<RemedyChange>, Optional<Trial>> outcomes = new HashMap<>();
  private final List<Candidate> candidates = new ArrayList<>();

  private static Judgement judgement(VerdictKind kind, String... codes) {
    List<Reason> reasons = new ArrayList<>();
    for (String code : codes) {
      reasons.add(
          new Reason(
              code,
              ReasonKind.BLOCKER,
              Optional.empty(),
              Optional.empty(),
              "",
              "",
              List.of(),
              List.of(),
              List.of()));
    }
    return new Judgement(kind, reasons, Optional.empty());
  }

  private void leads(String text, VerdictKind kind, List<RemedyNeed> needs, String... codes) {
    Candidate candidate =
        new Candidate(text, List.of(new RemedyChange.Set("machine", text, "on")), needs, List.of());
    candidates.add(candidate);
    outcomes.put(
        candidate.changes(), Optional.of(new Trial(judgement(kind, codes), Optional.empty())));
  }

  private List<String> told() {
    Trials trials = mock(Trials.class);
    when(trials.play(anyList())).thenAnswer(call -> outcomes.get(call.getArgument(0)));
    RemedyCandidates known = mock(RemedyCandidates.class);
    when(known.against(eq(CODE), any())).thenReturn(candidates);
    return new RemedyProof(trials, known, Optional.empty())
        .against(judgement(VerdictKind.BLOCKED, CODE)).get(0).remedies().stream()
            .map(Remedy::text)
            .toList();
  }

  @Test
  void whatFreesTheVmComesFirstThenWhatIsCheapestAndAPatchLast() {
    leads("patch", VerdictKind.MIGRATABLE, List.of(RemedyNeed.UNMERGED_PATCH));
    leads("fails elsewhere", VerdictKind.FAILED, List.of(), "DEVICE_STATE_FAILED");
    leads("guest", VerdictKind.MIGRATABLE, List.of(RemedyNeed.GUEST_CHANGE));
    leads("restart, if", VerdictKind.CONDITIONAL, List.of(RemedyNeed.RESTART), "HOST_ASSUMED");
    leads("restart", VerdictKind.MIGRATABLE, List.of(RemedyNeed.RESTART));

    assertThat(told())
        .containsExactly("restart", "restart, if", "guest", "fails elsewhere", "patch");
  }

  @Test
  void whatIsNoBetterIsNotTold() {
    leads("the same", VerdictKind.BLOCKED, List.of(), CODE);
    leads("another", VerdictKind.BLOCKED, List.of(), "NOT_NOW");
    leads("worse", VerdictKind.REFUSED, List.of());
    leads("loses data", VerdictKind.CONDITIONAL, List.of(), "VIRTIO_IOMMU_LOSES_DIRTY_PAGES");
    leads("stays beside another", VerdictKind.CONDITIONAL, List.of(), CODE);
    leads("fewer", VerdictKind.BLOCKED, List.of());

    assertThat(told()).containsExactly("fewer");
  }
}
