package io.github.stopcopy.migration.fleet;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.stopcopy.core.plugin.Plugins;
import io.github.stopcopy.core.profile.QemuProfile;
import io.github.stopcopy.migration.Reason;
import io.github.stopcopy.migration.Remedy;
import io.github.stopcopy.migration.RuleSets;
import io.github.stopcopy.migration.VerdictKind;
import io.github.stopcopy.migration.fleet.FleetRow.Earlier;
import io.github.stopcopy.migration.fleet.FleetRow.Freed;
import io.github.stopcopy.migration.fleet.FleetSummary.Count;
import io.github.stopcopy.migration.reason.ReasonKind;
import io.github.stopcopy.migration.remedy.RemedyChange;
import io.github.stopcopy.migration.remedy.RemedyNeed;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Rows, changes and numbers of a fleet as people read them. */
class FleetWordsTest {

  private static FleetChange change(RemedyChange... parts) {
    return new FleetChange(List.of(parts), List.of(RemedyNeed.RESTART));
  }

  @Test
  void aChangeIsToldAsOptionsWhereThereAreSome() {
    FleetChange set = change(new RemedyChange.Set("vfio-pci", "enable-migration", "on"));
    assertThat(set.command()).contains("--set vfio-pci.enable-migration=on");
    assertThat(set).hasToString("--set vfio-pci.enable-migration=on");
  }

  /** Where one part has no option, all parts are told in words. */
  @Test
  void aChangeWithoutOptionsIsToldInWords() {
    RemedyChange fact = new RemedyChange.Set("host", "devices.*.driver", "mlx5_vfio_pci");
    assertThat(change(fact).command()).isEmpty();
    assertThat(
            change(
                fact,
                new RemedyChange.Unset("vfio-pci", "x-no-mmap"),
                new RemedyChange.Remove("intel-iommu"),
                new RemedyChange.Replace("vfio-pci", "virtio-net-pci"),
                new RemedyChange.Release(QemuProfile.V11_0),
                new RemedyChange.Action(RemedyChange.Action.VIOMMU_FIRST)))
        .hasToString(
            "host.devices.*.driver=mlx5_vfio_pci, do not set vfio-pci.x-no-mmap, remove"
                + " intel-iommu, virtio-net-pci in place of vfio-pci, QEMU 11.0, viommu-first");
  }

  private static Remedy remedy(String text, VerdictKind then) {
    return new Remedy(
        text, List.of(), Optional.empty(), Optional.empty(), List.of(), then, List.of());
  }

  private static FleetRow row(VerdictKind kind, Remedy... remedies) {
    Reason none =
        new Reason(
            "A",
            ReasonKind.BLOCKER,
            Optional.empty(),
            Optional.empty(),
            "",
            "",
            List.of(),
            List.of(),
            List.of());
    Reason some =
        new Reason(
            "B",
            ReasonKind.BLOCKER,
            Optional.empty(),
            Optional.empty(),
            "",
            "",
            List.of(),
            List.of(),
            List.of(remedies));
    return new FleetRow(
        "vm",
        "",
        Optional.of(QemuProfile.V11_1),
        Optional.of(kind),
        List.of(none, some),
        List.of(),
        List.of(),
        "",
        Optional.empty());
  }

  @ParameterizedTest
  @CsvSource({
    "BLOCKED, MIGRATABLE, true",
    "BLOCKED, CONDITIONAL, true",
    "BLOCKED, BLOCKED, false",
    "CONDITIONAL, MIGRATABLE, true",
    "CONDITIONAL, CONDITIONAL, false",
    "MIGRATABLE, CONDITIONAL, false"
  })
  void whatFreesAVm(VerdictKind now, VerdictKind then, boolean frees) {
    assertThat(row(now).frees(remedy("x", then))).isEqualTo(frees);
  }

  @Test
  void theFirstRemedyThatFreesIsToldFirst() {
    Remedy helps = remedy("helps", VerdictKind.BLOCKED);
    Remedy more = remedy("helps too", VerdictKind.FAILED);
    Remedy frees = remedy("frees", VerdictKind.CONDITIONAL);
    Remedy best = remedy("frees too", VerdictKind.MIGRATABLE);
    assertThat(row(VerdictKind.BLOCKED, helps, frees, best).remedy()).contains(frees);
    assertThat(row(VerdictKind.CONDITIONAL, helps, frees, best).remedy()).contains(best);
    assertThat(row(VerdictKind.BLOCKED, helps, more).remedy()).contains(helps);
    assertThat(row(VerdictKind.BLOCKED).remedy()).isEmpty();
  }

  @Test
  void theSumsOfACount() {
    Count count = new Count("n", 1, 20, 300, 4_000, 50_000, 600_000);
    assertThat(count.canMove()).isEqualTo(21);
    assertThat(count.cannotMove()).isEqualTo(54_300);
    assertThat(count.vms()).isEqualTo(654_321);
  }

  private static FleetRow freed(String id, FleetChange... changes) {
    List<Freed> all = new ArrayList<>();
    for (FleetChange change : changes) {
      all.add(new Freed("B", change));
    }
    FleetRow row = row(VerdictKind.BLOCKED);
    return new FleetRow(
        id, "", row.profile(), row.verdict(), row.reasons(), List.of(), all, "", Optional.empty());
  }

  @Test
  void whoIsNewlyWorseAndWhoIsStuck() {
    FleetTally tally = new FleetTally();
    Earlier before =
        new Earlier(true, Optional.of(QemuProfile.V8_1), Optional.of(VerdictKind.MIGRATABLE));
    tally.add(row(VerdictKind.CONDITIONAL).since(before));
    tally.add(row(VerdictKind.BLOCKED).since(before));
    tally.add(row(VerdictKind.FAILED).since(before));
    tally.add(row(VerdictKind.MIGRATABLE).since(before));
    FleetSummary summary = tally.summary();
    assertThat(summary.newlyWorse()).contains(3L);
    assertThat(summary.newlyStuck()).isEqualTo(2);
  }

  @Test
  void theReleasesOfMostVmsComeFirst() {
    FleetTally tally = new FleetTally();
    FleetRow newest = row(VerdictKind.MIGRATABLE);
    FleetRow old =
        new FleetRow(
            "vm",
            "",
            Optional.of(QemuProfile.V8_1),
            newest.verdict(),
            List.of(),
            List.of(),
            List.of(),
            "",
            Optional.empty());
    tally.add(old);
    tally.add(newest);
    tally.add(newest);
    assertThat(tally.summary().profiles()).containsExactly(QemuProfile.V11_1, QemuProfile.V8_1);
    tally.add(old);
    tally.add(old);
    assertThat(tally.summary().profiles()).containsExactly(QemuProfile.V8_1, QemuProfile.V11_1);
  }

  /** Of changes that free as many and ask the same, that of fewer parts. */
  @Test
  void theSmallerChangeComesFirst() {
    FleetChange one = change(new RemedyChange.Remove("vfio-pci"));
    FleetChange two =
        change(new RemedyChange.Remove("vfio-pci"), new RemedyChange.Remove("intel-iommu"));
    FleetTally tally = new FleetTally();
    tally.add(freed("a", two, one));
    assertThat(tally.summary().changes().get(0).change()).isEqualTo(one);
  }

  /** Memory does not grow with the fleet: later changes are not kept, known ones are counted on. */
  @Test
  void aThousandChangesAreCountedAndNoMore() {
    FleetTally tally = new FleetTally();
    for (int i = 0; i < 1_001; i++) {
      tally.add(freed("a" + i, change(new RemedyChange.Set("smp", "cpus", Integer.toString(i)))));
    }
    FleetChange known = change(new RemedyChange.Set("smp", "cpus", "999"));
    FleetChange late = change(new RemedyChange.Set("smp", "cpus", "1000"));
    tally.add(freed("b", known, late));
    tally.add(freed("c", late));
    tally.add(freed("d", late));
    assertThat(tally.summary().changes().get(0)).isEqualTo(new FleetSummary.Freeing(known, 2));
    assertThat(tally.summary().changes()).hasSize(FleetSummary.MOST_CHANGES);
    assertThat(tally.summary().changes())
        .extracting(FleetSummary.Freeing::change)
        .doesNotContain(late);
  }

  /** Each of these names a device; the action and the release name none. */
  @Test
  void aChangeThatNamesADeviceIsUnusedUntilAVmHasIt() throws Exception {
    FleetCheck check =
        FleetCheck.builder(Plugins.of(List.of()), RuleSets.of(List.of()))
            .apply(
                List.of(
                    new RemedyChange.Unset("a", "x"),
                    new RemedyChange.Remove("b"),
                    new RemedyChange.Replace("c", "virtio-net-pci"),
                    new RemedyChange.Set("d", "x", "y"),
                    new RemedyChange.Action(RemedyChange.Action.VIOMMU_FIRST),
                    new RemedyChange.Release(QemuProfile.V11_0)))
            .build();
    assertThat(check.unused()).containsExactly("a", "b", "c", "d");
  }
}
