package io.github.stopcopy.migration.candidate;

import static io.github.stopcopy.migration.TestVm.A;
import static io.github.stopcopy.migration.TestVm.B;
import static io.github.stopcopy.migration.TestVm.C;
import static io.github.stopcopy.migration.TestVm.SEED;
import static io.github.stopcopy.migration.TestVm.V10;
import static io.github.stopcopy.migration.TestVm.V11;
import static io.github.stopcopy.migration.TestVm.device;
import static io.github.stopcopy.migration.TestVm.host;
import static io.github.stopcopy.migration.TestVm.intel;
import static io.github.stopcopy.migration.TestVm.plugins;
import static io.github.stopcopy.migration.TestVm.q35;
import static io.github.stopcopy.migration.TestVm.scenario;
import static io.github.stopcopy.migration.TestVm.vfio;
import static org.assertj.core.api.Assertions.assertThat;

import io.github.stopcopy.core.config.DeviceConfig;
import io.github.stopcopy.core.config.GlobalProperty;
import io.github.stopcopy.core.config.ObjectConfig;
import io.github.stopcopy.core.config.VmConfig;
import io.github.stopcopy.core.host.HostContainer;
import io.github.stopcopy.core.host.HostFacts;
import io.github.stopcopy.core.profile.QemuProfile;
import io.github.stopcopy.core.property.PropertySetting;
import io.github.stopcopy.migration.reason.RemedyKind;
import io.github.stopcopy.migration.remedy.RemedyChange;
import io.github.stopcopy.migration.remedy.RemedyNeed;
import io.github.stopcopy.migration.scenario.Scenario;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** What could help behind a vIOMMU: without it, round it, with the RFC's option, by hardware. */
class ViommuCandidatesTest {

  private static final HostFacts ANY = HostFacts.CAPABLE;

  private static List<String> texts(List<Candidate> candidates) {
    return candidates.stream().map(Candidate::text).toList();
  }

  private static List<Candidate> of(RemedyKind kind, Scenario scenario) throws Exception {
    TargetDevices devices = new TargetDevices(scenario);
    return new RemedyCandidates(scenario, plugins(), true, List.of()).of(kind, devices.all());
  }

  private static List<Candidate> of(RemedyKind kind, QemuProfile profile, VmConfig vm)
      throws Exception {
    return of(kind, scenario(profile, vm, ANY));
  }

  private static VmConfig withCpus(int cpus, DeviceConfig... devices) {
    return q35().vcpus(cpus).devices(List.of(devices)).build();
  }

  @Test
  void R_VIO_3_upTo255VcpusTheVirtualIommuJustGoes() throws Exception {
    assertThat(of(RemedyKind.REMOVE_VIOMMU, V10, withCpus(255, intel())))
        .extracting(Candidate::text)
        .containsExactly(
            "remove the vIOMMU (-device intel-iommu); 255 vCPUs do not need it for interrupts");
    assertThat(of(RemedyKind.REMOVE_VIOMMU, V10, withCpus(256, intel())))
        .extracting(Candidate::changes)
        .containsExactly(
            List.of(
                new RemedyChange.Remove("intel-iommu"), new RemedyChange.Set("smp", "cpus", "255")),
            List.of(new RemedyChange.Remove("intel-iommu")));
    assertThat(of(RemedyKind.REMOVE_VIOMMU, V10, withCpus(1, vfio(A)))).isEmpty();
  }

  @Test
  void R_LST_1_eachBusOfTheDevicesGoesRoundItOnce() throws Exception {
    VmConfig vm =
        withCpus(
            255,
            intel(),
            device("pxb-pcie", "pxb1", "bus_nr=64"),
            vfio(A, "bus=pxb1"),
            vfio(B, "bus=pxb1"),
            vfio(C));
    assertThat(of(RemedyKind.BYPASS_IOMMU, V10, vm))
        .singleElement()
        .satisfies(each -> {
          assertThat(each.text())
              .isEqualTo(
                  "set bypass_iommu=on on pxb1 and -machine default-bus-bypass-iommu=on, so that"
                      + " the vIOMMU does not serve the devices on these buses, nor remaps their"
                      + " interrupts");
          assertThat(each.changes())
              .containsExactly(
                  new RemedyChange.Set("pxb1", "bypass_iommu", "on"),
                  new RemedyChange.Set("machine", "default-bus-bypass-iommu", "on"));
          assertThat(each.needs()).containsExactly(RemedyNeed.RESTART);
          assertThat(each.assumes()).isEmpty();
        });
    assertThat(of(RemedyKind.BYPASS_IOMMU, V10, withCpus(1, vfio(A)))).as("no vIOMMU").isEmpty();
    assertThat(of(RemedyKind.BYPASS_IOMMU, V10, withCpus(1, intel()))).as("no device").isEmpty();
  }

  @Test
  void R_VIO_3_withMoreVcpusTheGuestTakesPartInTheBypass() throws Exception {
    assertThat(of(RemedyKind.BYPASS_IOMMU, V10, withCpus(256, intel(), vfio(A))))
        .singleElement()
        .satisfies(each -> {
          assertThat(each.text()).contains("they then reach only the first 255 vCPUs");
          assertThat(each.needs()).containsExactly(RemedyNeed.RESTART, RemedyNeed.GUEST_CHANGE);
          assertThat(each.assumes()).hasSize(1);
        });
  }

  @Test
  void theOptionOfTheRfcTakesAPatchUnlessItIsThere() throws Exception {
    List<RemedyChange> on = List.of(new RemedyChange.Set("v1", "x-migration-iommu-pt", "on"));
    assertThat(of(RemedyKind.IOMMU_PASSTHROUGH_OPTION, SEED, q35(intel(), vfio(A))))
        .singleElement()
        .satisfies(each -> {
          assertThat(each.text()).isEqualTo("set x-migration-iommu-pt=on on v1");
          assertThat(each.changes()).isEqualTo(on);
          assertThat(each.needs()).containsExactly(RemedyNeed.RESTART);
        });
    assertThat(of(RemedyKind.IOMMU_PASSTHROUGH_OPTION, V10, q35(intel(), vfio(A), vfio(B))))
        .singleElement()
        .satisfies(each -> {
          assertThat(each.text())
              .startsWith(
                  "patch QEMU and set x-migration-iommu-pt=on on every VFIO device (v1, v2)"
                      + " (profile 8.1-iommu-pt)");
          assertThat(each.changes())
              .containsExactly(
                  new RemedyChange.Release(SEED),
                  new RemedyChange.Set("vfio-pci", "x-migration-iommu-pt", "on"));
          assertThat(each.needs()).containsExactly(RemedyNeed.RESTART, RemedyNeed.UNMERGED_PATCH);
        });
  }

  private static List<Candidate> byIommu(QemuProfile profile, Boolean tracks, VmConfig vm)
      throws Exception {
    HostContainer container =
        tracks == null
            ? HostContainer.CAPABLE
            : HostContainer.builder().iommuDirtyTracking(tracks).build();
    return of(RemedyKind.IOMMUFD_DIRTY_TRACKING, scenario(profile, vm, host(container, Map.of())));
  }

  @Test
  void R_BLK_50_theHardwareThatIsKnownToTrackNeedsNothingOfTheHost() throws Exception {
    assertThat(byIommu(V10, true, q35(vfio(A))))
        .singleElement()
        .satisfies(each -> {
          assertThat(each.text())
              .isEqualTo(
                  "set iommufd=iommufd0 on v1, with -object iommufd,id=iommufd0, so that the"
                      + " hardware of the host's IOMMU tracks");
          assertThat(each.changes())
              .containsExactly(
                  new RemedyChange.Set("object", "iommufd0", "iommufd"),
                  new RemedyChange.Set("v1", "iommufd", "iommufd0"));
          assertThat(each.needs()).containsExactly(RemedyNeed.RESTART);
        });
    assertThat(byIommu(V10, false, q35(vfio(A)))).as("it cannot").isEmpty();
    assertThat(byIommu(V10, true, q35(intel()))).as("no device").isEmpty();
  }

  @Test
  void R_BLK_50_hardwareNobodyToldOfIsAssumed() throws Exception {
    VmConfig there =
        q35(vfio(A)).toBuilder().object(new ObjectConfig("iommufd", "fd7", Map.of())).build();
    assertThat(byIommu(V10, null, there))
        .singleElement()
        .satisfies(each -> {
          assertThat(each.changes())
              .containsExactly(
                  new RemedyChange.Set("host", "containers.iommu-dirty-tracking", "on"),
                  new RemedyChange.Set("v1", "iommufd", "fd7"));
          assertThat(each.needs()).containsExactly(RemedyNeed.RESTART, RemedyNeed.HOST_CHANGE);
          assertThat(each.assumes()).hasSize(1);
        });
  }

  @Test
  void R_BLK_63_behindAVirtualIommuHardwareTracksOnlyForDevicesThatDoNotLog() throws Exception {
    assertThat(byIommu(V11, true, q35(intel(), vfio(A))))
        .extracting(Candidate::changes)
        .containsExactly(
            List.of(
                new RemedyChange.Set("object", "iommufd0", "iommufd"),
                new RemedyChange.Set("v1", "iommufd", "iommufd0"),
                new RemedyChange.Set("v1", "x-device-dirty-page-tracking", "off")));
    assertThat(byIommu(V10, true, q35(intel(), vfio(A))).get(0).text())
        .startsWith("run QEMU 11.1 and set iommufd=iommufd0 and x-device-dirty-page-tracking=off");
  }

  @Test
  void R_BLK_50_trackingIsTurnedOnWhereSomebodyTurnedItOff() throws Exception {
    RemedyKind kind = RemedyKind.DEVICE_TRACKING_ON;
    String property = "x-device-dirty-page-tracking";
    assertThat(of(kind, V10, q35(vfio(A)))).isEmpty();
    List<List<RemedyChange>> on = List.of(List.of(new RemedyChange.Set("v1", property, "on")));
    assertThat(of(kind, V10, q35(vfio(A, property + "=off"))))
        .extracting(Candidate::changes)
        .isEqualTo(on);
    VmConfig other =
        q35(vfio(A)).toBuilder()
            .global(new GlobalProperty("vfio-pci", PropertySetting.of("x-no-mmap", "on")))
            .global(new GlobalProperty("intel-iommu", PropertySetting.of(property, "off")))
            .build();
    assertThat(of(kind, V10, other)).isEmpty();
    VmConfig forAll =
        q35(vfio(A)).toBuilder()
            .global(new GlobalProperty("vfio-pci", PropertySetting.of(property, "off")))
            .build();
    assertThat(of(kind, V10, forAll)).extracting(Candidate::changes).isEqualTo(on);
  }

  @Test
  void whoAcceptsThatAllIsSentAgainNeedsAFastLink() throws Exception {
    assertThat(of(RemedyKind.ACCEPT_ALL_DIRTY, V10, q35(vfio(A))))
        .singleElement()
        .satisfies(each -> {
          assertThat(each.changes())
              .containsExactly(new RemedyChange.Set("v1", "enable-migration", "on"));
          assertThat(each.assumes()).singleElement().asString().startsWith("the link is fast");
        });
    assertThat(of(RemedyKind.ACCEPT_ALL_DIRTY, V10, q35(intel()))).isEmpty();
  }

  private static List<Candidate> iommufd(VmConfig vm, Boolean tracks) {
    HostContainer container =
        tracks == null
            ? HostContainer.CAPABLE
            : HostContainer.builder().iommuDirtyTracking(tracks).build();
    Scenario scenario = scenario(V10, vm, host(container, Map.of()));
    return new TrackingCandidates(scenario, new TargetDevices(scenario), false).iommufd();
  }

  @Test
  void devicesAreOpenedThroughIommufdOrNot() {
    assertThat(texts(iommufd(q35(vfio(A)), null)))
        .containsExactly(
            "set iommufd=iommufd0 on v1, with -object iommufd,id=iommufd0",
            "have an IOMMU in the host that can track dirty pages, and Linux from 6.7 on");
    assertThat(texts(iommufd(q35(vfio(A)), true)))
        .containsExactly("set iommufd=iommufd0 on v1, with -object iommufd,id=iommufd0");
    assertThat(texts(iommufd(q35(vfio(A, "iommufd=i0")), true)))
        .containsExactly("leave out iommufd on v1");
    assertThat(texts(iommufd(q35(vfio(A, "iommufd=i0"), vfio(B)), false)))
        .containsExactly(
            "set iommufd=iommufd0 on every VFIO device (v1, v2), with -object"
                + " iommufd,id=iommufd0",
            "leave out iommufd on v1");
    assertThat(iommufd(q35().build(), null)).isEmpty();
  }

  @Test
  void anObjectThatIsThereIsUsedAndAFreeNameElse() {
    ObjectConfig there = new ObjectConfig("iommufd", "fd7", Map.of());
    VmConfig with = q35(vfio(A)).toBuilder().object(there).build();
    assertThat(iommufd(with, true).get(0).changes())
        .containsExactly(new RemedyChange.Set("v1", "iommufd", "fd7"));
    ObjectConfig taken = new ObjectConfig("memory-backend-ram", "iommufd0", Map.of());
    VmConfig other = q35(vfio(A)).toBuilder().object(taken).build();
    assertThat(iommufd(other, true).get(0).changes())
        .containsExactly(
            new RemedyChange.Set("object", "iommufd1", "iommufd"),
            new RemedyChange.Set("v1", "iommufd", "iommufd1"));
  }
}
