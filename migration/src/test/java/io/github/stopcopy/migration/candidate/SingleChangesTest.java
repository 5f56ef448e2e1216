package io.github.stopcopy.migration.candidate;

import static io.github.stopcopy.migration.TestVm.A;
import static io.github.stopcopy.migration.TestVm.B;
import static io.github.stopcopy.migration.TestVm.SEED;
import static io.github.stopcopy.migration.TestVm.V10;
import static io.github.stopcopy.migration.TestVm.intel;
import static io.github.stopcopy.migration.TestVm.migrate;
import static io.github.stopcopy.migration.TestVm.plugins;
import static io.github.stopcopy.migration.TestVm.q35;
import static io.github.stopcopy.migration.TestVm.scenario;
import static io.github.stopcopy.migration.TestVm.vfio;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;

import io.github.stopcopy.core.config.DeviceConfig;
import io.github.stopcopy.core.config.VmConfig;
import io.github.stopcopy.core.config.VmConfigBuilder;
import io.github.stopcopy.core.host.HostFacts;
import io.github.stopcopy.migration.remedy.RemedyChange;
import io.github.stopcopy.migration.remedy.RemedyChange.Action;
import io.github.stopcopy.migration.remedy.RemedyNeed;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** Every decision that a user can take about a VM, once. */
class SingleChangesTest {

  private static SingleChanges of(VmConfig vm) throws Exception {
    return new SingleChanges(
        scenario(V10, vm, HostFacts.CAPABLE, migrate()), plugins(), true, List.of());
  }

  private static List<Candidate> all(VmConfig vm) throws Exception {
    return of(vm).all();
  }

  private static List<String> texts(List<Candidate> candidates) {
    return candidates.stream().map(Candidate::text).toList();
  }

  /** The targets of the candidates that set enable-migration=off, one for each group of devices. */
  private static List<String> groups(List<Candidate> candidates) {
    return candidates.stream()
        .filter(each -> each.text().startsWith("set enable-migration=off on "))
        .map(each -> each.text().substring("set enable-migration=off on ".length()))
        .toList();
  }

  private static VmConfig devices(int count, int kinds) {
    VmConfigBuilder vm = q35();
    for (int i = 0; i < count; i++) {
      String host = String.format("00%02x:01:00.0", i);
      DeviceConfig device = vfio(host, "x-no-mmap=" + (i % kinds));
      vm.device(
          new DeviceConfig("vfio-pci", Optional.of("n" + i), device.bus(), device.settings()));
    }
    return vm.build();
  }

  @Test
  void aVmWithoutVfioDevicesOrVirtualIommuHasWhatConcernsItself() throws Exception {
    assertThat(texts(all(q35().build())))
        .filteredOn(text -> !text.startsWith("find out"))
        .containsExactly(
            "migrate with the capability multifd",
            "have at most 255 vCPUs",
            "set -machine kernel-irqchip=split",
            "give the guest's processor more address bits: -cpu ...,phys-bits=42",
            "give the guest's processor more address bits: -cpu ...,phys-bits=46",
            "give the guest's processor more address bits: -cpu ...,phys-bits=52",
            "run QEMU 11.1",
            "run QEMU 11.0 (not recorded)",
            "run QEMU 10.2 on the destination, as on the source",
            "patch QEMU (profile 8.1-iommu-pt; the patch is in no release)");
  }

  @Test
  void thePatchIsNoChangeForWhoHasIt() throws Exception {
    SingleChanges patched =
        new SingleChanges(
            scenario(SEED, q35().build(), HostFacts.CAPABLE, migrate()),
            plugins(),
            true,
            List.of());
    assertThat(texts(patched.all())).noneMatch(text -> text.startsWith("patch QEMU"));
  }

  @Test
  void aVirtualIommuGoesIsSetOtherwiseOrIsAnother() throws Exception {
    List<Candidate> with = all(q35(intel(), vfio(A)));
    assertThat(texts(with))
        .containsSubsequence(
            "set dma-translation=off on the vIOMMU, so that it only remaps interrupts; the guest"
                + " must know this (Linux from 5.10 on, Windows Server)",
            "set caching-mode=on on the vIOMMU",
            "set the width of the vIOMMU to aw-bits=48",
            "set the width of the vIOMMU to aw-bits=39",
            "remove the vIOMMU (-device intel-iommu); 1 vCPU does not need it for interrupts",
            "set dma-translation=on on the vIOMMU",
            "set intremap=off on the vIOMMU",
            "have a vIOMMU of type virtio-iommu-pci instead of intel-iommu",
            "name the vIOMMU before all other devices");
    assertThat(with)
        .filteredOn(each -> each.text().startsWith("have a vIOMMU of type virtio"))
        .extracting(Candidate::changes, Candidate::needs)
        .containsExactly(
            tuple(
                List.of(new RemedyChange.Replace("intel-iommu", "virtio-iommu-pci")),
                List.of(RemedyNeed.RESTART, RemedyNeed.GUEST_CHANGE)));
    assertThat(texts(with)).noneMatch(text -> text.contains("of type intel-iommu instead"));
    assertThat(with)
        .extracting(Candidate::changes)
        .contains(List.of(new Action(Action.VIOMMU_FIRST)));
  }

  @Test
  void R_VIO_3_aRemovalThatTakesVcpusAlongIsTwoDecisions() throws Exception {
    VmConfig large = q35().vcpus(320).device(intel("eim=on")).build();
    assertThat(texts(all(large)))
        .anyMatch(text -> text.startsWith("remove the vIOMMU (-device intel-iommu) and keep 320"))
        .noneMatch(text -> text.startsWith("remove the vIOMMU (-device intel-iommu) and have"));
  }

  @Test
  void oneDeviceIsOneGroupAndOfFewEachIsOneToo() throws Exception {
    assertThat(groups(all(q35(vfio(A))))).containsExactly("v1");
    assertThat(groups(all(q35(vfio(A), vfio(B)))))
        .containsExactly("every VFIO device (v1, v2)", "v1", "v2");
    assertThat(groups(all(devices(4, 1))))
        .containsExactly("every VFIO device (n0, n1, n2, n3)", "n0", "n1", "n2", "n3");
  }

  @Test
  void ofManyDevicesThoseThatAreAlikeAreOneGroup() throws Exception {
    assertThat(groups(all(devices(5, 1))))
        .containsExactly("every VFIO device (n0, n1, n2, n3 and 1 more)");
    assertThat(groups(all(devices(5, 2))))
        .containsExactly("every VFIO device (n0, n1, n2, n3 and 1 more)", "n0, n2, n4", "n1, n3");
  }

  @Test
  void aGroupCanBeUnpluggedOnItsOwn() throws Exception {
    assertThat(texts(all(devices(5, 2))))
        .filteredOn(text -> text.startsWith("unplug "))
        .extracting(text -> text.substring(0, text.indexOf(" before the migration")))
        .containsExactly(
            "unplug every VFIO device (n0, n1, n2, n3 and 1 more)",
            "unplug n0, n2, n4",
            "unplug n1, n3");
  }

  @Test
  void moreThanEightKindsAreToldButNotTried() throws Exception {
    SingleChanges eight = of(devices(16, 8));
    assertThat(groups(eight.all())).hasSize(9);
    assertThat(eight.kindsLeftOut()).isZero();
    SingleChanges ten = of(devices(20, 10));
    assertThat(ten.kindsLeftOut()).as("not asked yet").isZero();
    assertThat(groups(ten.all())).hasSize(9).doesNotContain("n8, n18");
    assertThat(ten.kindsLeftOut()).isEqualTo(2);
  }

  @Test
  void whatASettingRestsOnIsSaid() throws Exception {
    List<Candidate> all = all(q35(vfio(A)));
    assertThat(texts(all)).as("there is none").noneMatch(text -> text.contains("vIOMMU"));
    assertThat(all)
        .filteredOn(each -> each.text().equals("set enable-migration=on on v1"))
        .singleElement()
        .satisfies(each -> {
          assertThat(each.changes())
              .containsExactly(new RemedyChange.Set("v1", "enable-migration", "on"));
          assertThat(each.needs()).containsExactly(RemedyNeed.RESTART);
          assertThat(each.assumes())
              .containsExactly(
                  "the link is fast enough: what nobody tracks is sent again at every pass");
        });
    assertThat(all)
        .filteredOn(each -> each.text().equals("set enable-migration=off on v1"))
        .extracting(Candidate::assumes)
        .containsExactly(List.of());
  }
}
