package io.github.stopcopy.vfiopci.device;

import static io.github.stopcopy.vfiopci.subsystem.TestVm.A;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.mockito.ArgumentMatchers.any;
import static org.mockito.Mockito.when;

import io.github.stopcopy.core.error.Errno;
import io.github.stopcopy.core.error.QemuAbort;
import io.github.stopcopy.core.error.QemuError;
import io.github.stopcopy.core.host.HostContainer;
import io.github.stopcopy.core.host.HostDevice.MigrationSupport;
import io.github.stopcopy.core.host.VfioDeviceState;
import io.github.stopcopy.core.migration.MigrationStatus;
import io.github.stopcopy.core.profile.QemuProfile;
import io.github.stopcopy.vfiopci.event.FailureCause;
import io.github.stopcopy.vfiopci.event.VfioEvent;
import io.github.stopcopy.vfiopci.subsystem.Hosts;
import io.github.stopcopy.vfiopci.subsystem.MockedKernel;
import io.github.stopcopy.vfiopci.subsystem.TestVm;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** When a device changes its state, and what happens if it cannot (spec 07 §3). */
class DeviceStateTest {

  private TestVm vm;

  private VfioMigration device(
      QemuProfile profile, boolean p2p, boolean preCopy, VfioDeviceState... refused) {
    Map<VfioDeviceState, Errno> errors = new HashMap<>();
    for (VfioDeviceState state : refused) {
      errors.put(state, Errno.EIO);
    }
    vm =
        TestVm.of(
            profile,
            TestVm.host(
                HostContainer.CAPABLE,
                A,
                Hosts.device(MigrationSupport.of(true, p2p, preCopy), errors)));
    return vm.attach(A).migration().orElseThrow();
  }

  @Test
  void aMigrationOfADeviceThatCanDoEverything() {
    VfioMigration migration = device(QemuProfile.V8_2, true, true);
    assertThat(migration.state()).isEqualTo(VfioDeviceState.RUNNING);
    assertThat(migration.saveSetup(false)).isEmpty();
    migration.vmStateAboutToChange();
    migration.vmStopped(true);
    assertThat(migration.saveComplete()).isEmpty();
    migration.saveCleanup();
    migration.vmStateAboutToChange();
    migration.vmStarted();
    migration.migrationEndedWithoutSuccess();
    assertThat(vm.story())
        .containsExactly(
            "0000:01:00.0: RUNNING -> PRE_COPY", "0000:01:00.0: PRE_COPY -> PRE_COPY_P2P",
            "0000:01:00.0: PRE_COPY_P2P -> STOP_COPY", "0000:01:00.0: STOP_COPY -> STOP_COPY",
            "0000:01:00.0: STOP_COPY -> STOP", "0000:01:00.0: STOP -> RUNNING_P2P",
            "0000:01:00.0: RUNNING_P2P -> RUNNING", "0000:01:00.0: RUNNING -> RUNNING");
  }

  @Test
  void R_MIG_45_in102AStateItHasIsNotAskedFor() {
    VfioMigration migration = device(QemuProfile.V10_2, false, false);
    migration.vmStateAboutToChange();
    migration.vmStarted();
    assertThat(migration.saveSetup(false)).isEmpty();
    assertThat(vm.story()).isEmpty();
    migration.vmStopped(true);
    migration.saveCleanup();
    assertThat(vm.story()).containsExactly("0000:01:00.0: RUNNING -> STOP");
  }

  @Test
  void theSetupNeedsARunningOrStoppedDevice() {
    VfioMigration migration = device(QemuProfile.V8_2, true, true);
    migration.vmStateAboutToChange();
    assertThat(migration.saveSetup(false).map(QemuError::errno)).contains(Errno.EINVAL);
    migration.vmStopped(false);
    assertThat(migration.state()).isEqualTo(VfioDeviceState.STOP);
    assertThat(migration.saveSetup(false)).isEmpty();
  }

  @Test
  void R_MIG_43_withoutRecoveryTheDeviceIsReset() {
    VfioMigration old = device(QemuProfile.V8_2, false, false, VfioDeviceState.STOP);
    old.vmStopped(true);
    assertThat(vm.errors())
        .containsExactly(
            "0000:01:00.0: Failed setting device state to STOP, err: Input/output error. Recover"
                + " state is ERROR. Resetting device");
    assertThat(old.state()).isEqualTo(VfioDeviceState.RUNNING);
    VfioMigration now = device(QemuProfile.V10_2, false, false, VfioDeviceState.STOP);
    now.vmStopped(true);
    String text =
        "0000:01:00.0: Failed setting device state to STOP. Recover state is ERROR. Resetting"
            + " device: Input/output error";
    assertThat(vm.errors()).containsExactly(text);
    vm.migration.status = MigrationStatus.ACTIVE;
    now.vmStopped(true);
    assertThat(vm.errors()).hasSize(1);
    assertThat(vm.migration.objects)
        .as("R-OBS-12")
        .extracting(QemuError::text)
        .containsExactly(text);
  }

  @Test
  void R_MIG_43_theRecoveryStateIsTried() {
    VfioMigration old = device(QemuProfile.V8_2, false, true, VfioDeviceState.PRE_COPY);
    assertThat(old.saveSetup(false).map(QemuError::errno)).contains(Errno.EIO);
    assertThat(vm.errors())
        .containsExactly(
            "0000:01:00.0: Failed setting device state to PRE_COPY, err: Input/output error."
                + " Setting device in recover state RUNNING");
    VfioMigration now = device(QemuProfile.V10_2, false, true, VfioDeviceState.PRE_COPY);
    assertThat(now.saveSetup(false).map(QemuError::text))
        .contains(
            "0000:01:00.0: Failed setting device state to PRE_COPY. Setting device in recover state"
                + " RUNNING: Input/output error");
    assertThat(vm.errors()).isEmpty();
  }

  @Test
  void R_MIG_43_aFailingRecoveryResets() {
    VfioMigration migration =
        device(QemuProfile.V8_2, false, false, VfioDeviceState.STOP_COPY, VfioDeviceState.STOP);
    assertThat(migration.saveComplete().map(QemuError::errno)).contains(Errno.EIO);
    assertThat(vm.errors())
        .containsExactly(
            "0000:01:00.0: Failed setting device state to STOP_COPY, err: Input/output error."
                + " Setting device in recover state STOP",
            "0000:01:00.0: Failed setting device in recover state, err: Input/output error."
                + " Resetting device");
    assertThat(migration.state()).isEqualTo(VfioDeviceState.RUNNING);
  }

  @Test
  void R_MIG_43_theResetAfterAFailingRecoveryLeavesTheDeviceRunning() {
    VfioMigration migration =
        device(QemuProfile.V8_2, false, true, VfioDeviceState.STOP_COPY, VfioDeviceState.STOP);
    assertThat(migration.saveSetup(false)).isEmpty();
    assertThat(migration.state()).isEqualTo(VfioDeviceState.PRE_COPY);
    assertThat(migration.saveComplete()).isPresent();
    assertThat(migration.state()).isEqualTo(VfioDeviceState.RUNNING);
  }

  @Test
  void R_MIG_43_aFailingResetEndsQemu() {
    MockedKernel mocked = new MockedKernel();
    when(mocked.device.state()).thenReturn(VfioDeviceState.RUNNING);
    when(mocked.device.setState(VfioDeviceState.STOP)).thenReturn(Optional.of(Errno.EIO));
    when(mocked.device.reset()).thenReturn(Optional.of(Errno.ENOTTY));
    vm = mocked.vm(QemuProfile.V8_2);
    VfioPciDevice device = vm.device(A);
    vm.vfio.attach(device, vm.system);
    when(mocked.device.migrationSupport()).thenReturn(MigrationSupport.of(true, false, false));
    device.openMigration();
    VfioMigration migration = device.migration().orElseThrow();
    assertThatExceptionOfType(QemuAbort.class).isThrownBy(() -> migration.vmStopped(false));
    assertThat(vm.errors())
        .last()
        .isEqualTo("0000:01:00.0: Failed resetting device, err: Inappropriate ioctl for device");
    assertThat(vm.events)
        .last()
        .isEqualTo(
            new VfioEvent.Failed(
                new FailureCause.ResetRefused(A, Errno.ENOTTY),
                "0000:01:00.0: Failed resetting device, err: Inappropriate ioctl for device"));
  }

  @Test
  void R_BLK_8_postcopyAndSnapshotsAreRefused() {
    VfioMigration migration = device(QemuProfile.V8_2, false, false);
    assertThat(migration.savePrepare(false, false)).isEmpty();
    assertThat(List.of(migration.savePrepare(true, false), migration.savePrepare(false, true)))
        .extracting(error -> error.orElseThrow().text())
        .containsExactly(
            "0000:01:00.0: VFIO migration is not supported with postcopy migration",
            "0000:01:00.0: VFIO migration is not supported with background snapshot");
  }

  private static List<VfioEvent> failures(TestVm vm) {
    return vm.events.stream()
        .filter(VfioEvent.Failed.class::isInstance)
        .map(VfioEvent.class::cast)
        .toList();
  }

  @Test
  void R_OBS_167_aDeviceThatNeedsMultifdRefusesASetupWithoutIt() {
    vm = TestVm.of(QemuProfile.V11_1);
    VfioMigration migration =
        vm.attach(A, "x-migration-multifd-transfer=on").migration().orElseThrow();
    assertThat(migration.saveSetup(true)).isEmpty();
    assertThat(failures(vm)).isEmpty();
    String text =
        "0000:01:00.0: Multifd device transfer requested but unsupported in the current config";
    assertThat(migration.saveSetup(false)).contains(QemuError.of(Errno.EINVAL, text));
    assertThat(failures(vm))
        .containsExactly(new VfioEvent.Failed(new FailureCause.MultifdMissing(A), text));
  }

  @ParameterizedTest
  @ValueSource(strings = {"off", "auto"})
  void R_OBS_167_otherDevicesNeedNoMultifd(String setting) {
    vm = TestVm.of(QemuProfile.V11_1);
    VfioPciDevice device = vm.attach(A, "x-migration-multifd-transfer=" + setting);
    assertThat(device.migration().orElseThrow().saveSetup(false)).isEmpty();
  }

  @Test
  void aSetupFromAnUnfitStateTellsTheState() {
    VfioMigration migration = device(QemuProfile.V8_2, true, true);
    migration.vmStateAboutToChange();
    assertThat(migration.saveSetup(false).map(QemuError::text))
        .contains("0000:01:00.0: Invalid device state");
    assertThat(failures(vm))
        .containsExactly(
            new VfioEvent.Failed(
                new FailureCause.UnfitState(A, VfioDeviceState.RUNNING_P2P),
                "0000:01:00.0: Invalid device state"));
  }

  @Test
  void R_REL_5_before82ADeviceStopsAsSoonAsItsStateIsSaved() {
    VfioMigration old = device(QemuProfile.V8_1, false, false);
    old.vmStopped(true);
    assertThat(old.saveComplete()).isEmpty();
    assertThat(old.state()).isEqualTo(VfioDeviceState.STOP);
    VfioMigration now = device(QemuProfile.V8_2, false, false);
    now.vmStopped(true);
    assertThat(now.saveComplete()).isEmpty();
    assertThat(now.state()).as("it stops at the end").isEqualTo(VfioDeviceState.STOP_COPY);
    now.saveCleanup();
    assertThat(now.state()).isEqualTo(VfioDeviceState.STOP);
  }

  @Test
  void R_REL_5_whatCouldNotBeSavedIsNotStoppedOnceMore() {
    VfioMigration migration = device(QemuProfile.V8_1, false, false, VfioDeviceState.STOP_COPY);
    migration.vmStopped(true);
    vm.events.clear();
    assertThat(migration.saveComplete().map(QemuError::errno)).contains(Errno.EIO);
    assertThat(vm.story())
        .filteredOn(line -> line.contains(" -> "))
        .containsExactly(
            "0000:01:00.0: STOP -> STOP_COPY = -5 (Input/output error)",
            "0000:01:00.0: STOP -> STOP");
  }

  @Test
  void R_MIG_43_aStateThatTheMigrationNeedsIsTheCauseOfItsFailure() {
    VfioMigration migration = device(QemuProfile.V10_2, false, true, VfioDeviceState.PRE_COPY);
    QemuError refused = migration.saveSetup(false).orElseThrow();
    assertThat(failures(vm))
        .containsExactly(
            new VfioEvent.Failed(
                new FailureCause.StateRefused(A, VfioDeviceState.PRE_COPY, Errno.EIO),
                refused.text()));
  }

  @Test
  void R_OBS_12_aDeviceThatDoesNotFollowTheVmIsTheCauseOnlyWhileItMigrates() {
    VfioMigration migration = device(QemuProfile.V10_2, false, false, VfioDeviceState.STOP);
    migration.vmStopped(false);
    assertThat(failures(vm)).isEmpty();
    vm.migration.status = MigrationStatus.ACTIVE;
    migration.vmStopped(false);
    assertThat(failures(vm))
        .containsExactly(
            new VfioEvent.Failed(
                new FailureCause.StateRefused(A, VfioDeviceState.STOP, Errno.EIO),
                vm.migration.objects.get(0).text()));
  }

  @Test
  void R_MIG_45_whatFailsAfterTheMigrationIsPrinted() {
    MockedKernel mocked = new MockedKernel();
    when(mocked.device.state()).thenReturn(VfioDeviceState.RUNNING);
    when(mocked.device.setState(any())).thenReturn(Optional.empty());
    when(mocked.device.setState(VfioDeviceState.STOP)).thenReturn(Optional.of(Errno.EIO));
    when(mocked.device.reset()).thenReturn(Optional.empty());
    when(mocked.device.migrationSupport()).thenReturn(MigrationSupport.of(true, false, true));
    vm = mocked.vm(QemuProfile.V10_2);
    VfioMigration migration = vm.attach(A).migration().orElseThrow();
    assertThat(migration.saveSetup(false)).isEmpty();
    migration.vmStopped(true);
    migration.saveCleanup();
    assertThat(vm.errors())
        .containsExactly(
            "0000:01:00.0: Failed setting device state to STOP. Recover state is ERROR. Resetting"
                + " device: Input/output error");
    assertThat(migration.state()).isEqualTo(VfioDeviceState.RUNNING);

    vm.events.clear();
    assertThat(migration.saveSetup(false)).isEmpty();
    when(mocked.device.setState(VfioDeviceState.RUNNING)).thenReturn(Optional.of(Errno.EIO));
    migration.migrationEndedWithoutSuccess();
    assertThat(vm.errors())
        .containsExactly(
            "0000:01:00.0: Failed setting device state to RUNNING. Recover state is ERROR."
                + " Resetting device: Input/output error");
  }

  @Test
  void R_OBS_116_aStateThatComesInPutsTheDeviceIntoResuming() {
    VfioMigration migration = device(QemuProfile.V11_1, false, false);
    assertThat(migration.loadSetup()).isEmpty();
    assertThat(migration.state()).isEqualTo(VfioDeviceState.RESUMING);
    VfioMigration refused = device(QemuProfile.V11_1, false, false, VfioDeviceState.RESUMING);
    assertThat(refused.loadSetup().map(QemuError::text))
        .contains(
            "0000:01:00.0: Failed setting device state to RESUMING. Setting device in recover state"
                + " RUNNING: Input/output error");
    assertThat(refused.state()).isEqualTo(VfioDeviceState.RUNNING);
  }
}
