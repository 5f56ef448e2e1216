package io.github.stopcopy.migration.vm;

import static io.github.stopcopy.migration.TestVm.A;
import static io.github.stopcopy.migration.TestVm.B;
import static io.github.stopcopy.migration.TestVm.add;
import static io.github.stopcopy.migration.TestVm.del;
import static io.github.stopcopy.migration.TestVm.device;
import static io.github.stopcopy.migration.TestVm.hold;
import static io.github.stopcopy.migration.TestVm.pc;
import static io.github.stopcopy.migration.TestVm.play;
import static io.github.stopcopy.migration.TestVm.q35;
import static io.github.stopcopy.migration.TestVm.vfio;
import static org.assertj.core.api.Assertions.assertThat;

import io.github.stopcopy.core.config.VmConfig;
import io.github.stopcopy.core.migration.MigrationStatus;
import io.github.stopcopy.core.profile.QemuProfile;
import io.github.stopcopy.migration.scenario.Step;
import io.github.stopcopy.migration.scenario.Story;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What QEMU answers to commands that cannot be carried out, as 10.0.13 and 11.1.3 do. */
class CommandAnswersTest {

  private static final QemuProfile NEWEST = QemuProfile.V11_1;
  private static final String NO_HOTPLUG = "Bus 'pcie.0' does not support hotplugging";

  private static Optional<String> last(Story story) {
    return story.answers().get(story.answers().size() - 1).commandError();
  }

  private static VmConfig withPort() {
    return q35(device("pcie-root-port", "rp1", "addr=1c.0"), vfio(A));
  }

  @Test
  void R_OBS_121_theRootBusOfQ35TakesAndGivesNothing() throws Exception {
    assertThat(last(play(NEWEST, withPort(), add(vfio(B))))).contains(NO_HOTPLUG);
    assertThat(last(play(NEWEST, withPort(), add(vfio(B, "bus=pcie.0"))))).contains(NO_HOTPLUG);
    assertThat(last(play(NEWEST, withPort(), del("v1")))).contains(NO_HOTPLUG);
    assertThat(last(play(NEWEST, withPort(), add(vfio(B, "bus=rp1"))))).isEmpty();
    assertThat(last(play(NEWEST, pc(vfio(A)), add(vfio(B)), del("v1")))).isEmpty();
  }

  @Test
  void R_OBS_122_aTypeWithoutHotplugIsRefusedBeforeItsBusIsLookedAt() throws Exception {
    assertThat(last(play(NEWEST, withPort(), add(device("vfio-pci-nohotplug", "v1", "bus=nobus")))))
        .contains("Device 'vfio-pci-nohotplug' does not support hotplugging");
    assertThat(last(play(NEWEST, withPort(), add(device("intel-iommu", "i")))))
        .contains("Device 'intel-iommu' does not support hotplugging");
  }

  @Test
  void theBusIsLookedForBeforeTheMigrationAndThatBeforeTheIds() throws Exception {
    assertThat(last(play(NEWEST, withPort(), hold(), add(vfio(A, "bus=nobus")))))
        .contains("Bus 'nobus' not found");
    assertThat(last(play(NEWEST, withPort(), hold(), add(vfio(A, "bus=rp1")))))
        .contains("device_add not allowed while migrating");
  }

  @ParameterizedTest
  @CsvSource({
    "V10_0, '', 'Device assignment is not allowed without enabling caching-mode=on for Intel"
        + " IOMMU.'",
    "V10_0, nonsense=1, Property 'vfio-pci.nonsense' not found",
    "V11_1, '', 'vfio 0000:02:00.0: Failed to set vIOMMU: Device assignment is not allowed without"
        + " enabling caching-mode=on for Intel IOMMU.'",
  })
  void R_OBS_164_withoutCachingModeNothingIsPlugged(
      QemuProfile profile, String setting, String answer) throws Exception {
    VmConfig vm =
        q35(device("intel-iommu", "iommu0"), device("pcie-root-port", "rp1", "addr=1c.0"));
    Step insists =
        add(
            setting.isEmpty()
                ? vfio(B, "bus=rp1", "enable-migration=on")
                : vfio(B, "bus=rp1", setting));

    assertThat(last(play(profile, vm, insists))).contains(answer);
    assertThat(last(play(profile, vm, insists, insists))).contains(answer);
  }

  @ParameterizedTest
  @CsvSource({"V9_0, true", "V10_0, true", "V10_1, false", "V11_1, false"})
  void R_OBS_165_aPropertyOfALaterReleaseEndsQemu(QemuProfile profile, boolean refused)
      throws Exception {
    Story story =
        play(profile, q35(device("pci-testdev", "t", "membar=8G", "membar-backed=on"), vfio(A)));

    assertThat(story.answers().get(0).errors())
        .isEqualTo(refused ? List.of("Property 'pci-testdev.membar-backed' not found") : List.of());
    assertThat(story.answers().get(0).exitCode().isPresent()).isEqualTo(refused);
  }

  @Test
  void R_OBS_127_anIdIsThereOnce() throws Exception {
    assertThat(last(play(NEWEST, withPort(), add(vfio(A, "bus=rp1", "nonsense=1")))))
        .contains("Duplicate device ID 'v1'");
  }

  @Test
  void R_OBS_166_capabilitiesAreCheckedBeforeBlockersAndNotWhileAMigrationRuns() throws Exception {
    Step wrong = new Step.Migrate(Set.of("switchover-ack"), false);
    String needs = "Capability 'switchover-ack' requires capability 'return-path'";
    assertThat(last(play(NEWEST, q35(vfio(A, "enable-migration=off")), wrong))).contains(needs);
    assertThat(last(play(NEWEST, q35(vfio(A)), new Step.Migrate(Set.of(), true), wrong)))
        .contains("There's a migration process in progress");
  }

  @Test
  void R_OBS_167_aDeviceThatInsistsOnMultifdFailsWithoutIt() throws Exception {
    VmConfig vm = q35(vfio(A, "x-migration-multifd-transfer=on"));
    for (QemuProfile profile : List.of(QemuProfile.V10_0, NEWEST)) {
      Story failed = play(profile, vm, new Step.Migrate(Set.of(), false));
      assertThat(failed.vm().errorDescription())
          .contains(
              A + ": Multifd device transfer requested but unsupported in the current config");
      Story done = play(profile, vm, new Step.Migrate(Set.of("multifd"), false));
      assertThat(done.vm().migrationStatus()).isEqualTo(MigrationStatus.COMPLETED);
    }
  }

  @Test
  void R_OBS_128_onlyTheNewestReleaseLooksAtTheFormOfAnId() throws Exception {
    Step odd = add(device("vfio-pci", "1x", "bus=rp1", "host=" + B));
    assertThat(last(play(NEWEST, withPort(), odd))).contains("Invalid qdev ID '1x'");
    assertThat(last(play(QemuProfile.V10_0, withPort(), odd))).isEmpty();
  }

  @ParameterizedTest
  @CsvSource({
    "V9_0, compress, false",
    "V9_1, compress, true",
    "V10_0, zero-blocks, false",
    "V11_1, zero-blocks, true",
    "V8_2, mapped-ram, true",
    "V10_0, mapped-ram, false",
    "V11_1, teleport, true",
  })
  void R_OBS_126_aCapabilityOfAnotherReleaseIsRefused(
      QemuProfile profile, String name, boolean refused) throws Exception {
    Step migrate = new Step.Migrate(Set.of(name), false);
    assertThat(last(play(profile, q35(vfio(A)), migrate)))
        .isEqualTo(
            refused
                ? Optional.of("Parameter 'capability' does not accept value '" + name + "'")
                : Optional.empty());
  }

  @Test
  void R_REL_2_theFirstReleaseTakesADeviceThatMustMigrateOnceTheVmIsBlocked() throws Exception {
    Step insists = add(vfio("0000:03:00.0", "enable-migration=on"));
    assertThat(last(play(QemuProfile.V8_1, pc(vfio(A), vfio(B)), insists))).isEmpty();
    assertThat(last(play(QemuProfile.V8_1, pc(vfio(A)), insists)).orElseThrow())
        .endsWith("Migration is currently not supported with multiple VFIO devices");
  }
}
