package io.github.stopcopy.migration;

import static io.github.stopcopy.migration.TestVm.A;
import static io.github.stopcopy.migration.TestVm.B;
import static io.github.stopcopy.migration.TestVm.NO_P2P;
import static io.github.stopcopy.migration.TestVm.P2P;
import static io.github.stopcopy.migration.TestVm.SEED;
import static io.github.stopcopy.migration.TestVm.V10;
import static io.github.stopcopy.migration.TestVm.V11;
import static io.github.stopcopy.migration.TestVm.can;
import static io.github.stopcopy.migration.TestVm.host;
import static io.github.stopcopy.migration.TestVm.intel;
import static io.github.stopcopy.migration.TestVm.migrate;
import static io.github.stopcopy.migration.TestVm.plugins;
import static io.github.stopcopy.migration.TestVm.q35;
import static io.github.stopcopy.migration.TestVm.scenario;
import static io.github.stopcopy.migration.TestVm.vfio;
import static io.github.stopcopy.migration.WhatIfTest.applied;
import static io.github.stopcopy.migration.WhatIfTest.whatIf;
import static org.assertj.core.api.Assertions.assertThat;

import io.github.stopcopy.core.config.DeviceConfig;
import io.github.stopcopy.core.config.VmConfig;
import io.github.stopcopy.core.error.InputException;
import io.github.stopcopy.core.host.HostDevice.DmaLogging;
import io.github.stopcopy.core.host.HostFacts;
import io.github.stopcopy.core.profile.QemuProfile;
import io.github.stopcopy.migration.candidate.AskedTrackers;
import io.github.stopcopy.migration.candidate.Candidate;
import io.github.stopcopy.migration.candidate.SingleChanges;
import io.github.stopcopy.migration.change.Changes;
import io.github.stopcopy.migration.change.Conflicts;
import io.github.stopcopy.migration.change.VfioDevices;
import io.github.stopcopy.migration.remedy.RemedyChange;
import io.github.stopcopy.migration.scenario.Scenario;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

/** What is found against loops that play everything, for random VMs; takes seconds. */
class RandomWhatIfTest {

  private static final HostFacts ANY = HostFacts.CAPABLE;

  private static Scenario random(SplittableRandom random) {
    QemuProfile profile = List.of(QemuProfile.V8_2, V10, V11, SEED).get(random.nextInt(4));
    List<DeviceConfig> devices = new ArrayList<>();
    boolean viommu = random.nextInt(4) > 0;
    String[] settings =
        random.nextBoolean() ? new String[0] : new String[] {"caching-mode=on", "aw-bits=48"};
    if (viommu && random.nextBoolean()) {
      devices.add(intel(settings));
    }
    String[] tracking = {
      "x-device-dirty-page-tracking=off", "enable-migration=on", "enable-migration=off"
    };
    for (String name : random.nextBoolean() ? List.of(A) : List.of(A, B)) {
      devices.add(
          random.nextInt(3) > 0
              ? vfio(name)
              : vfio(name, tracking[random.nextInt(tracking.length)]));
    }
    if (viommu && devices.stream().noneMatch(each -> each.driver().equals("intel-iommu"))) {
      devices.add(intel(settings));
    }
    HostFacts host =
        random.nextInt(3) > 0
            ? ANY
            : host(Map.of(A, can(random.nextBoolean() ? P2P : NO_P2P, DmaLogging.NONE)));
    VmConfig vm = q35().vcpus(random.nextInt(3) > 0 ? 4 : 300).devices(devices).build();
    return scenario(profile, vm, host, migrate());
  }

  @Test
  void everyProposalGivesTheAnswerThatItSays() throws Exception {
    SplittableRandom random = new SplittableRandom(20261129);
    int proposals = 0;
    for (int i = 0; i < 60; i++) {
      Scenario scenario = random(random);
      WhatIfGoal goal = WhatIfGoal.values()[i % 3];
      WhatIf found = whatIf(goal, scenario);
      List<Proposal> all = new ArrayList<>(found.proposals());
      all.addAll(found.closest());
      for (Proposal proposal : all) {
        Verdict then = applied(scenario, proposal.changes());
        assertThat(then.kind()).as("%s of %s", proposal, scenario).isEqualTo(proposal.verdict());
        assertThat(then.reasons().stream().map(Reason::code).distinct())
            .as("%s of %s", proposal, scenario)
            .containsExactlyElementsOf(proposal.codes());
        proposals++;
      }
    }
    assertThat(proposals).isGreaterThan(300);
  }

  /** By loops that know nothing of what can be left out. */
  @Test
  void noSetOfOneOrTwoChangesIsMissing() throws Exception {
    SplittableRandom random = new SplittableRandom(7);
    for (int i = 0; i < 8; i++) {
      Scenario scenario = random(random);
      if (applied(scenario, List.of()).kind().isPositive()) {
        continue;
      }
      WhatIf found = whatIf(WhatIfGoal.CONDITIONAL, scenario);
      Set<Set<RemedyChange>> told = new HashSet<>();
      found.proposals().forEach(proposal -> told.add(Set.copyOf(proposal.changes())));

      assertThat(told).as("%s", scenario).isEqualTo(naive(scenario, found.verdict()));
    }
  }

  /**
   * Decisions that help, and what becomes of the VM.
   *
   * @param differences what is otherwise then, found by comparing the scenarios
   * @param touched how many devices and other things are set, also those that were so before
   */
  private record Helping(List<Candidate> set, Verdict then, Set<String> differences, int touched) {

    static Helping of(Scenario scenario, List<Candidate> set, List<RemedyChange> changes)
        throws InputException {
      Scenario after = new Changes(plugins().virtualIommus().names()).apply(scenario, changes);
      int touched = 0;
      for (RemedyChange change : changes) {
        touched += change.target().equals("vfio-pci") ? VfioDevices.of(scenario).size() : 1;
      }
      return new Helping(
          set, applied(scenario, changes), Differences.between(scenario, after), touched);
    }

    Set<RemedyChange> changes() {
      Set<RemedyChange> all = new HashSet<>();
      set.forEach(each -> all.addAll(each.changes()));
      return all;
    }

    boolean isNeedlessBeside(Helping other) {
      boolean doesMore =
          differences.equals(other.differences)
              ? touched > other.touched
              : differences.containsAll(other.differences);
      return doesMore
          && other.set.size() <= set.size()
          && terms().containsAll(other.terms())
          && other.then.kind().rank() >= then.kind().rank();
    }

    /** What it asks for, and what is left. */
    private Set<Object> terms() {
      Set<Object> all = new HashSet<>();
      set.forEach(each -> all.addAll(each.needs()));
      set.forEach(each -> all.addAll(each.assumes()));
      then.reasons().forEach(reason -> all.add(reason.code()));
      then.reasons().forEach(reason -> all.addAll(reason.assumes()));
      return all;
    }
  }

  private static Set<Set<RemedyChange>> naive(Scenario scenario, Verdict now) throws Exception {
    boolean starts = now.kind() != VerdictKind.REFUSED;
    List<Candidate> all = new ArrayList<>();
    AskedTrackers trackers = new AskedTrackers(Map.of(), "device-log");
    new SingleChanges(scenario, plugins(), starts, List.of(), trackers)
        .all(Set.of())
        .forEach(part -> all.addAll(part.changes()));
    Conflicts conflicts = new Conflicts(scenario);
    List<Helping> singles = new ArrayList<>();
    for (Candidate one : all) {
      if (helps(scenario, now, one.changes())) {
        singles.add(Helping.of(scenario, List.of(one), one.changes()));
      }
    }
    Set<Set<RemedyChange>> found = new HashSet<>();
    singles.forEach(each -> found.add(each.changes()));
    List<Helping> helping = new ArrayList<>(singles);
    for (int i = 0; i < all.size(); i++) {
      for (int j = i + 1; j < all.size(); j++) {
        List<RemedyChange> both = new ArrayList<>(all.get(i).changes());
        all.get(j).changes().stream().filter(c -> !both.contains(c)).forEach(both::add);
        boolean smaller =
            found.contains(Set.copyOf(all.get(i).changes()))
                || found.contains(Set.copyOf(all.get(j).changes()));
        if (!smaller
            && !conflicts.between(all.get(i).changes(), all.get(j).changes())
            && helps(scenario, now, both)) {
          helping.add(Helping.of(scenario, List.of(all.get(i), all.get(j)), both));
        }
      }
    }
    Set<Set<RemedyChange>> told = new HashSet<>();
    for (Helping each : helping) {
      if (helping.stream().noneMatch(each::isNeedlessBeside)) {
        told.add(each.changes());
      }
    }
    return told;
  }

  private static boolean helps(Scenario scenario, Verdict now, List<RemedyChange> changes) {
    Verdict then;
    try {
      then = applied(scenario, changes);
    } catch (InputException notPlayable) {
      return false;
    }
    Set<String> before = new HashSet<>();
    now.reasons().forEach(reason -> before.add(reason.code() + reason.device()));
    return then.kind().isPositive()
        && then.reasons().stream()
            .noneMatch(
                reason -> reason.losesData() && !before.contains(reason.code() + reason.device()));
  }
}
