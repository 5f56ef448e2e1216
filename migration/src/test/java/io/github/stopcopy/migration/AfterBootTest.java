package io.github.stopcopy.migration;

import static io.github.stopcopy.migration.TestVm.A;
import static io.github.stopcopy.migration.TestVm.add;
import static io.github.stopcopy.migration.TestVm.migrate;
import static io.github.stopcopy.migration.TestVm.snapshot;
import static io.github.stopcopy.migration.TestVm.vfio;
import static org.assertj.core.api.Assertions.assertThat;

import io.github.stopcopy.migration.scenario.Step;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What is played between the start of a VM and its migration. */
class AfterBootTest {

  private static final Step BOOT = new Step.Boot();
  private static final Step STANDBY = new Step.AcceptStandby();
  private static final Step MIGRATE = migrate();
  private static final Step MORE = add(vfio(A));

  @Test
  void itComesBehindTheStartAndBeforeAllElse() {
    assertThat(AfterBoot.steps(List.of(BOOT, MIGRATE), List.of(MORE)))
        .containsExactly(BOOT, MORE, MIGRATE);
  }

  @Test
  void R_OBS_115_theGuestHasItsStandbyByThen() {
    assertThat(AfterBoot.steps(List.of(BOOT, STANDBY, MIGRATE), List.of(MORE, snapshot())))
        .containsExactly(BOOT, STANDBY, MORE, snapshot(), MIGRATE);
  }

  @Test
  void aVmThatOnlyStartsGetsItAtTheEnd() {
    assertThat(AfterBoot.steps(List.of(BOOT), List.of(MORE))).containsExactly(BOOT, MORE);
    assertThat(AfterBoot.steps(List.of(), List.of(MORE))).containsExactly(MORE);
  }

  @Test
  void aLaterStartIsNotTheFirst() {
    assertThat(AfterBoot.steps(List.of(BOOT, MIGRATE, BOOT), List.of(MORE)))
        .containsExactly(BOOT, MORE, MIGRATE, BOOT);
  }
}
