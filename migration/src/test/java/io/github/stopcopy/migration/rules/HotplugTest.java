package io.github.stopcopy.migration.rules;

import static io.github.stopcopy.migration.TestVm.A;
import static io.github.stopcopy.migration.TestVm.B;
import static io.github.stopcopy.migration.TestVm.C;
import static io.github.stopcopy.migration.TestVm.NO_P2P;
import static io.github.stopcopy.migration.TestVm.SEED;
import static io.github.stopcopy.migration.TestVm.add;
import static io.github.stopcopy.migration.TestVm.can;
import static io.github.stopcopy.migration.TestVm.cancel;
import static io.github.stopcopy.migration.TestVm.del;
import static io.github.stopcopy.migration.TestVm.device;
import static io.github.stopcopy.migration.TestVm.hold;
import static io.github.stopcopy.migration.TestVm.host;
import static io.github.stopcopy.migration.TestVm.intel;
import static io.github.stopcopy.migration.TestVm.last;
import static io.github.stopcopy.migration.TestVm.migrate;
import static io.github.stopcopy.migration.TestVm.pc;
import static io.github.stopcopy.migration.TestVm.play;
import static io.github.stopcopy.migration.TestVm.q35;
import static io.github.stopcopy.migration.TestVm.vfio;
import static io.github.stopcopy.migration.TestVm.withPorts;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.stopcopy.core.error.Errno;
import io.github.stopcopy.core.error.InputException;
import io.github.stopcopy.core.host.HostDevice.MigrationSupport;
import io.github.stopcopy.core.host.HostFacts;
import io.github.stopcopy.core.profile.QemuProfile;
import io.github.stopcopy.migration.scenario.Step;
import io.github.stopcopy.migration.scenario.Story;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/** R-BLK-32 .. R-BLK-37, R-BLK-70 .. R-BLK-73: what plugging and unplugging changes. */
class HotplugTest {

  private static final String VIOMMU = ": Migration is currently not supported with vIOMMU enabled";
  private static final String MULTIPLE =
      "Multiple VFIO devices migration is supported only if all of them support P2P migration";

  private static List<String> blockers(Story story) {
    return last(story).query().orElseThrow().blockedReasons();
  }

  @Test
  void R_BLK_33_i_aLaterDeviceWithoutTheOptionBlocksAloneAndUnpluggingItUnblocks()
      throws Exception {
    var vm = withPorts(vfio(A, "bus=rp1", "x-migration-iommu-pt=on"));

    Story both = play(SEED, vm, add(vfio(B, "bus=rp2")));
    assertThat(blockers(both)).containsExactly(B + VIOMMU);

    Story gone = play(SEED, vm, add(vfio(B, "bus=rp2")), del("v2"), migrate());
    assertThat(last(gone).commandError()).isEmpty();
    assertThat(last(gone).query().orElseThrow().status()).isEqualTo("completed");
  }

  @Test
  void R_BLK_33_ii_aBlockerOutlivesTheDeviceThatCausedIt() throws Exception {
    var vm = withPorts(vfio(A, "bus=rp1"));
    var second = vfio(B, "bus=rp2", "x-migration-iommu-pt=on");

    assertThat(blockers(play(SEED, vm, add(second)))).containsExactly(A + VIOMMU, B + VIOMMU);
    assertThat(blockers(play(SEED, vm, add(second), del("v1")))).containsExactly(B + VIOMMU);
    Story again = play(SEED, vm, add(second), del("v1"), del("v2"), add(second));
    assertThat(blockers(again)).isEmpty();
  }

  @Test
  void R_BLK_32_allPtIsEvaluatedLive() throws Exception {
    Story story =
        play(
            SEED,
            withPorts(vfio(A, "bus=rp1", "x-migration-iommu-pt=on")),
            add(vfio(B, "bus=rp2")));
    assertThat(story.vm().view().allIommuPassthrough()).isFalse();

    story =
        play(
            SEED,
            withPorts(vfio(A, "bus=rp1", "x-migration-iommu-pt=on")),
            add(vfio(B, "bus=rp2")),
            del(B));
    assertThat(story.vm().view().allIommuPassthrough()).isTrue();
  }

  @Test
  void R_PROP_12_aWrongPropertyLeavesNothingBehind() throws Exception {
    var wrong = vfio(B, "enable-migration=off", "no-such-property=1");
    Story story = play(SEED, pc(vfio(A)), add(wrong), add(vfio(B)));

    assertThat(story.answers().get(1).commandError())
        .contains("Property 'vfio-pci.no-such-property' not found");
    assertThat(story.answers().get(1).query().orElseThrow().blockedReasons()).isEmpty();
    assertThat(last(story).commandError()).as("neither id nor host device is taken").isEmpty();
    assertThat(story.vm().vfioDevices()).hasSize(2);

    Story refused = play(SEED, pc(vfio(A)), add(wrong));
    assertThat(refused.vm().vfioDevices()).hasSize(1);
    assertThat(refused.vm().containers()).hasSize(1);
  }

  @Test
  void R_BLK_34_unplugTakesTheDevicesOwnBlockerAndContainer() throws Exception {
    Story story = play(SEED, pc(vfio(A, "enable-migration=off")), del("v1"));

    assertThat(blockers(story)).isEmpty();
    assertThat(story.vm().containers()).isEmpty();
    assertThat(story.vm().vfioDevices()).isEmpty();
  }

  @Test
  void R_BLK_36_theGlobalBlockerGoesWhenTheRuleHoldsAgain() throws Exception {
    HostFacts host = host(Map.of(B, can(NO_P2P)));
    var vm = pc(vfio(A), vfio(B), vfio(C));

    assertThat(blockers(play(SEED, vm, host, del("v1")))).containsExactly(MULTIPLE);
    assertThat(blockers(play(SEED, vm, host, del("v2")))).isEmpty();
    assertThat(blockers(play(SEED, vm, host, del("v1"), del("v3")))).isEmpty();
  }

  @Test
  void R_BLK_36_aDeviceThatMustMigrateIsRefusedThoughTheGlobalBlockerIsThere() throws Exception {
    HostFacts host = host(Map.of(A, can(NO_P2P)));
    Story story = play(SEED, pc(vfio(A), vfio(B)), host, add(vfio(C, "enable-migration=on")));

    assertThat(last(story).commandError()).contains("vfio " + C + ": " + MULTIPLE);
    assertThat(blockers(story)).containsExactly(MULTIPLE);
    assertThat(story.vm().vfioDevices()).hasSize(2);
  }

  @Test
  void R_BLK_37_aRefusedDeviceLeavesNothingBehind() throws Exception {
    Story story =
        play(
            SEED,
            withPorts(),
            add(vfio(A, "enable-migration=on", "bus=rp1")),
            add(vfio(A, "bus=rp1")));

    assertThat(last(story).commandError()).isEmpty();
    assertThat(blockers(story)).containsExactly(A + VIOMMU);
    assertThat(story.vm().containers()).hasSize(1);
  }

  @Test
  void R_BLK_70_nothingIsPluggedOrUnpluggedWhileMigrating() throws Exception {
    var vm = pc(vfio(A));
    Step dimm = new Step.MemoryAdd("d1", 1 << 30, Optional.empty());

    assertThat(last(play(SEED, vm, hold(), add(vfio(B)))).commandError())
        .contains("device_add not allowed while migrating");
    assertThat(last(play(SEED, vm, hold(), del("v1"))).commandError())
        .contains("device_del not allowed while migrating");
    assertThat(last(play(SEED, vm, hold(), dimm)).commandError())
        .contains("device_add not allowed while migrating");
    Story after = play(SEED, vm, hold(), cancel(), add(vfio(B)), del("v1"), dimm);
    assertThat(after.answers()).extracting("commandError").containsOnly(Optional.empty());
    assertThat(after.vm().vfioDevices()).extracting("name").containsExactly(B);
  }

  @Test
  void R_BLK_70_aDeviceTheGuestKeepsStays() throws Exception {
    Story story = play(SEED, pc(vfio(A, "enable-migration=off")), new Step.DeviceDel("v1", false));

    assertThat(blockers(story)).hasSize(1);
    assertThat(last(story).commandError()).isEmpty();
  }

  @Test
  void R_BLK_71_unplugOfSomethingElseIsNotAnsweredAsIfItWereNotThere() throws Exception {
    var vm = pc(vfio(A), device("virtio-net-pci", "nic"));

    assertThat(last(play(SEED, vm, del("nobody"))).commandError())
        .contains("Device 'nobody' not found");
    assertThatThrownBy(() -> play(SEED, vm, del("nic")))
        .isInstanceOf(InputException.class)
        .hasMessage("device-del of 'nic' is not modelled, expected the id of a VFIO device");
  }

  @ParameterizedTest
  @CsvSource({
    "ENOTTY, auto, ': VFIO migration is not supported in kernel'",
    "EINVAL, auto,"
        + " ': Migration couldn''t be initialized for VFIO device, err: -22 (Invalid argument)'",
    ", off, ': Migration is disabled for VFIO device'",
    ", auto, ': Migration is currently not supported with vIOMMU enabled'",
  })
  void R_BLK_72_withOnlyMigratableEveryBlockIsARefusal(Errno errno, String enable, String text)
      throws Exception {
    HostFacts host =
        errno == null ? HostFacts.CAPABLE : host(Map.of(A, can(MigrationSupport.failing(errno))));
    Story story =
        play(
            SEED,
            q35()
                .onlyMigratable(true)
                .device(intel())
                .device(vfio(A, "enable-migration=" + enable))
                .build(),
            host);

    assertThat(last(story).exitCode()).hasValue(1);
    assertThat(last(story).errors())
        .containsExactly(
            "vfio " + A + ": disallowing migration blocker (--only-migratable) for: " + A + text);
  }

  @Test
  void R_BLK_72_withOnlyMigratableTheGlobalBlockerIsARefusalToo() throws Exception {
    Story story =
        play(
            SEED,
            q35().onlyMigratable(true).device(vfio(A)).device(vfio(B)).build(),
            host(Map.of(A, can(NO_P2P))));

    assertThat(last(story).errors())
        .containsExactly(
            "vfio " + B + ": disallowing migration blocker (--only-migratable) for: " + MULTIPLE);
  }

  @ParameterizedTest
  @EnumSource(QemuProfile.class)
  void R_BLK_73_anIncomingVmFollowsTheSameRules(QemuProfile profile) throws Exception {
    Story story = play(profile, q35().incoming(true).device(intel()).device(vfio(A)).build());

    assertThat(story.vm().blockedReasons()).containsExactly(A + VIOMMU);
  }
}
