package io.github.stopcopy.migration;

import static io.github.stopcopy.migration.TestVm.A;
import static io.github.stopcopy.migration.TestVm.B;
import static io.github.stopcopy.migration.TestVm.NO_P2P;
import static io.github.stopcopy.migration.TestVm.P2P;
import static io.github.stopcopy.migration.TestVm.V10;
import static io.github.stopcopy.migration.TestVm.V11;
import static io.github.stopcopy.migration.TestVm.can;
import static io.github.stopcopy.migration.TestVm.host;
import static io.github.stopcopy.migration.TestVm.intel;
import static io.github.stopcopy.migration.TestVm.logging;
import static io.github.stopcopy.migration.TestVm.migrate;
import static io.github.stopcopy.migration.TestVm.plugins;
import static io.github.stopcopy.migration.TestVm.q35;
import static io.github.stopcopy.migration.TestVm.scenario;
import static io.github.stopcopy.migration.TestVm.vfio;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;

import io.github.stopcopy.core.error.Errno;
import io.github.stopcopy.core.error.InputException;
import io.github.stopcopy.core.host.HostDevice.DmaLogging;
import io.github.stopcopy.core.host.HostDevice.MigrationSupport;
import io.github.stopcopy.core.host.HostFacts;
import io.github.stopcopy.core.migration.MigrationMode;
import io.github.stopcopy.migration.Question.Outcome;
import io.github.stopcopy.migration.reason.ReasonCode;
import io.github.stopcopy.migration.scenario.Scenario;
import io.github.stopcopy.migration.scenario.Step;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

/** What was asked on the way to a verdict (R-BLK-20 .. R-BLK-28). */
class QuestionsTest {

  private static final HostFacts ANY = HostFacts.CAPABLE;

  private static Played play(Scenario scenario) throws InputException {
    return MigrationCheck.of(scenario)
        .plugins(plugins())
        .ruleSets(RuleSets.of(List.of()))
        .remedies(false)
        .play();
  }

  private static Outcome outcome(Played played, String subject, Topic topic) {
    return played.questions().stream()
        .filter(each -> each.subject().equals(subject) && each.text().equals(topic.text()))
        .findFirst()
        .orElseThrow()
        .outcome();
  }

  @ParameterizedTest
  @EnumSource
  void everyCodeIsTheAnswerToOneQuestion(ReasonCode code) {
    assertThat(Topic.of(code).codes()).contains(code);
    assertThat(Stream.of(Topic.values()).filter(topic -> topic.codes().contains(code))).hasSize(1);
  }

  @Test
  void aVmThatMigratesPassesThemAll() throws Exception {
    Played played = play(scenario(V10, q35(vfio(A), vfio(B)), ANY, migrate()));

    assertThat(played.questions()).extracting(Question::outcome).containsOnly(Outcome.PASS);
    assertThat(played.questions())
        .extracting(Question::subject, Question::text, Question::answer)
        .contains(
            tuple("vm", Topic.STARTS.text(), "2 VFIO devices, no vIOMMU"),
            tuple(A, Topic.OWNER.text(), "enable-migration=auto"),
            tuple(A, Topic.KERNEL.text(), "stop-copy, p2p"),
            tuple(A, Topic.TRACKER.text(), "the device logs its own writes"),
            tuple("vm", Topic.SEVERAL.text(), "2 devices, 2 of them with P2P"),
            tuple(A, Topic.RANGES.text(), "1 range"));
  }

  @Test
  void R_BLK_21_aDeviceThatBlocksIsAskedNoMore() throws Exception {
    HostFacts host = host(Map.of(A, can(MigrationSupport.failing(Errno.ENOTTY))));
    Played played = play(scenario(V10, q35(intel(), vfio(A)), host, migrate()));

    assertThat(outcome(played, A, Topic.OWNER)).isEqualTo(Outcome.PASS);
    assertThat(outcome(played, A, Topic.KERNEL)).isEqualTo(Outcome.FAIL);
    assertThat(outcome(played, A, Topic.TRACKER)).isEqualTo(Outcome.NOT_ASKED);
    assertThat(outcome(played, A, Topic.VIOMMU)).isEqualTo(Outcome.NOT_ASKED);
    assertThat(outcome(played, "vm", Topic.RANGES)).isEqualTo(Outcome.NOT_ASKED);
  }

  @Test
  void R_BLK_25_severalDevicesAreAskedOnceForTheVm() throws Exception {
    Played played =
        play(scenario(V10, q35(vfio(A), vfio(B)), host(Map.of(B, can(NO_P2P))), migrate()));

    assertThat(outcome(played, "vm", Topic.SEVERAL)).isEqualTo(Outcome.FAIL);
    assertThat(outcome(played, A, Topic.VIOMMU)).isEqualTo(Outcome.PASS);
  }

  @Test
  void whatFailsAtTheStartEndsTheRest() throws Exception {
    DmaLogging refusing = logging(Optional.of(Errno.EINVAL), Optional.empty(), 0);
    Played played =
        play(scenario(V10, q35(vfio(A)), host(Map.of(A, can(P2P, refusing))), migrate()));

    assertThat(outcome(played, A, Topic.RANGES)).isEqualTo(Outcome.FAIL);
    assertThat(outcome(played, "vm", Topic.PASSES)).isEqualTo(Outcome.NOT_ASKED);
    assertThat(outcome(played, "vm", Topic.STATES)).isEqualTo(Outcome.NOT_ASKED);
  }

  @Test
  void ofAVmThatDoesNotStartNothingElseIsAsked() throws Exception {
    Played played = play(scenario(V10, q35(intel("caching-mode=off"), vfio(A)), ANY, migrate()));

    assertThat(played.questions()).hasSize(1);
    assertThat(outcome(played, "vm", Topic.STARTS)).isEqualTo(Outcome.FAIL);
  }

  /** R-REL-24: blockers do not count in this mode, so none is told to be passed. */
  @Test
  void R_REL_24_inTheModeCprRebootNoBlockerIsAskedFor() throws Exception {
    Played played =
        play(
            scenario(
                V11,
                q35(intel(), vfio(A)),
                ANY,
                new Step.Migrate(Set.of(), MigrationMode.CPR_REBOOT, false)));

    assertThat(outcome(played, A, Topic.VIOMMU)).isEqualTo(Outcome.NOT_ASKED);
    assertThat(outcome(played, "vm", Topic.HOW)).isEqualTo(Outcome.CONDITION);
  }

  static Stream<Arguments> everyCode() {
    return ReasonsTest.everyCode();
  }

  /** The verdict and the questions never differ. */
  @ParameterizedTest(name = "{0}: {1}")
  @MethodSource("everyCode")
  void everyReasonIsTheAnswerToAQuestion(
      String code, VerdictKind kind, String device, Scenario scenario, String text)
      throws Exception {
    Played played = play(scenario);

    assertThat(played.questions()).anyMatch(question -> question.codes().contains(code));
    assertThat(played.questions().stream().anyMatch(each -> each.outcome() == Outcome.FAIL))
        .isEqualTo(!kind.isPositive());
    assertThat(played.questions().stream().anyMatch(each -> each.outcome() == Outcome.CONDITION))
        .isEqualTo(kind == VerdictKind.CONDITIONAL);
  }
}
