package io.github.stopcopy.migration.rules;

import static io.github.stopcopy.migration.TestVm.A;
import static io.github.stopcopy.migration.TestVm.B;
import static io.github.stopcopy.migration.TestVm.C;
import static io.github.stopcopy.migration.TestVm.NO_P2P;
import static io.github.stopcopy.migration.TestVm.P2P;
import static io.github.stopcopy.migration.TestVm.SEED;
import static io.github.stopcopy.migration.TestVm.can;
import static io.github.stopcopy.migration.TestVm.device;
import static io.github.stopcopy.migration.TestVm.guest;
import static io.github.stopcopy.migration.TestVm.host;
import static io.github.stopcopy.migration.TestVm.intel;
import static io.github.stopcopy.migration.TestVm.migrate;
import static io.github.stopcopy.migration.TestVm.play;
import static io.github.stopcopy.migration.TestVm.q35;
import static io.github.stopcopy.migration.TestVm.snapshot;
import static io.github.stopcopy.migration.TestVm.vfio;
import static org.assertj.core.api.Assertions.assertThat;

import io.github.stopcopy.core.config.DeviceConfig;
import io.github.stopcopy.core.error.Errno;
import io.github.stopcopy.core.host.HostDevice;
import io.github.stopcopy.core.host.HostDevice.DmaLogging;
import io.github.stopcopy.core.host.HostDevice.MigrationSupport;
import io.github.stopcopy.core.host.HostFacts;
import io.github.stopcopy.core.profile.QemuProfile;
import io.github.stopcopy.migration.TestVm;
import io.github.stopcopy.migration.Verdict;
import io.github.stopcopy.migration.scenario.Step.ViommuOperation;
import io.github.stopcopy.migration.scenario.StepAnswer;
import io.github.stopcopy.migration.scenario.Story;
import io.github.stopcopy.migration.spi.MigrationRule;
import io.github.stopcopy.vfiopci.device.VfioMigration;
import io.github.stopcopy.vfiopci.device.VfioPciDevice;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** R-BLK-10, R-BLK-11, R-BLK-20 .. R-BLK-37: what is decided as a device is realized (column S). */
class RealizeRulesTest {

  private static final String DISABLED = ": Migration is disabled for VFIO device";
  private static final String VIOMMU = ": Migration is currently not supported with vIOMMU enabled";
  private static final String MULTIPLE =
      "Multiple VFIO devices migration is supported only if all of them support P2P migration";
  private static final String RELAXED =
      ": Migration maybe blocked or cancelledif vIOMMU is used beyond interrupt remapping";
  private static final String NO_TRACKING = ": VFIO device doesn't support device dirty tracking";

  private static Story boot(Map<String, HostDevice> facts, DeviceConfig... devices)
      throws Exception {
    return play(SEED, q35(devices), host(facts), snapshot());
  }

  private static List<String> blockers(Story story) {
    return story.vm().blockedReasons();
  }

  private static StepAnswer booted(Story story) {
    return story.answers().get(0);
  }

  /** What only the VFIO device knows of itself. */
  private static Optional<VfioMigration> migrationObject(Story story) {
    return ((VfioPciDevice) story.vm().vfioDevices().get(0)).migration();
  }

  @Test
  void R_BLK_10_whatBlocksAnAutoDeviceRefusesOneThatMustMigrate() throws Exception {
    Map<String, HostDevice> facts = Map.of(A, can(MigrationSupport.failing(Errno.ENOTTY)));

    Story auto = boot(facts, vfio(A));
    Story on = boot(facts, vfio(A, "enable-migration=on"));

    assertThat(blockers(auto)).containsExactly(A + ": VFIO migration is not supported in kernel");
    assertThat(booted(on).exitCode()).hasValue(1);
    assertThat(blockers(on)).isEmpty();
  }

  @Test
  void R_BLK_11_aRealizeErrorCarriesTheNameTwice() throws Exception {
    Story story = boot(Map.of(), intel(), vfio(A, "enable-migration=on"));

    assertThat(booted(story).errors()).containsExactly("vfio " + A + ": " + A + VIOMMU);
  }

  @Test
  void R_BLK_20_offBlocksBeforeAnythingElseIsAsked() throws Exception {
    Story story =
        boot(
            Map.of(A, can(MigrationSupport.failing(Errno.ENOTTY), DmaLogging.NONE)),
            intel(),
            vfio(A, "enable-migration=off"));

    assertThat(blockers(story)).containsExactly(A + DISABLED);
    assertThat(migrationObject(story)).isEmpty();
  }

  @ParameterizedTest
  @CsvSource({
    "ENOTTY, ': VFIO migration is not supported in kernel'",
    "EINVAL, ': Migration couldn''t be initialized for VFIO device, err: -22 (Invalid argument)'",
  })
  void R_BLK_21_and_22_aDeviceThatCannotBeInitializedBlocks(Errno errno, String text)
      throws Exception {
    Story story = boot(Map.of(A, can(MigrationSupport.failing(errno))), intel(), vfio(A));

    assertThat(blockers(story)).containsExactly(A + text);
    assertThat(migrationObject(story)).isEmpty();
  }

  @Test
  void R_BLK_22_withoutStopCopyInitFailsWithEopnotsupp() throws Exception {
    Story story = boot(Map.of(A, can(MigrationSupport.of(false, true, true))), vfio(A));

    assertThat(blockers(story))
        .containsExactly(
            A
                + ": Migration couldn't be initialized for VFIO device, err: -95"
                + " (Operation not supported)");
  }

  @Test
  void R_BLK_23_anInitializedDeviceHasAMigrationObjectAndCounts() throws Exception {
    Story story = boot(Map.of(), vfio(A));

    assertThat(migrationObject(story)).isPresent();
    assertThat(story.vm().view().migratableDevices()).hasSize(1);
  }

  @Test
  void R_BLK_24_withoutTrackingAutoBlocksAndStopsThere() throws Exception {
    Map<String, HostDevice> facts =
        Map.of(A, can(NO_P2P, DmaLogging.NONE), B, can(NO_P2P, DmaLogging.NONE));
    Story story = boot(facts, intel(), vfio(A), vfio(B));

    assertThat(blockers(story)).containsExactly(A + NO_TRACKING, B + NO_TRACKING);
    assertThat(migrationObject(story)).isPresent();
  }

  @Test
  void R_BLK_24_withoutTrackingOnIsAWarningAndGoesOn() throws Exception {
    Map<String, HostDevice> facts = Map.of(A, can(P2P, DmaLogging.NONE));

    Story plain = boot(facts, vfio(A, "enable-migration=on"));
    assertThat(booted(plain).warnings()).containsExactly(A + NO_TRACKING);
    assertThat(blockers(plain)).isEmpty();

    Story behind = boot(facts, intel(), vfio(A, "enable-migration=on"));
    assertThat(booted(behind).warnings()).containsExactly(A + NO_TRACKING);
    assertThat(booted(behind).errors()).containsExactly("vfio " + A + ": " + A + VIOMMU);
  }

  @Test
  void R_BLK_25_severalDevicesWithoutP2pBlockTheVmOnce() throws Exception {
    Map<String, HostDevice> facts = Map.of(A, can(NO_P2P), B, can(NO_P2P), C, can(NO_P2P));
    Story story = boot(facts, vfio(A), vfio(B), vfio(C));

    assertThat(blockers(story)).containsExactly(MULTIPLE);
  }

  @Test
  void R_BLK_25_aSecondDeviceThatMustMigrateIsRefused() throws Exception {
    Story story = boot(Map.of(A, can(NO_P2P)), vfio(A), vfio(B, "enable-migration=on"));

    assertThat(booted(story).errors()).containsExactly("vfio " + B + ": " + MULTIPLE);
    assertThat(story.vm().vfioDevices()).hasSize(1);
    assertThat(story.vm().view().migratableDevices()).hasSize(1);
  }

  @Test
  void R_BLK_25_and_26_bothBlockersMayCoexist() throws Exception {
    Story story = boot(Map.of(A, can(NO_P2P)), intel(), vfio(A), vfio(B));

    assertThat(blockers(story)).containsExactly(A + VIOMMU, MULTIPLE, B + VIOMMU);
  }

  @Test
  void R_BLK_26_aBlockedDeviceKeepsItsMigrationObject() throws Exception {
    Story story = boot(Map.of(), intel(), vfio(A));

    assertThat(blockers(story)).containsExactly(A + VIOMMU);
    assertThat(migrationObject(story)).isPresent();
  }

  @Test
  void R_BLK_26_vIommuBlocksWhenNotEveryDeviceHasTheOption() throws Exception {
    Story story = boot(Map.of(), intel(), vfio(A), vfio(B, "x-migration-iommu-pt=on"));

    assertThat(blockers(story)).containsExactly(A + VIOMMU, B + VIOMMU);
    assertThat(booted(story).warnings()).isEmpty();
  }

  @Test
  void R_BLK_27_theWarningComesEvenWithoutAVIommu() throws Exception {
    Story story = boot(Map.of(), vfio(A, "x-migration-iommu-pt=on"));

    assertThat(booted(story).warnings()).containsExactly(A + RELAXED);
    assertThat(blockers(story)).isEmpty();
  }

  @Test
  void R_BLK_28_aDeviceThatPassesSaysNothing() throws Exception {
    Story story = boot(Map.of(), vfio(A));

    assertThat(booted(story).warnings()).isEmpty();
    assertThat(booted(story).errors()).isEmpty();
    assertThat(blockers(story)).isEmpty();
  }

  /** Truth table 3.1; the second device, off the vIOMMU's list, makes all_pt false. */
  @ParameterizedTest(name = "preset {0}, all_pt {1}, enable-migration {2}")
  @CsvSource({
    "no,  no,  auto, ok",
    "no,  no,  on,   ok",
    "no,  yes, auto, warn",
    "no,  yes, on,   warn",
    "yes, no,  auto, block",
    "yes, no,  on,   refuse",
    "yes, yes, auto, warn",
    "yes, yes, on,   warn",
  })
  void R_BLK_26_and_27_truthTable(String preset, String allPt, String enable, String outcome)
      throws Exception {
    List<DeviceConfig> devices = new ArrayList<>();
    if (preset.equals("yes")) {
      devices.add(intel());
    }
    String option = allPt.equals("yes") ? "on" : "off";
    devices.add(vfio(A, "x-migration-iommu-pt=" + option, "enable-migration=" + enable));
    Story story = boot(Map.of(), devices.toArray(DeviceConfig[]::new));

    assertThat(booted(story).exitCode().isPresent()).isEqualTo(outcome.equals("refuse"));
    assertThat(blockers(story).contains(A + VIOMMU)).isEqualTo(outcome.equals("block"));
    assertThat(booted(story).warnings().contains(A + RELAXED)).isEqualTo(outcome.equals("warn"));
  }

  @Test
  void R_BLK_30_withoutDevicesEveryDeviceHasTheOption() throws Exception {
    Story story = boot(Map.of());

    assertThat(story.vm().view().allIommuPassthrough()).isTrue();
    assertThat(play(QemuProfile.V10_2, q35().build(), snapshot()).vm().view().allIommuPassthrough())
        .as("the option does not exist")
        .isFalse();
  }

  @Test
  void R_BLK_30_devicesThatAreNotBehindTheVIommuCountToo() throws Exception {
    Story story = boot(Map.of(), vfio(A), intel(), vfio(B, "x-migration-iommu-pt=on"));

    assertThat(blockers(story)).containsExactly(B + VIOMMU);
  }

  @Test
  void R_BLK_31_and_R_OVW_2_dmaTranslationOffIsPresetAllTheSame() throws Exception {
    Story story = boot(Map.of(), intel("dma-translation=off"), vfio(A));

    assertThat(blockers(story)).containsExactly(A + VIOMMU);
  }

  @Test
  void R_VIO_70_anyVIommuWithAnAddressSpaceOfItsOwnBlocks() throws Exception {
    Story story = boot(Map.of(), device("frozen-iommu", ""), vfio(A));

    assertThat(story.vm().vfioDevices().get(0).container().iommuSections())
        .as("it shows system memory and never translates")
        .isEmpty();
    assertThat(blockers(story)).contains(A + VIOMMU);
  }

  @Test
  void R_PROP_26_theMigrationIsLookedAtAfterTheProperties() throws Exception {
    Map<String, HostDevice> facts = Map.of(A, can(MigrationSupport.failing(Errno.ENOTTY)));
    Story story = boot(facts, vfio(A, "x-pci-device-id=0x10000", "enable-migration=on"));

    assertThat(booted(story).errors())
        .containsExactly("vfio " + A + ": invalid PCI device ID provided");
  }

  @Test
  void R_BLK_35_aDeviceWithoutMigrationObjectIsNotCounted() throws Exception {
    Map<String, HostDevice> facts =
        Map.of(A, can(NO_P2P), B, can(NO_P2P), C, can(MigrationSupport.failing(Errno.ENOTTY)));
    Story story = boot(facts, vfio(A), vfio(B, "enable-migration=off"), vfio(C));

    assertThat(blockers(story)).doesNotContain(MULTIPLE).hasSize(2);
  }

  @Test
  void R_BLK_35_oneDeviceNeedsNoP2p() throws Exception {
    assertThat(blockers(boot(Map.of(A, can(NO_P2P)), vfio(A)))).isEmpty();
  }

  @Test
  void R_BLK_20_toAFailoverPairNoRuleApplies() throws Exception {
    Story story =
        boot(
            Map.of(A, can(MigrationSupport.failing(Errno.ENOTTY), DmaLogging.NONE)),
            intel(),
            device("virtio-net-pci", "n1"),
            vfio(A, "failover_pair_id=n1", "enable-migration=on"));

    assertThat(booted(story).exitCode()).isEmpty();
    assertThat(blockers(story)).isEmpty();
    assertThat(migrationObject(story)).isEmpty();
  }

  @Test
  void R_BLK_71_turningTheVIommuOffUnblocksNothing() throws Exception {
    Story story = play(SEED, q35(intel(), vfio(A)), guest(ViommuOperation.DISABLE), migrate());

    assertThat(story.refusedMigration()).isPresent();
  }

  /** As far as they are there when the first of them blocks. */
  @Test
  void R_BLK_25_theReasonNamesTheDevicesThatKnowNoP2p() throws Exception {
    HostFacts host = host(Map.of(A, can(P2P), B, can(NO_P2P)));
    Verdict verdict = TestVm.verdict(TestVm.scenario(SEED, q35(vfio(A), vfio(B)), host, migrate()));

    assertThat(verdict.reasons()).hasSize(1);
    assertThat(verdict.reasons().get(0).explanation()).contains(B).doesNotContain(A);
  }

  @Test
  void R_BLK_20_to_28_theRulesAreAskedInQemusOrder() {
    for (QemuProfile profile : QemuProfile.values()) {
      List<MigrationRule> rules = new QemuRuleSet().rules(profile);
      assertThat(rules)
          .extracting(rule -> rule.getClass().getSimpleName())
          .containsExactly(
              "MigrationDisabledRule",
              "MigrationInitRule",
              "DirtyTrackingRule",
              "MultipleDevicesRule",
              "VirtualIommuRule");
      assertThat(rules)
          .extracting(MigrationRule::needsMigrationObject)
          .containsExactly(false, false, true, true, true);
    }
  }
}
