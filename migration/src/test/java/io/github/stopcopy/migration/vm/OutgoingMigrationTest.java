package io.github.stopcopy.migration.vm;

import static io.github.stopcopy.migration.TestVm.A;
import static io.github.stopcopy.migration.TestVm.B;
import static io.github.stopcopy.migration.TestVm.NO_P2P;
import static io.github.stopcopy.migration.TestVm.P2P;
import static io.github.stopcopy.migration.TestVm.PRE_COPY;
import static io.github.stopcopy.migration.TestVm.SEED;
import static io.github.stopcopy.migration.TestVm.V10;
import static io.github.stopcopy.migration.TestVm.can;
import static io.github.stopcopy.migration.TestVm.cancel;
import static io.github.stopcopy.migration.TestVm.container;
import static io.github.stopcopy.migration.TestVm.finish;
import static io.github.stopcopy.migration.TestVm.guest;
import static io.github.stopcopy.migration.TestVm.hold;
import static io.github.stopcopy.migration.TestVm.host;
import static io.github.stopcopy.migration.TestVm.intel;
import static io.github.stopcopy.migration.TestVm.last;
import static io.github.stopcopy.migration.TestVm.logging;
import static io.github.stopcopy.migration.TestVm.migrate;
import static io.github.stopcopy.migration.TestVm.play;
import static io.github.stopcopy.migration.TestVm.q35;
import static io.github.stopcopy.migration.TestVm.refusing;
import static io.github.stopcopy.migration.TestVm.vfio;
import static org.assertj.core.api.Assertions.assertThat;

import io.github.stopcopy.core.error.Errno;
import io.github.stopcopy.core.error.QemuError;
import io.github.stopcopy.core.event.ModelEvent;
import io.github.stopcopy.core.host.HostDevice.DmaLogging;
import io.github.stopcopy.core.host.HostFacts;
import io.github.stopcopy.core.host.VfioDeviceState;
import io.github.stopcopy.core.memory.GuestMemory;
import io.github.stopcopy.core.migration.MigrationMode;
import io.github.stopcopy.core.profile.QemuProfile;
import io.github.stopcopy.migration.event.MigrationEvent;
import io.github.stopcopy.migration.scenario.Step.ViommuOperation;
import io.github.stopcopy.migration.scenario.StepAnswer;
import io.github.stopcopy.migration.scenario.Story;
import io.github.stopcopy.vfiopci.event.VfioEvent;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/** R-MIG-6 .. R-MIG-34, R-MIG-46, R-OVW-10 .. R-OVW-12 and what R-OBS adds to them. */
class OutgoingMigrationTest {

  private static final String PT = "x-migration-iommu-pt=on";
  private static final String COULD_NOT_START = "vfio: Could not start dirty page tracking";

  private final List<ModelEvent> events = new ArrayList<>();

  private static String status(StepAnswer answer) {
    return answer.query().orElseThrow().status();
  }

  private static Optional<String> description(StepAnswer answer) {
    return answer.query().orElseThrow().errorDescription();
  }

  /** Status changes, device states and the VM's running, in order, in short words. */
  private static List<String> course(StepAnswer answer) {
    List<String> course = new ArrayList<>();
    for (ModelEvent event : answer.events()) {
      if (event instanceof MigrationEvent.StatusChanged changed) {
        course.add(changed.after().qapiName());
      } else if (event instanceof MigrationEvent.VmRunning running) {
        course.add(running.running() ? "run" : "stop");
      } else if (event instanceof VfioEvent.DeviceState state) {
        course.add(state.device().charAt(6) + ">" + state.to());
      }
    }
    return course;
  }

  @Test
  void R_MIG_10_to_R_MIG_14_aMigrationThatGoesWell() throws Exception {
    Story story = play(V10, q35(vfio(A), vfio(B)), host(Map.of(A, can(PRE_COPY))), migrate());

    assertThat(course(last(story)))
        .containsExactly(
            "setup",
            "1>PRE_COPY",
            "active",
            "2>RUNNING_P2P",
            "1>PRE_COPY_P2P",
            "stop",
            "2>STOP",
            "1>STOP_COPY",
            "2>STOP_COPY",
            "completed",
            "1>STOP",
            "2>STOP");
    assertThat(story.vm().migrationStatus().isIdle()).isTrue();
  }

  @Test
  void R_MIG_11_trackingStartsBeforeTheDevicesAreSetUpInTheirOrder() throws Exception {
    Story story =
        play(V10, q35(vfio(A), vfio(B)), host(Map.of(A, can(PRE_COPY), B, can(PRE_COPY))), hold());

    List<String> setUp = new ArrayList<>();
    for (ModelEvent event : last(story).events()) {
      if (event instanceof VfioEvent.DmaLoggingStart start) {
        setUp.add(start.device().charAt(6) + " logs");
      } else if (event instanceof VfioEvent.DeviceState state) {
        setUp.add(state.device().charAt(6) + ">" + state.to());
      }
    }
    assertThat(setUp).containsExactly("2 logs", "1 logs", "1>PRE_COPY", "2>PRE_COPY");
  }

  @Test
  void R_MIG_12_aHeldMigrationIsActiveUntilItIsFinished() throws Exception {
    Story story = play(SEED, q35(vfio(A)), hold(), finish());

    assertThat(status(story.answers().get(1))).isEqualTo("active");
    assertThat(status(story.answers().get(2))).isEqualTo("completed");
    assertThat(story.migrated()).isTrue();
  }

  @Test
  void R_MIG_13_and_R_MIG_31_aStreamErrorEndsAnActiveMigrationAtOnce() {
    OutgoingMigration migration =
        new OutgoingMigration(
            new GuestMemory(false, false), events::add, MigrationBehaviour.of(QemuProfile.V8_2));
    migration.start(MigrationMode.NORMAL, false, List.of());
    migration.setStreamError(Errno.EIO);
    migration.detectError();
    migration.complete();

    assertThat(migration.status().qapiName()).isEqualTo("failed");
  }

  @Test
  void R_MIG_30_onlyTheFirstErrorCounts() {
    OutgoingMigration migration =
        new OutgoingMigration(
            new GuestMemory(false, false), events::add, MigrationBehaviour.of(QemuProfile.V10_2));
    migration.start(MigrationMode.NORMAL, false, List.of());
    events.clear();
    migration.setStreamError(Errno.EIO);
    migration.setStreamError(Errno.EINVAL);

    assertThat(events).containsExactly(new MigrationEvent.StreamFailed(Errno.EIO));
  }

  @Test
  void R_MIG_30_and_R_MIG_31_withoutAMigrationAnErrorIsIgnored() {
    OutgoingMigration migration =
        new OutgoingMigration(
            new GuestMemory(false, false), events::add, MigrationBehaviour.of(QemuProfile.V8_2));
    migration.setStreamError(Errno.EIO);
    assertThat(events).isEmpty();

    migration.start(MigrationMode.NORMAL, false, List.of());
    migration.complete();
    assertThat(migration.status().qapiName()).isEqualTo("completed");
  }

  @Test
  void R_MIG_33_anErrorObjectBecomesTheDescriptionAndALaterOneIsPrinted() {
    OutgoingMigration migration =
        new OutgoingMigration(
            new GuestMemory(false, false), events::add, MigrationBehaviour.of(QemuProfile.V10_2));
    migration.start(MigrationMode.NORMAL, false, List.of());
    events.clear();
    migration.setStreamError(QemuError.of(Errno.EIO, "first"));
    migration.setStreamError(QemuError.of(Errno.EIO, "second"));
    assertThat(events).extracting(ModelEvent::describe).contains("error: second");

    migration.detectError();
    assertThat(migration.errorDescription()).contains("first");
    migration.setStreamError(QemuError.of(Errno.EIO, "late"));
    assertThat(events).extracting(ModelEvent::describe).contains("error: late");
  }

  @Test
  void R_MIG_34_onlyLaterReleasesMakeATextOfANumber() {
    for (QemuProfile profile : QemuProfile.values()) {
      boolean later = profile.isFrom(QemuProfile.V9_1);
      OutgoingMigration migration =
          new OutgoingMigration(
              new GuestMemory(false, false), events::add, MigrationBehaviour.of(profile));
      migration.start(MigrationMode.NORMAL, false, List.of());
      migration.setStreamError(Errno.EOPNOTSUPP);
      migration.detectError();

      assertThat(migration.errorDescription())
          .isEqualTo(
              later ? Optional.of("Channel error: Operation not supported") : Optional.empty());
    }
  }

  /** A device without PRE_COPY reaches STOP_COPY only once the VM has stopped. */
  @ParameterizedTest
  @CsvSource({"V10_2, ''", "V11_1, 'Failed to save iterable device state: '"})
  void R_OBS_103_aDeviceThatCannotBeSavedIsToldAsThat(QemuProfile profile, String prefix)
      throws Exception {
    Story story =
        play(
            profile,
            q35(vfio(A)),
            host(Map.of(A, refusing(P2P, VfioDeviceState.STOP_COPY))),
            migrate());

    String told = prefix + "Channel error: Input/output error";
    assertThat(description(last(story))).contains(told);
    assertThat(last(story).errors())
        .containsExactly(
            A
                + ": Failed setting device state to STOP_COPY. Setting device in recover state"
                + " STOP: Input/output error",
            told);
  }

  @Test
  void R_MIG_6_aMigrationThatIsNotThereIsNeitherFinishedNorCancelled() throws Exception {
    Story story = play(SEED, q35(vfio(A)), finish(), cancel());

    assertThat(status(last(story))).isEqualTo("none");
    assertThat(course(last(story))).isEmpty();
    assertThat(course(story.answers().get(1))).isEmpty();
    assertThat(story.migrated()).isFalse();
  }

  @ParameterizedTest
  @EnumSource(QemuProfile.class)
  void R_MIG_5_R_MIG_14_and_R_MIG_26_aCancelledMigrationLeavesTheDevicesRunning(QemuProfile profile)
      throws Exception {
    Story story =
        play(profile, q35(vfio(A)), host(Map.of(A, can(PRE_COPY))), hold(), cancel(), migrate());

    StepAnswer cancelled = story.answers().get(2);
    assertThat(course(cancelled)).containsExactly("cancelling", "cancelled", "1>RUNNING");
    assertThat(description(cancelled)).isEmpty();
    assertThat(status(last(story))).isEqualTo("completed");
  }

  @Test
  void R_OBS_13_theVmStartMovesP2pDevicesThroughRunningP2p() throws Exception {
    Story story = play(SEED, q35(vfio(A), vfio(B)), host(Map.of(B, can(NO_P2P))));

    assertThat(course(last(story)))
        .containsExactly("1>RUNNING_P2P", "run", "1>RUNNING", "2>RUNNING");
    assertThat(last(story).deviceStates()).as("not told at boot").isEmpty();
  }

  @ParameterizedTest
  @EnumSource(mode = EnumSource.Mode.EXCLUDE, names = "V8_1")
  void R_OBS_13_aStateRefusedAtBootIsPrinted(QemuProfile profile) throws Exception {
    Story story =
        play(profile, q35(vfio(A)), host(Map.of(A, refusing(P2P, VfioDeviceState.RUNNING_P2P))));

    assertThat(last(story).errors())
        .singleElement()
        .asString()
        .startsWith(A + ": Failed setting device state to RUNNING_P2P")
        .contains("Input/output error");
    assertThat(last(story).exitCode()).isEmpty();
  }

  @Test
  void R_MIG_46_stopsAreDescendingAndStartsAscending() throws Exception {
    Story story =
        play(
            SEED,
            q35(vfio(A), vfio(B)),
            host(Map.of(A, can(P2P, logging(Optional.empty(), Optional.of(Errno.EINVAL), 0)))),
            migrate());

    List<String> course = course(last(story));
    int stop = course.indexOf("stop");
    assertThat(course.subList(stop - 2, stop + 3))
        .containsExactly("2>RUNNING_P2P", "1>RUNNING_P2P", "stop", "2>STOP", "1>STOP");
    int run = course.indexOf("run");
    assertThat(course.subList(run - 2, run + 3))
        .containsExactly("1>RUNNING_P2P", "2>RUNNING_P2P", "run", "1>RUNNING", "2>RUNNING");
  }

  @Test
  void R_OBS_8_inTheSeedAFailingSyncIsPrintedTwiceAndTheVmRunsOn() throws Exception {
    Story story = play(SEED, q35(vfio(A)), failingReports(), migrate());

    StepAnswer answer = last(story);
    assertThat(answer.errors()).hasSize(4);
    assertThat(answer.errors().get(1))
        .isEqualTo("vfio: Failed to sync dirty bitmap, err: -22 (Invalid argument)");
    assertThat(answer.errors().subList(2, 4)).isEqualTo(answer.errors().subList(0, 2));
    assertThat(status(answer)).isEqualTo("failed");
    assertThat(description(answer)).isEmpty();
    assertThat(course(answer))
        .containsExactly(
            "setup",
            "active",
            "1>RUNNING_P2P",
            "stop",
            "1>STOP",
            "1>STOP_COPY",
            "failed",
            "1>RUNNING_P2P",
            "run",
            "1>RUNNING",
            "1>RUNNING");
  }

  @Test
  void R_OBS_8_in10TheSetupFailsAndNoStateChanges() throws Exception {
    Story story = play(V10, q35(vfio(A)), failingReports(), migrate());

    assertThat(description(last(story))).contains("ram_save_setup failed: Invalid argument");
    assertThat(last(story).errors()).endsWith("ram_save_setup failed: Invalid argument");
    assertThat(course(last(story))).containsExactly("setup", "failed");
  }

  private static HostFacts failingReports() {
    return host(Map.of(A, can(P2P, logging(Optional.empty(), Optional.of(Errno.EINVAL), 0))));
  }

  @Test
  void R_OBS_10_and_R_MIG_15_in10AFailedStartEndsTheSetup() throws Exception {
    Story story =
        play(
            V10,
            q35(vfio(A)),
            host(Map.of(A, can(PRE_COPY, logging(Optional.of(Errno.ENOMEM), Optional.empty(), 0)))),
            migrate());

    assertThat(description(last(story)).orElseThrow()).startsWith(COULD_NOT_START + " - ");
    assertThat(last(story).errors()).contains(description(last(story)).get());
    assertThat(course(last(story))).containsExactly("setup", "failed");
  }

  @Test
  void R_OBS_11_and_R_MIG_11_inTheSeedTheFirstDeviceIsStillSetUp() throws Exception {
    var refused = can(PRE_COPY, logging(Optional.of(Errno.ENOMEM), Optional.empty(), 0));
    Story story =
        play(SEED, q35(vfio(A), vfio(B)), host(Map.of(A, refused, B, refused)), migrate());

    assertThat(course(last(story)))
        .containsExactly("setup", "1>PRE_COPY", "active", "failed", "2>RUNNING", "1>RUNNING");
    assertThat(description(last(story))).isEmpty();
  }

  @Test
  void R_OBS_12_in10AFailedStateWhileStoppingFailsTheMigration() throws Exception {
    HostFacts host = host(Map.of(A, refusing(P2P, VfioDeviceState.STOP)));

    Story ten = play(V10, q35(vfio(A)), host, migrate());
    assertThat(status(last(ten))).isEqualTo("failed");
    assertThat(description(last(ten)).orElseThrow())
        .startsWith(A + ": Failed setting device state to STOP");
    assertThat(course(last(ten))).containsSubsequence("stop", "failed", "run");

    Story seed = play(SEED, q35(vfio(A)), host, migrate());
    assertThat(last(seed).errors()).isNotEmpty();
  }

  @Test
  void R_MIG_14_R_MIG_25_and_R_MIG_31_aDeviceThatCannotBeSavedFailsTheCompletion()
      throws Exception {
    for (QemuProfile profile : List.of(SEED, V10)) {
      Story story =
          play(
              profile,
              q35(vfio(A)),
              host(Map.of(A, refusing(P2P, VfioDeviceState.STOP_COPY))),
              migrate());

      assertThat(status(last(story))).isEqualTo("failed");
      assertThat(course(last(story))).containsSubsequence("stop", "failed", "run", "1>RUNNING");
    }
  }

  @Test
  void R_OBS_17_aContainerThatDoesNotStartTracking() throws Exception {
    HostFacts host =
        host(
            container(true, Optional.of(Errno.EINVAL), Optional.empty(), false),
            Map.of(A, can(P2P, DmaLogging.NONE)));
    Story story = play(V10, q35(vfio(A, "enable-migration=on")), host, migrate());

    assertThat(description(last(story)))
        .contains(COULD_NOT_START + " - Failed to set dirty tracking flag 0x1: Invalid argument");
  }

  @Test
  void R_OVW_3a_isBlockedAtRealize() throws Exception {
    Story story = play(SEED, q35(intel(), vfio(A)), migrate());

    assertThat(last(story).commandError())
        .contains(A + ": Migration is currently not supported with vIOMMU enabled");
    assertThat(status(last(story))).isEqualTo("none");
  }

  @Test
  void R_OVW_3b_and_R_OVW_5_isRefusedAtTheStart() throws Exception {
    Story story = play(SEED, q35(intel(), vfio(A, PT)), guest(ViommuOperation.ENABLE), migrate());

    assertThat(last(story).errors())
        .containsExactly(
            "vIOMMU mappings active cannot start dirty tracking, err -95 (Operation not supported)",
            COULD_NOT_START + ", err: -95 (Operation not supported)");
    assertThat(status(last(story))).isEqualTo("failed");
    assertThat(description(last(story))).as("R-OVW-10, R-MIG-32").isEmpty();
    assertThat(course(last(story)))
        .as("R-OVW-5: failed, not cancelled, and the VM never stops")
        .containsExactly("setup", "active", "failed", "1>RUNNING");
    assertThat(last(story).dmaLoggingStart()).isEmpty();
  }

  @Test
  void R_OVW_4_withoutTranslationTheRangesAreThoseOfRam() throws Exception {
    Story behind = play(SEED, q35(intel(), vfio(A, PT)), migrate());
    Story plain = play(SEED, q35(vfio(A)), migrate());

    assertThat(status(last(behind))).isEqualTo("completed");
    assertThat(last(behind).dmaLoggingStart()).hasSize(1).isEqualTo(last(plain).dmaLoggingStart());
  }

  @Test
  void R_OVW_3b_theMigrationWorksOnceTheGuestTurnedTranslationOff() throws Exception {
    Story story =
        play(
            SEED,
            q35(intel(), vfio(A, PT)),
            guest(ViommuOperation.ENABLE),
            migrate(),
            guest(ViommuOperation.DISABLE),
            migrate());

    assertThat(status(last(story))).isEqualTo("completed");
  }

  @Test
  void R_OVW_3c_and_R_OVW_5_isStoppedMidwayWithoutAWord() throws Exception {
    Story story =
        play(SEED, q35(intel(), vfio(A, PT)), hold(), guest(ViommuOperation.ENABLE), finish());

    StepAnswer enabled = story.answers().get(2);
    assertThat(enabled.errors()).isEmpty();
    assertThat(enabled.iommuSections()).hasSize(2);
    assertThat(enabled.iommuSections().get(0).toString()).isEqualTo("[0x0,0xfedfffff]");
    assertThat(enabled.iommuSections().get(1).toString())
        .isEqualTo("[0xfef00000,0xffffffffffffffff]");
    assertThat(course(enabled))
        .as("R-OVW-5: failed, not cancelled, and the VM never stops")
        .containsExactly("failed", "1>RUNNING");
    assertThat(status(last(story))).isEqualTo("failed");
    assertThat(description(last(story))).isEmpty();
    assertThat(course(last(story))).as("already over").isEmpty();
  }

  @Test
  void R_OVW_11_theStartCheckIsOnTheDevicePathOnly() throws Exception {
    HostFacts host = host(Map.of(A, can(P2P, DmaLogging.NONE)));
    Story story =
        play(
            SEED,
            q35(intel(), vfio(A, PT, "enable-migration=on")),
            host,
            guest(ViommuOperation.ENABLE),
            migrate());

    assertThat(status(last(story))).isEqualTo("completed");
  }
}
