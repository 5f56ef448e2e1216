package io.github.stopcopy.migration.vm;

import static io.github.stopcopy.migration.TestVm.A;
import static io.github.stopcopy.migration.TestVm.B;
import static io.github.stopcopy.migration.TestVm.P2P;
import static io.github.stopcopy.migration.TestVm.PRE_COPY;
import static io.github.stopcopy.migration.TestVm.SEED;
import static io.github.stopcopy.migration.TestVm.can;
import static io.github.stopcopy.migration.TestVm.host;
import static io.github.stopcopy.migration.TestVm.last;
import static io.github.stopcopy.migration.TestVm.migrate;
import static io.github.stopcopy.migration.TestVm.play;
import static io.github.stopcopy.migration.TestVm.q35;
import static io.github.stopcopy.migration.TestVm.refusing;
import static io.github.stopcopy.migration.TestVm.vfio;
import static org.assertj.core.api.Assertions.assertThat;

import io.github.stopcopy.core.error.Errno;
import io.github.stopcopy.core.event.ModelEvent;
import io.github.stopcopy.core.host.HostFacts;
import io.github.stopcopy.core.host.VfioDeviceState;
import io.github.stopcopy.core.memory.GuestMemory;
import io.github.stopcopy.core.migration.MigrationMode;
import io.github.stopcopy.core.migration.MigrationStatus;
import io.github.stopcopy.core.profile.QemuProfile;
import io.github.stopcopy.migration.event.MigrationEvent;
import io.github.stopcopy.migration.scenario.StepAnswer;
import io.github.stopcopy.vfiopci.event.VfioEvent;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/** What is true of a migration in each of its states, and the states that not every one sees. */
class OutgoingMigrationStatesTest {

  private final List<ModelEvent> events = new ArrayList<>();
  private final List<String> course = new ArrayList<>();
  private OutgoingMigration migration;
  private Runnable whenStatusChanges = () -> {};

  private void open(QemuProfile profile) {
    migration =
        new OutgoingMigration(
            new GuestMemory(false, false), this::note, MigrationBehaviour.of(profile));
  }

  private void note(ModelEvent event) {
    events.add(event);
    if (event instanceof MigrationEvent.StatusChanged changed) {
      course.add(changed.after().qapiName());
      whenStatusChanges.run();
    } else if (event instanceof MigrationEvent.VmRunning running) {
      course.add(running.running() ? "run" : "stop");
    } else if (event instanceof MigrationEvent.UnplugAsked asked) {
      course.add("let go of " + asked.device());
    }
  }

  @Test
  void R_REL_25_R_REL_28_aFailingMigrationTakesBlockersAgain() {
    open(QemuProfile.V11_1);
    List<String> busy = new ArrayList<>();
    whenStatusChanges = () -> busy.add(migration.status().qapiName() + " " + migration.isBusy());
    migration.start(MigrationMode.NORMAL, false, List.of());
    migration.setStreamError(Errno.EIO);
    migration.detectError();
    assertThat(busy).containsExactly("setup true", "active true", "failing false", "failed false");
  }

  @ParameterizedTest
  @CsvSource({"V9_1, false", "V9_2, true", "V11_1, true"})
  void R_REL_26_fromWhichReleaseOnAnErrorCountsWhileCancelling(
      QemuProfile profile, boolean counts) {
    open(profile);
    migration.start(MigrationMode.NORMAL, false, List.of());
    events.clear();
    whenStatusChanges =
        () -> {
          if (migration.status() == MigrationStatus.CANCELLING) {
            migration.setStreamError(Errno.EIO);
          }
        };
    migration.cancel();
    assertThat(events.contains(new MigrationEvent.StreamFailed(Errno.EIO))).isEqualTo(counts);
  }

  @Test
  void R_REL_24_aGuestThatIsToBeSuspendedStopsBeforeTheSetup() {
    open(QemuProfile.V11_1);
    migration.runVm();
    course.clear();
    migration.start(MigrationMode.CPR_REBOOT, false, List.of());
    assertThat(course).containsExactly("stop", "setup", "active");
    migration.complete();
    assertThat(course).as("it does not stop twice").endsWith("active", "completed");
  }

  @Test
  void R_REL_24_aGuestThatWasSuspendedDoesNotRunOnAfterAFailure() {
    open(QemuProfile.V11_1);
    migration.runVm();
    migration.start(MigrationMode.CPR_REBOOT, false, List.of());
    course.clear();
    migration.setStreamError(Errno.EIO);
    migration.detectError();
    assertThat(course).containsExactly("failing", "failed");
  }

  @Test
  void R_MIG_12_R_OBS_115_primariesAreAskedToLeaveBeforeTheMigrationIsActive() {
    open(QemuProfile.V11_1);
    migration.start(MigrationMode.NORMAL, false, List.of(A, B));
    assertThat(course)
        .containsExactly("setup", "wait-unplug", "let go of " + A, "let go of " + B, "active");
  }

  @Test
  void R_MIG_12_withoutPrimariesNobodyWaits() {
    open(QemuProfile.V11_1);
    migration.start(MigrationMode.NORMAL, false, List.of());
    assertThat(course).containsExactly("setup", "active");
  }

  @Test
  void R_MIG_26_whatIsOverIsNotCancelled() {
    open(QemuProfile.V11_1);
    migration.start(MigrationMode.NORMAL, false, List.of());
    migration.complete();
    assertThat(migration.isPostMigrate()).isTrue();
    course.clear();
    migration.cancel();
    assertThat(course).isEmpty();
  }

  @Test
  void R_MIG_30_aNewMigrationBeginsWithoutTheErrorOfTheOneBefore() {
    open(QemuProfile.V11_1);
    migration.start(MigrationMode.NORMAL, false, List.of());
    migration.setStreamError(Errno.EIO);
    migration.detectError();
    assertThat(migration.errorDescription()).isPresent();
    migration.start(MigrationMode.NORMAL, false, List.of());
    migration.complete();
    assertThat(migration.status()).isEqualTo(MigrationStatus.COMPLETED);
    assertThat(migration.errorDescription()).isEmpty();
  }

  private static List<String> told(StepAnswer answer) {
    List<String> told = new ArrayList<>();
    for (ModelEvent event : answer.events()) {
      if (event instanceof MigrationEvent.StatusChanged changed) {
        told.add(changed.after().qapiName());
      } else if (event instanceof MigrationEvent.VmRunning running) {
        told.add(running.running() ? "run" : "stop");
      } else if (event instanceof VfioEvent.DeviceState state) {
        told.add(state.device().charAt(6) + ">" + state.to());
      }
    }
    return told;
  }

  /** From 11.0 on devices hear of the failure before the VM runs again. */
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "V10_2 | failed | 1>RUNNING_P2P run 1>RUNNING",
        "V11_0 | failed | 1>RUNNING 1>RUNNING_P2P run 1>RUNNING",
        "V11_1 | failing | 1>RUNNING 1>RUNNING_P2P run 1>RUNNING failed",
      })
  void R_REL_27_whenDevicesHearOfAFailureAfterTheVmStopped(
      QemuProfile profile, String failure, String then) throws Exception {
    HostFacts host = host(Map.of(A, refusing(P2P, VfioDeviceState.STOP_COPY)));
    List<String> told = told(last(play(profile, q35(vfio(A)), host, migrate())));
    int at = told.indexOf(failure);
    assertThat(told.subList(at + 1, told.size())).isEqualTo(List.of(then.split(" ")));
  }

  @ParameterizedTest
  @EnumSource(mode = EnumSource.Mode.EXCLUDE, names = "V8_1")
  void R_MIG_14_whereTheVmNeverStoppedDevicesHearOfTheFailureOnce(QemuProfile profile)
      throws Exception {
    HostFacts host =
        host(Map.of(A, can(PRE_COPY), B, refusing(PRE_COPY, VfioDeviceState.PRE_COPY)));
    List<String> told = told(last(play(profile, q35(vfio(A), vfio(B)), host, migrate())));
    assertThat(told).contains("failed").doesNotContain("stop", "run");
    assertThat(told).filteredOn("1>RUNNING"::equals).hasSize(1);
    assertThat(told.subList(told.indexOf("failed"), told.size()))
        .as("nobody was told before")
        .contains("1>RUNNING");
  }

  @Test
  void R_MIG_11_R_MIG_31_inTheSeedADeviceThatIsNotSetUpIsTheLastToBeAsked() throws Exception {
    HostFacts host =
        host(Map.of(A, refusing(PRE_COPY, VfioDeviceState.PRE_COPY), B, can(PRE_COPY)));
    List<String> told = told(last(play(SEED, q35(vfio(A), vfio(B)), host, migrate())));
    assertThat(told)
        .containsSubsequence("setup", "1>PRE_COPY", "active", "failed")
        .doesNotContain("2>PRE_COPY");
  }
}
