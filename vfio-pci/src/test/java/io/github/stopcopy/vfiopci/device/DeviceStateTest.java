package io.github.stopcopy.vfiopci.device;

import static io.github.stopcopy.vfiopci.subsystem.TestVm.A;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
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
}
