package io.github.stopcopy.migration.vm;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.stopcopy.core.migration.MigrationStatus;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** R-MIG-1 .. R-MIG-5: what each status counts as. */
class MigrationStatusTest {

  @ParameterizedTest
  @CsvSource({
    // status, active, setup-or-active, running in S, running in 10.2, idle, finished for VFIO
    "NONE,              false, false, false, false, true,  false",
    "SETUP,             false, true,  true,  true,  false, false",
    "CANCELLING,        false, false, true,  true,  false, true",
    "CANCELLED,         false, false, false, false, true,  true",
    "ACTIVE,            true,  true,  true,  true,  false, false",
    "POSTCOPY_ACTIVE,   true,  true,  true,  true,  false, false",
    "POSTCOPY_PAUSED,   false, true,  true,  true,  false, false",
    "POSTCOPY_RECOVER,  false, true,  true,  true,  false, false",
    "COMPLETED,         false, false, false, false, true,  false",
    "FAILED,            false, false, false, false, true,  true",
    "COLO,              false, true,  false, true,  false, false",
    "PRE_SWITCHOVER,    false, true,  true,  true,  false, false",
    "DEVICE,            false, true,  true,  true,  false, false",
    "WAIT_UNPLUG,       false, true,  true,  true,  false, false",
  })
  void R_MIG_1_to_5_predicates(
      MigrationStatus status,
      boolean active,
      boolean setupOrActive,
      boolean runningS,
      boolean running10,
      boolean idle,
      boolean finished) {
    assertThat(status.isActive()).isEqualTo(active);
    assertThat(status.isSetupOrActive()).isEqualTo(setupOrActive);
    assertThat(status.isRunning(false)).isEqualTo(runningS);
    assertThat(status.isRunning(true)).isEqualTo(running10);
    assertThat(status.isIdle()).isEqualTo(idle);
    assertThat(status.isFinishedForVfio()).isEqualTo(finished);
  }
}
