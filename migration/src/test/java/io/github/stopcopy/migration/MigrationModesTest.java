package io.github.stopcopy.migration;

import static io.github.stopcopy.migration.TestVm.A;
import static io.github.stopcopy.migration.TestVm.P2P;
import static io.github.stopcopy.migration.TestVm.can;
import static io.github.stopcopy.migration.TestVm.device;
import static io.github.stopcopy.migration.TestVm.host;
import static io.github.stopcopy.migration.TestVm.intel;
import static io.github.stopcopy.migration.TestVm.play;
import static io.github.stopcopy.migration.TestVm.plugins;
import static io.github.stopcopy.migration.TestVm.q35;
import static io.github.stopcopy.migration.TestVm.vfio;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.stopcopy.core.config.VmConfig;
import io.github.stopcopy.core.error.InputException;
import io.github.stopcopy.core.host.VfioDeviceState;
import io.github.stopcopy.core.migration.MigrationMode;
import io.github.stopcopy.core.profile.QemuProfile;
import io.github.stopcopy.migration.remedy.RemedyChange;
import io.github.stopcopy.migration.scenario.Step;
import io.github.stopcopy.migration.scenario.StepAnswer;
import io.github.stopcopy.migration.scenario.Story;
import io.github.stopcopy.vfiopci.event.VfioEvent;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Other ways to migrate than the normal one, by release (R-REL-4, R-REL-24). */
class MigrationModesTest {

  private static final VmConfig PLAIN = q35(vfio(A));
  private static final VmConfig FORBIDDEN = q35(vfio(A, "enable-migration=off"));

  private static Verdict verdict(String release, VmConfig vm, String key, String value)
      throws InputException {
    return MigrationCheck.of(vm)
        .profile(QemuProfile.choose(release).profile())
        .plugins(plugins())
        .host(host(Map.of(A, can(P2P))))
        .apply(List.of(new RemedyChange.Set("migrate", key, value)))
        .decide();
  }

  @ParameterizedTest
  @CsvSource({
    "8.1, postcopy-ram, migratable",
    "8.1, background-snapshot, migratable",
    "8.2, postcopy-ram, blocked",
    "8.2, background-snapshot, blocked",
    "11.1, postcopy-ram, blocked",
    "11.1, background-snapshot, blocked"
  })
  void R_REL_4_vfioRefusesPostcopyAndBackgroundSnapshotsFrom82On(
      String release, String capability, String expected) throws Exception {
    Verdict verdict = verdict(release, PLAIN, capability, "on");

    assertThat(verdict.kind().word()).isEqualTo(expected);
    if (verdict.kind() == VerdictKind.BLOCKED) {
      assertThat(verdict.reasons())
          .extracting(Reason::code)
          .containsExactly("CAPABILITY_NOT_SUPPORTED");
    }
  }

  @ParameterizedTest
  @CsvSource({
    "8.1, blocked, MODE_NOT_SUPPORTED",
    "8.1-iommu-pt, blocked, MODE_NOT_SUPPORTED",
    "8.2, blocked, MIGRATION_DISABLED",
    "9.0, conditional, GUEST_MUST_BE_SUSPENDED",
    "10.0, conditional, GUEST_MUST_BE_SUSPENDED",
    "11.1, conditional, GUEST_MUST_BE_SUSPENDED"
  })
  void R_REL_24_and_R_BLK_3_blockersCountForCprRebootIn82Only(
      String release, String expected, String code) throws Exception {
    Verdict verdict = verdict(release, FORBIDDEN, "mode", "cpr-reboot");

    assertThat(verdict.kind().word()).isEqualTo(expected);
    assertThat(verdict.reasons()).extracting(Reason::code).contains(code);
  }

  @Test
  void R_REL_24_theModeOfTheLastMigrationDecidesWhatQueryMigrateLists() throws Exception {
    Step reboot = new Step.Migrate(Set.of(), MigrationMode.CPR_REBOOT, true);
    Story story =
        play(
            QemuProfile.V11_1,
            FORBIDDEN,
            new Step.Snapshot(),
            reboot,
            new Step.MigrateCancel(),
            new Step.Migrate(Set.of(), false));

    List<StepAnswer> answers = story.answers();
    assertThat(answers.get(1).query().orElseThrow().blockedReasons()).hasSize(1);
    assertThat(answers.get(2).query().orElseThrow().blockedReasons()).isEmpty();
    assertThat(answers.get(4).commandError())
        .contains(A + ": Migration is disabled for VFIO device");
  }

  @Test
  void R_REL_24_aSuspendedGuestIsAtRestBeforeTrackingStarts() throws Exception {
    Story story =
        play(QemuProfile.V11_1, PLAIN, new Step.Migrate(Set.of(), MigrationMode.CPR_REBOOT, false));

    List<VfioEvent> asked =
        story.sinceMigrate().stream()
            .filter(event ->
                event instanceof VfioEvent.DeviceState
                    || event instanceof VfioEvent.DmaLoggingStart)
            .map(VfioEvent.class::cast)
            .toList();
    assertThat(asked.get(0))
        .isInstanceOfSatisfying(
            VfioEvent.DeviceState.class,
            state -> assertThat(state.to()).isEqualTo(VfioDeviceState.RUNNING_P2P));
    assertThat(asked.get(1))
        .isInstanceOfSatisfying(
            VfioEvent.DeviceState.class,
            state -> assertThat(state.to()).isEqualTo(VfioDeviceState.STOP));
    assertThat(asked.get(2)).isInstanceOf(VfioEvent.DmaLoggingStart.class);
    assertThat(asked.get(3))
        .isInstanceOfSatisfying(
            VfioEvent.DeviceState.class,
            state -> assertThat(state.to()).isEqualTo(VfioDeviceState.STOP_COPY));
  }

  @Test
  void R_REL_24_whatQemuCannotSaveBlocksInEveryMode() throws Exception {
    VmConfig frozen = q35(device("frozen-iommu", ""), vfio(A));

    assertThat(verdict("11.1", frozen, "mode", "cpr-reboot").reasons())
        .extracting(Reason::code)
        .contains("NON_MIGRATABLE_DEVICE");
  }

  @Test
  void R_REL_24_aVirtualIommuDoesNotMatterForCprReboot() throws Exception {
    assertThat(verdict("10.0", q35(intel(), vfio(A)), "mode", "cpr-reboot").kind())
        .isEqualTo(VerdictKind.CONDITIONAL);
    assertThat(verdict("10.0", q35(intel(), vfio(A)), "mode", "normal").kind())
        .isEqualTo(VerdictKind.BLOCKED);
  }

  @Test
  void anUnknownModeIsBadInput() {
    assertThatThrownBy(() -> verdict("11.1", PLAIN, "mode", "cpr"))
        .isInstanceOf(InputException.class)
        .hasMessageContaining("migrate.mode is 'cpr', expected normal or cpr-reboot");
  }
}
