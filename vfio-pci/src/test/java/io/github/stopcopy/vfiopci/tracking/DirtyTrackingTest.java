package io.github.stopcopy.vfiopci.tracking;

import static io.github.stopcopy.vfiopci.subsystem.TestVm.A;
import static io.github.stopcopy.vfiopci.subsystem.TestVm.B;
import static io.github.stopcopy.vfiopci.subsystem.TestVm.C;
import static org.assertj.core.api.Assertions.assertThat;
import static org.mockito.Mockito.when;

import io.github.stopcopy.core.error.Errno;
import io.github.stopcopy.core.error.QemuError;
import io.github.stopcopy.core.host.HostContainer;
import io.github.stopcopy.core.host.HostFacts;
import io.github.stopcopy.core.memory.GuestMemory.DirtyLogReason;
import io.github.stopcopy.core.profile.QemuProfile;
import io.github.stopcopy.vfiopci.TrackedBy;
import io.github.stopcopy.vfiopci.device.VfioPciDevice;
import io.github.stopcopy.vfiopci.subsystem.Hosts;
import io.github.stopcopy.vfiopci.subsystem.MockedKernel;
import io.github.stopcopy.vfiopci.subsystem.TestIommu;
import io.github.stopcopy.vfiopci.subsystem.TestVm;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** Who tracks, and how tracking starts and stops (spec 04 §3, §4). */
class DirtyTrackingTest {

  private static TestVm vm(QemuProfile profile, HostFacts host) {
    TestVm vm = TestVm.of(profile, host);
    vm.ram("ram", 0, 0x100000);
    return vm;
  }

  private static TrackedBy tracker(
      QemuProfile profile, HostContainer container, String... settings) {
    TestVm vm = vm(profile, TestVm.host(container, B, Hosts.noLogging()));
    for (String name : settings[0].split(" ")) {
      vm.attach(name, List.of(settings).subList(1, settings.length).toArray(String[]::new));
    }
    return vm.tracking().trackedBy();
  }

  @Test
  void R_DT_20_and_R_DT_21_devicesTrackIfAllOfThemCan() {
    HostContainer able = HostContainer.CAPABLE;
    assertThat(tracker(QemuProfile.V8_2, able, A + " " + C)).isEqualTo(TrackedBy.DEVICES);
    assertThat(tracker(QemuProfile.V8_2, able, A + " " + B)).isEqualTo(TrackedBy.CONTAINER);
    assertThat(tracker(QemuProfile.V10_2, able, A, "x-device-dirty-page-tracking=off"))
        .isEqualTo(TrackedBy.CONTAINER);
    assertThat(tracker(QemuProfile.V10_2, able, A, "x-device-dirty-page-tracking=auto"))
        .isEqualTo(TrackedBy.DEVICES);
  }

  @Test
  void R_DT_22_elseNobodyTracks() {
    HostContainer unable = Hosts.container(false, true, null, null, 0);
    assertThat(tracker(QemuProfile.V8_2, unable, B)).isEqualTo(TrackedBy.NOBODY);
    assertThat(tracker(QemuProfile.V10_2, unable, B)).isEqualTo(TrackedBy.NOBODY);
  }

  @Test
  void R_DT_23_withoutAMigrationObjectADeviceDoesNotLog() {
    TestVm vm = vm(QemuProfile.V8_2, HostFacts.CAPABLE);
    VfioPciDevice device = vm.device(A);
    vm.vfio.attach(device, vm.system);
    assertThat(device.hasDmaLogging()).isFalse();
    device.openMigration();
    assertThat(device.hasDmaLogging()).isTrue();
  }

  @Test
  void R_DT_25_iommufdTracksWithTheIommusHardware() {
    HostContainer iommu = Hosts.container(false, true, null, null, 0);
    assertThat(tracker(QemuProfile.V10_2, iommu, B, "iommufd=fd0")).isEqualTo(TrackedBy.CONTAINER);
    assertThat(tracker(QemuProfile.V10_2, HostContainer.CAPABLE, B, "iommufd=fd0"))
        .isEqualTo(TrackedBy.NOBODY);
    TestVm vm = vm(QemuProfile.V10_2, TestVm.host(iommu, B, Hosts.noLogging()));
    assertThat(vm.attach(B, "iommufd=fd0").hasIommuDirtyTracking()).isTrue();
    vm.events.clear();
    assertThat(vm.memory.startDirtyLog(DirtyLogReason.MIGRATION)).isEmpty();
    vm.memory.stopDirtyLog(DirtyLogReason.MIGRATION, true);
    assertThat(vm.story())
        .containsExactly("container 0: dirty tracking start", "container 0: dirty tracking stop");
  }

  @Test
  void R_DT_24_and_R_DT_30_aContainerThatRefuses() {
    HostFacts host =
        TestVm.host(Hosts.container(true, false, Errno.EIO, null, 4096), B, Hosts.noLogging());
    TestVm old = vm(QemuProfile.V8_2, host);
    old.attach(B);
    assertThat(old.memory.startDirtyLog(DirtyLogReason.MIGRATION))
        .as("R-DT-30: nobody refuses, the stream is marked")
        .isEmpty();
    assertThat(old.errors())
        .containsExactly(
            "Failed to set dirty tracking flag 0x1 errno: 5",
            "vfio: Could not start dirty page tracking, err: -5 (Input/output error)");
    assertThat(old.migration.marks).containsExactly(Errno.EIO);
    TestVm now = vm(QemuProfile.V10_2, host);
    now.attach(B);
    assertThat(now.memory.startDirtyLog(DirtyLogReason.MIGRATION).map(QemuError::text))
        .contains(
            "vfio: Could not start dirty page tracking - Failed to set dirty tracking flag 0x1:"
                + " Input/output error");
    assertThat(now.errors()).isEmpty();
  }

  @Test
  void R_DT_24_in102ASwitchThatIsSoAlreadyIsSkipped() {
    for (QemuProfile profile : List.of(QemuProfile.V8_2, QemuProfile.V10_2)) {
      TestVm vm = vm(profile, TestVm.host(HostContainer.CAPABLE, B, Hosts.noLogging()));
      DirtyTracking tracking = TestVm.tracking(vm.attach(B).container());
      vm.events.clear();
      tracking.stop();
      tracking.start();
      tracking.start();
      tracking.stop();
      tracking.stop();
      assertThat(vm.story()).hasSize(profile == QemuProfile.V8_2 ? 5 : 2);
    }
  }

  @Test
  void R_DT_31_activeTranslationsRefuseTheStartIfAllArePassthrough() {
    TestVm vm = vm(QemuProfile.V8_1_IOMMU_PT, HostFacts.CAPABLE);
    vm.attachTo(vm.translated("vtd", new TestIommu()), A, "x-migration-iommu-pt=on");
    vm.memory.startDirtyLog(DirtyLogReason.MIGRATION);
    assertThat(vm.errors())
        .containsExactly(
            "vIOMMU mappings active cannot start dirty tracking, err -95 (Operation not"
                + " supported)",
            "vfio: Could not start dirty page tracking, err: -95 (Operation not supported)");
    assertThat(vm.migration.marks).containsExactly(Errno.EOPNOTSUPP);
    assertThat(vm.story()).noneMatch(line -> line.contains("start logging"));
  }

  @Test
  void R_DT_31_oneDeviceWithoutTheOptionIsEnoughToGoOn() {
    TestVm vm = vm(QemuProfile.V8_1_IOMMU_PT, HostFacts.CAPABLE);
    vm.attachTo(vm.translated("vtd", new TestIommu()), A, "x-migration-iommu-pt=on");
    vm.attach(B);
    vm.memory.startDirtyLog(DirtyLogReason.MIGRATION);
    assertThat(vm.errors()).noneMatch(line -> line.contains("vIOMMU"));
  }

  @Test
  void R_DT_33_newestFirstAndAFailureStopsThoseOfThisContainer() {
    HostFacts host =
        TestVm.host(HostContainer.CAPABLE, Map.of(A, Hosts.logging(Errno.EIO, null, null)));
    TestVm vm = vm(QemuProfile.V8_2, host);
    vm.attach(A);
    vm.attach(B);
    vm.attach(C);
    vm.events.clear();
    vm.memory.startDirtyLog(DirtyLogReason.MIGRATION);
    assertThat(vm.story())
        .containsExactly(
            "0000:03:00.0: start logging [[0x0,+0x100000]]",
            "0000:02:00.0: start logging [[0x0,+0x100000]]",
            "0000:01:00.0: start logging [[0x0,+0x100000]] = -5 (Input/output error)",
            "error: 0000:01:00.0: Failed to start DMA logging, err -5 (Input/output error)",
            "vfio failure: 0000:01:00.0 does not log its writes: Input/output error",
            "0000:03:00.0: stop logging",
            "0000:02:00.0: stop logging",
            "error: vfio: Could not start dirty page tracking, err: -5 (Input/output error)");
  }

  @Test
  void R_DT_33_in81OtherContainersGoOnAndIn102TheyAreRolledBack() {
    HostFacts host =
        TestVm.host(HostContainer.CAPABLE, Map.of(B, Hosts.logging(Errno.EIO, null, null)));
    for (QemuProfile profile : List.of(QemuProfile.V8_2, QemuProfile.V10_2)) {
      TestVm vm = vm(profile, host);
      vm.attach(A);
      vm.attachTo(vm.memory.addressSpace("vtd", vm.root), B);
      vm.attachTo(vm.memory.addressSpace("vtd", vm.root), C);
      vm.events.clear();
      Optional<QemuError> refused = vm.memory.startDirtyLog(DirtyLogReason.MIGRATION);
      List<String> logging =
          vm.story().stream()
              .filter(line -> line.startsWith("0000") && line.contains(" logging"))
              .toList();
      if (profile == QemuProfile.V8_2) {
        assertThat(refused).isEmpty();
        assertThat(logging).hasSize(3).as("R-DT-34").element(2).asString().startsWith(C);
      } else {
        assertThat(refused.map(QemuError::text))
            .as("R-DT-36")
            .contains(
                "vfio: Could not start dirty page tracking - 0000:02:00.0: Failed to start DMA"
                    + " logging: Input/output error");
        assertThat(logging).last().isEqualTo("0000:01:00.0: stop logging");
        assertThat(vm.errors()).isEmpty();
      }
    }
  }

  @Test
  void R_DT_35_aDeviceThatDoesNotStopIsAWarningAndForgotten() {
    HostFacts host =
        TestVm.host(HostContainer.CAPABLE, Map.of(A, Hosts.logging(null, Errno.EIO, null)));
    for (QemuProfile profile : List.of(QemuProfile.V8_2, QemuProfile.V10_2)) {
      TestVm vm = vm(profile, host);
      VfioPciDevice device = vm.attach(A);
      vm.memory.startDirtyLog(DirtyLogReason.MIGRATION);
      vm.memory.stopDirtyLog(DirtyLogReason.MIGRATION, true);
      String sign = profile == QemuProfile.V8_2 ? "-" : "";
      assertThat(vm.warnings())
          .containsExactly(
              "0000:01:00.0: Failed to stop DMA logging, err " + sign + "5 (Input/output error)");
      assertThat(device.log().isLogging()).isFalse();
      assertThat(vm.migration.marks).isEmpty();
    }
  }

  @Test
  void R_DT_35_aContainerThatDoesNotStopMarksTheStream() {
    for (QemuProfile profile : List.of(QemuProfile.V8_2, QemuProfile.V10_2)) {
      MockedKernel mocked = new MockedKernel();
      when(mocked.container.setDirtyTracking(false)).thenReturn(Optional.of(Errno.EINVAL));
      TestVm vm = mocked.vm(profile);
      DirtyTracking tracking = TestVm.tracking(vm.attach(A).container());
      tracking.start();
      tracking.stop();
      if (profile == QemuProfile.V8_2) {
        assertThat(vm.errors())
            .containsExactly(
                "Failed to set dirty tracking flag 0x2 errno: 22",
                "vfio: Could not stop dirty page tracking, err: -22 (Invalid argument)");
        assertThat(vm.migration.marks).containsExactly(Errno.EINVAL);
      } else {
        assertThat(vm.migration.objects)
            .extracting(QemuError::text)
            .containsExactly(
                "vfio: Could not stop dirty page tracking - Failed to set dirty tracking flag 0x2:"
                    + " Invalid argument");
      }
    }
  }

  @Test
  void R_DT_37_onlyTheFirstReasonStarts() {
    TestVm vm = vm(QemuProfile.V8_2, HostFacts.CAPABLE);
    vm.attach(A);
    vm.memory.startDirtyLog(DirtyLogReason.DIRTY_RATE);
    vm.memory.startDirtyLog(DirtyLogReason.MIGRATION);
    vm.memory.stopDirtyLog(DirtyLogReason.MIGRATION, true);
    assertThat(vm.story()).filteredOn(line -> line.contains(" logging")).hasSize(1);
  }
}
