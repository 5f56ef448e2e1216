package io.github.stopcopy.migration;

import static io.github.stopcopy.migration.TestVm.A;
import static io.github.stopcopy.migration.TestVm.P2P;
import static io.github.stopcopy.migration.TestVm.V10;
import static io.github.stopcopy.migration.TestVm.can;
import static io.github.stopcopy.migration.TestVm.host;
import static io.github.stopcopy.migration.TestVm.logging;
import static io.github.stopcopy.migration.TestVm.migrate;
import static io.github.stopcopy.migration.TestVm.plugins;
import static io.github.stopcopy.migration.TestVm.q35;
import static io.github.stopcopy.migration.TestVm.scenario;
import static io.github.stopcopy.migration.TestVm.snapshot;
import static io.github.stopcopy.migration.TestVm.vfio;
import static org.assertj.core.api.Assertions.assertThat;

import io.github.stopcopy.core.error.Errno;
import io.github.stopcopy.core.host.HostFacts;
import io.github.stopcopy.core.plugin.Plugins;
import io.github.stopcopy.migration.change.Changes;
import io.github.stopcopy.migration.incoming.DestinationPlayer;
import io.github.stopcopy.migration.remedy.RemedyChange;
import io.github.stopcopy.migration.rules.QemuRuleSet;
import io.github.stopcopy.migration.scenario.Scenario;
import io.github.stopcopy.migration.scenario.ScenarioPlayer;
import io.github.stopcopy.migration.scenario.Step;
import io.github.stopcopy.vfiopci.VfioPolicy;
import io.github.stopcopy.vfiopci.tracker.DeviceLimits;
import java.math.BigInteger;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** Changes that are played: each list once, and what comes of it. */
class TrialsTest {

  private final List<Scenario> completed = new ArrayList<>();

  private Trials of(Scenario scenario) throws Exception {
    Plugins plugins = plugins();
    TrackerChoice choice =
        TrackerChoice.of(
            List.of(), plugins.dirtyTrackers(), scenario, (vm, device) -> DeviceLimits.NONE);
    return new Trials(
        new ScenarioPlayer(plugins, new QemuRuleSet()::rules, VfioPolicy.EXACT, choice),
        choice,
        new Judging(
            new Judge(false, false),
            new DestinationPlayer(plugins, new QemuRuleSet()::rules, VfioPolicy.EXACT),
            Optional.empty()),
        changed -> {
          completed.add(changed);
          return changed;
        },
        scenario,
        new Changes(plugins.virtualIommus().names()),
        true);
  }

  private static RemedyChange set(String value) {
    return new RemedyChange.Set("v1", "enable-migration", value);
  }

  @Test
  void aListIsPlayedOnceWithoutLookingAtTheVm() throws Exception {
    Trials trials =
        of(scenario(V10, q35(vfio(A)), HostFacts.CAPABLE, snapshot(), migrate(), snapshot()));
    Optional<Trials.Trial> off = trials.play(List.of(set("off")));

    assertThat(off).isPresent();
    assertThat(off.get().judgement().kind()).isEqualTo(VerdictKind.BLOCKED);
    assertThat(trials.play(List.of(set("off")))).isSameAs(off);
    assertThat(trials.play(List.of(set("on"))).orElseThrow().judgement().kind())
        .isEqualTo(VerdictKind.MIGRATABLE);
    assertThat(completed).hasSize(2);
    assertThat(completed)
        .flatExtracting(Scenario::steps)
        .hasSize(4)
        .noneMatch(Step.Snapshot.class::isInstance);
  }

  @Test
  void whatCannotBeMadeHasNoOutcome() throws Exception {
    Trials trials = of(scenario(V10, q35(vfio(A)), HostFacts.CAPABLE, migrate()));
    List<RemedyChange> nobody = List.of(new RemedyChange.Set("v9", "x-no-mmap", "on"));

    assertThat(trials.play(nobody)).isEmpty();
    assertThat(trials.isNothing(nobody)).isTrue();
  }

  @Test
  void whatIsSetAlreadyIsNothing() throws Exception {
    Trials trials =
        of(scenario(V10, q35(vfio(A, "enable-migration=on")), HostFacts.CAPABLE, migrate()));

    assertThat(trials.isNothing(List.of(set("on")))).isTrue();
    assertThat(trials.isNothing(List.of(set("off")))).isFalse();
    assertThat(trials.isNothing(List.of(new RemedyChange.Tracker("v1", "pds"))))
        .as("the VM stays as it is, who tracks does not")
        .isFalse();
    assertThat(trials.isNothing(List.of(new RemedyChange.Set("destination", "profile", "11.0"))))
        .as("so does the VM here")
        .isFalse();
  }

  /** R-DT-33: a device that refuses to log tracks nothing. */
  @Test
  void R_DT_33_onlyWhatIsTrackedCounts() throws Exception {
    HostFacts refusing =
        host(Map.of(A, can(P2P, logging(Optional.of(Errno.EINVAL), Optional.empty(), 0))));

    assertThat(
            of(scenario(V10, q35(vfio(A)), HostFacts.CAPABLE, migrate()))
                .play(List.of())
                .orElseThrow()
                .trackedBytes())
        .contains(BigInteger.TWO.pow(31));
    assertThat(
            of(scenario(V10, q35(vfio(A)), refusing, migrate()))
                .play(List.of())
                .orElseThrow()
                .trackedBytes())
        .isEmpty();
  }
}
