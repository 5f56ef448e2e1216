package io.github.stopcopy.migration.event;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.stopcopy.core.error.Errno;
import io.github.stopcopy.core.migration.MigrationStatus;
import org.junit.jupiter.api.Test;

/** How a trace tells what the migration did. */
class MigrationEventTest {

  @Test
  void R_MIG_1_aStatusIsToldWithTheOneBefore() {
    assertThat(
            new MigrationEvent.StatusChanged(MigrationStatus.SETUP, MigrationStatus.ACTIVE)
                .describe())
        .isEqualTo("migration: setup -> active");
  }

  @Test
  void R_BLK_4_aBlockerComesOrGoes() {
    assertThat(new MigrationEvent.BlockerChanged(true, "x: no").describe())
        .isEqualTo("blocker added: x: no");
    assertThat(new MigrationEvent.BlockerChanged(false, "x: no").describe())
        .isEqualTo("blocker removed: x: no");
  }

  @Test
  void R_MIG_30_aStreamErrorIsToldAsANegativeNumber() {
    assertThat(new MigrationEvent.StreamFailed(Errno.EIO).describe())
        .isEqualTo("migration: stream error -5");
  }

  @Test
  void R_OBS_115_aPrimaryIsAskedToLeave() {
    assertThat(new MigrationEvent.UnplugAsked("0000:01:00.0").describe())
        .isEqualTo("0000:01:00.0: the guest is asked to let go");
  }

  @Test
  void theVmRunsOrHasStopped() {
    assertThat(new MigrationEvent.VmRunning(true).describe()).isEqualTo("VM runs");
    assertThat(new MigrationEvent.VmRunning(false).describe()).isEqualTo("VM stopped");
  }
}
