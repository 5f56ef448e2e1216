package io.github.stopcopy.migration.vm;

import static io.github.stopcopy.migration.TestVm.A;
import static io.github.stopcopy.migration.TestVm.B;
import static io.github.stopcopy.migration.TestVm.SEED;
import static io.github.stopcopy.migration.TestVm.V10;
import static io.github.stopcopy.migration.TestVm.add;
import static io.github.stopcopy.migration.TestVm.cancel;
import static io.github.stopcopy.migration.TestVm.device;
import static io.github.stopcopy.migration.TestVm.hold;
import static io.github.stopcopy.migration.TestVm.intel;
import static io.github.stopcopy.migration.TestVm.last;
import static io.github.stopcopy.migration.TestVm.migrate;
import static io.github.stopcopy.migration.TestVm.pc;
import static io.github.stopcopy.migration.TestVm.play;
import static io.github.stopcopy.migration.TestVm.q35;
import static io.github.stopcopy.migration.TestVm.snapshot;
import static io.github.stopcopy.migration.TestVm.vfio;
import static org.assertj.core.api.Assertions.assertThat;

import io.github.stopcopy.core.error.Errno;
import io.github.stopcopy.core.error.QemuError;
import io.github.stopcopy.core.event.EventLog;
import io.github.stopcopy.core.event.ModelEvent;
import io.github.stopcopy.core.memory.GuestMemory;
import io.github.stopcopy.core.migration.MigrationMode;
import io.github.stopcopy.core.profile.QemuProfile;
import io.github.stopcopy.migration.scenario.Story;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** R-BLK-1 .. R-BLK-8: the registry of blockers and the checks of {@code migrate}. */
class MigrationBlockersTest {

  private static final String NOT_SUPPORTED_WITH = ": VFIO migration is not supported with ";

  private final List<ModelEvent> events = new ArrayList<>();
  private final EventLog log = events::add;

  @Test
  void R_BLK_1_onlyMigratableRefusesEveryBlockerWithEacces() {
    BlockerRegistry registry = new BlockerRegistry(true, () -> true, log);

    assertThat(registry.add(new MigrationBlocker("x: no")))
        .contains(
            QemuError.of(
                Errno.EACCES, "disallowing migration blocker (--only-migratable) for: x: no"));
    assertThat(registry.oldestFirst()).isEmpty();
    assertThat(events).isEmpty();
  }

  @Test
  void R_BLK_1_aRunningMigrationRefusesEveryBlockerWithEbusy() {
    BlockerRegistry registry = new BlockerRegistry(false, () -> true, log);

    assertThat(registry.add(new MigrationBlocker("x: no")))
        .contains(
            QemuError.of(
                Errno.EBUSY,
                "disallowing migration blocker (migration/snapshot in progress) for: x: no"));
  }

  @ParameterizedTest
  @EnumSource(QemuProfile.class)
  void R_BLK_2_noBlockerIsTakenWhileAMigrationIsUnderWay(QemuProfile profile) {
    OutgoingMigration migration =
        new OutgoingMigration(new GuestMemory(false, false), log, MigrationBehaviour.of(profile));

    assertThat(migration.isBusy()).isFalse();
    migration.start(MigrationMode.NORMAL, false, List.of());
    assertThat(migration.isBusy()).isTrue();
    migration.complete();
    assertThat(migration.isBusy()).isFalse();
  }

  @Test
  void R_BLK_4_removalIsByIdentityAndOfAnAbsentOneHarmless() {
    BlockerRegistry registry = new BlockerRegistry(false, () -> false, log);
    MigrationBlocker one = new MigrationBlocker("same");
    MigrationBlocker other = new MigrationBlocker("same");
    registry.add(one);
    registry.add(other);

    registry.remove(new MigrationBlocker("same"));
    assertThat(registry.oldestFirst()).containsExactly(one, other);
    registry.remove(one);
    registry.remove(one);
    assertThat(registry.oldestFirst()).containsExactly(other);
    assertThat(events).hasSize(3);
  }

  @Test
  void R_BLK_5_aSecondMigrateIsRefusedWhileOneRuns() throws Exception {
    Story story = play(SEED, q35(vfio(A)), hold(), migrate());

    assertThat(last(story).commandError()).contains("There's a migration process in progress");
    assertThat(last(story).query().orElseThrow().status()).isEqualTo("active");
  }

  @Test
  void R_BLK_5_anIncomingVmIsNotMigratedOut() throws Exception {
    Story story =
        play(SEED, q35().incoming(true).device(vfio(A, "enable-migration=off")).build(), migrate());

    assertThat(last(story).commandError()).contains("Guest is waiting for an incoming migration");
  }

  @Test
  void R_BLK_5_aVmThatWentAwayIsNotMigratedAgain() throws Exception {
    Story story = play(SEED, q35(vfio(A)), migrate(), migrate());

    assertThat(last(story).commandError())
        .contains("Can't migrate the vm that was paused due to previous migration");
    assertThat(last(story).query().orElseThrow().status()).isEqualTo("completed");
  }

  @Test
  void R_BLK_6_theNewestBlockerIsWhatMigrateSaysAndTheStatusStays() throws Exception {
    Story story =
        play(
            SEED,
            q35(vfio(A, "enable-migration=off"), vfio(B, "enable-migration=off")),
            snapshot(),
            migrate());

    assertThat(last(story).commandError()).contains(B + ": Migration is disabled for VFIO device");
    assertThat(last(story).query().orElseThrow().status()).isEqualTo("none");
    assertThat(last(story).errors()).isEmpty();
  }

  @Test
  void R_BLK_6_aNonMigratableDeviceComesBeforeAnyBlocker() throws Exception {
    Story story =
        play(V10, q35(device("frozen-iommu", ""), vfio(A, "enable-migration=off")), migrate());

    assertThat(last(story).commandError())
        .contains("State blocked by non-migratable device 'frozen-iommu'");
  }

  @Test
  void R_BLK_7_queryMigrateListsTheOldestFirstAndNonMigratableDevicesLast() throws Exception {
    Story story =
        play(
            V10,
            q35(
                device("frozen-iommu", ""),
                vfio(A, "enable-migration=off"),
                vfio(B, "enable-migration=off")),
            snapshot());

    assertThat(last(story).query().orElseThrow().blockedReasons())
        .containsExactly(
            A + ": Migration is disabled for VFIO device",
            B + ": Migration is disabled for VFIO device",
            "non-migratable device: frozen-iommu");
  }

  @Test
  void R_BLK_7_blockedReasonsAreThereInEveryStatus() throws Exception {
    Story story = play(SEED, pc(vfio(A)), hold(), cancel(), add(vfio(B, "enable-migration=off")));

    assertThat(last(story).query().orElseThrow().status()).isEqualTo("cancelled");
    assertThat(last(story).query().orElseThrow().blockedReasons()).hasSize(1);
  }

  @ParameterizedTest
  @ValueSource(strings = {"postcopy-ram", "background-snapshot"})
  void R_BLK_8_vfioMigratesNeitherByPostcopyNorWithBackgroundSnapshot(String capability)
      throws Exception {
    String what = capability.startsWith("post") ? "postcopy migration" : "background snapshot";
    Story story = play(SEED, q35(vfio(A)), migrate(capability));

    assertThat(last(story).commandError()).contains(A + NOT_SUPPORTED_WITH + what);
    assertThat(last(story).query().orElseThrow().status()).isEqualTo("none");
  }

  @Test
  void R_BLK_8_conflictsComeBeforeBlockersAndBlockersBeforePostcopy() throws Exception {
    assertThat(
            last(play(SEED, q35(vfio(A)), migrate("background-snapshot", "postcopy-ram")))
                .commandError())
        .contains("Background-snapshot is not compatible with postcopy-ram");
    assertThat(last(play(SEED, q35(intel(), vfio(A)), migrate("postcopy-ram"))).commandError())
        .contains(A + ": Migration is currently not supported with vIOMMU enabled");
  }

  @Test
  void R_BLK_8_otherCapabilitiesDoNotMatter() throws Exception {
    Story story = play(SEED, q35(vfio(A)), migrate("xbzrle"));

    assertThat(last(story).query().orElseThrow().status()).isEqualTo("completed");
  }
}
