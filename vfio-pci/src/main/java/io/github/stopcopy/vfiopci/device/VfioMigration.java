package io.github.stopcopy.vfiopci.device;

import io.github.stopcopy.core.error.Errno;
import io.github.stopcopy.core.error.QemuError;
import io.github.stopcopy.core.host.VfioDeviceState;
import io.github.stopcopy.vfiopci.environment.VfioEnvironment;
import io.github.stopcopy.vfiopci.event.FailureCause;
import io.github.stopcopy.vfiopci.event.VfioEvent;
import io.github.stopcopy.vfiopci.kernel.KernelDevice;
import java.util.Optional;

/**
 * A device's part in migrations: which state it is put into, and what happens when the kernel
 * refuses (R-MIG-43 .. R-MIG-46). Not thread-safe.
 */
public final class VfioMigration {

  private final String device;
  private final VfioEnvironment vfio;
  private final KernelDevice kernel;
  private final boolean needsMultifd;
  private VfioDeviceState state = VfioDeviceState.RUNNING;

  /**
   * A device's part in migrations.
   *
   * @param needsMultifd whether its state may go through channels of multifd only
   */
  VfioMigration(String device, VfioEnvironment vfio, KernelDevice kernel, boolean needsMultifd) {
    this.device = device;
    this.vfio = vfio;
    this.kernel = kernel;
    this.needsMultifd = needsMultifd;
  }

  /** The state QEMU believes the device to be in. */
  public VfioDeviceState state() {
    return state;
  }

  /** Whether the device can stop starting transfers to others. */
  private boolean hasP2p() {
    return kernel.migrationSupport().p2p();
  }

  /** Whether its state can be read while it runs. */
  private boolean hasPreCopy() {
    return kernel.migrationSupport().preCopy();
  }

  /** Why this migration is not possible with the device (R-BLK-8). */
  public Optional<QemuError> savePrepare(boolean postcopy, boolean backgroundSnapshot) {
    if (!vfio.behaviour().refusesPostcopy()) {
      return Optional.empty();
    }
    String with = postcopy ? "postcopy migration" : backgroundSnapshot ? "background snapshot" : "";
    return with.isEmpty()
        ? Optional.empty()
        : Optional.of(
            QemuError.of(
                Errno.EOPNOTSUPP, device + ": VFIO migration is not supported with " + with));
  }

  /**
   * The migration is being set up.
   *
   * @param multifd whether it has several channels
   */
  public Optional<QemuError> saveSetup(boolean multifd) {
    if (needsMultifd && !multifd) {
      QemuError refused =
          QemuError.of(
              Errno.EINVAL,
              device + ": Multifd device transfer requested but unsupported in the current config");
      vfio.failed(new FailureCause.MultifdMissing(device), refused.text());
      return Optional.of(refused);
    }
    if (!hasPreCopy() || state == VfioDeviceState.STOP) {
      return Optional.empty();
    }
    if (state != VfioDeviceState.RUNNING) {
      QemuError invalid = QemuError.of(Errno.EINVAL, device + ": Invalid device state");
      vfio.failed(new FailureCause.UnfitState(device, state), invalid.text());
      return Optional.of(invalid);
    }
    return setNeededState(VfioDeviceState.PRE_COPY, VfioDeviceState.RUNNING);
  }

  /** The VM is about to run or to stop; devices stop starting transfers to each other. */
  public void vmStateAboutToChange() {
    if (hasP2p() && vfio.behaviour().asksP2pStates()) {
      VfioDeviceState quiet =
          state == VfioDeviceState.PRE_COPY
              ? VfioDeviceState.PRE_COPY_P2P
              : VfioDeviceState.RUNNING_P2P;
      followVm(quiet);
    }
  }

  /** The VM runs. */
  public void vmStarted() {
    followVm(VfioDeviceState.RUNNING);
  }

  /** The VM stopped, for the last part of a migration or for another reason. */
  public void vmStopped(boolean forMigration) {
    VfioDeviceState stopped =
        state.isPreCopy() && forMigration ? VfioDeviceState.STOP_COPY : VfioDeviceState.STOP;
    followVm(stopped);
  }

  /** The rest of the device's state is saved. */
  public Optional<QemuError> saveComplete() {
    Optional<QemuError> refused = setNeededState(VfioDeviceState.STOP_COPY, VfioDeviceState.STOP);
    return refused.isEmpty() && vfio.behaviour().stopsWhenSaved()
        ? setNeededState(VfioDeviceState.STOP, VfioDeviceState.ERROR)
        : refused;
  }

  /** The migration is over. */
  public void saveCleanup() {
    if (state == VfioDeviceState.STOP_COPY) {
      setState(VfioDeviceState.STOP, VfioDeviceState.ERROR).ifPresent(this::print);
    }
  }

  /** A migration that comes in brings the device's state (R-OBS-116). */
  public Optional<QemuError> loadSetup() {
    return setState(VfioDeviceState.RESUMING, state);
  }

  /** The migration was cancelled or failed. */
  public void migrationEndedWithoutSuccess() {
    setState(VfioDeviceState.RUNNING, VfioDeviceState.ERROR).ifPresent(this::print);
  }

  /** Asks for a state without which the migration fails. */
  private Optional<QemuError> setNeededState(VfioDeviceState wanted, VfioDeviceState recovery) {
    Optional<QemuError> failed = setState(wanted, recovery);
    failed.ifPresent(error -> stateRefused(wanted, error));
    return failed;
  }

  private void stateRefused(VfioDeviceState wanted, QemuError error) {
    vfio.failed(new FailureCause.StateRefused(device, wanted, error.errno()), error.text());
  }

  /**
   * Asks for a state; if the kernel refuses, for the recovery state, or resets (R-MIG-43,
   * R-MIG-45).
   *
   * @return the error; 8.1 has printed it already
   */
  private Optional<QemuError> setState(VfioDeviceState wanted, VfioDeviceState recovery) {
    if (vfio.behaviour().skipsKnownState() && wanted == state) {
      return Optional.empty();
    }
    Optional<Errno> refused = ask(wanted);
    if (refused.isEmpty()) {
      state = wanted;
      return Optional.empty();
    }
    Errno errno = refused.get();
    boolean reset = recovery == VfioDeviceState.ERROR;
    String what = device + ": Failed setting device state to " + wanted;
    String then =
        reset
            ? ". Recover state is ERROR. Resetting device"
            : ". Setting device in recover state " + recovery;
    QemuError error;
    if (vfio.behaviour().errorsAreValues()) {
      error = QemuError.of(errno, what + then + ": " + errno.text());
    } else {
      error = QemuError.of(errno, what + ", err: " + errno.text() + then);
      vfio.events().error(error);
    }
    if (reset) {
      reset();
    } else {
      recover(recovery);
    }
    return Optional.of(error);
  }

  private void recover(VfioDeviceState recovery) {
    Optional<Errno> refused = ask(recovery);
    if (refused.isEmpty()) {
      state = recovery;
      return;
    }
    vfio.events()
        .error(
            device
                + ": Failed setting device in recover state, err: "
                + refused.get().text()
                + ". Resetting device");
    reset();
  }

  private void reset() {
    Optional<Errno> refused = kernel.reset();
    if (refused.isPresent()) {
      Errno errno = refused.get();
      String text = device + ": Failed resetting device, err: " + errno.text();
      vfio.events().error(text);
      vfio.failed(new FailureCause.ResetRefused(device, errno), text);
      throw vfio.abort();
    }
    state = VfioDeviceState.RUNNING;
  }

  private Optional<Errno> ask(VfioDeviceState wanted) {
    VfioDeviceState from = kernel.state();
    Optional<Errno> refused = kernel.setState(wanted);
    vfio.events().record(new VfioEvent.DeviceState(device, from, wanted, refused));
    return refused;
  }

  /**
   * Asks for the state that goes with the VM's, as it starts or stops; a failure is the migration's
   * from QEMU 10 on (R-OBS-12, R-OBS-13).
   */
  private void followVm(VfioDeviceState wanted) {
    Optional<QemuError> failed = setState(wanted, VfioDeviceState.ERROR);
    if (failed.isEmpty() || !vfio.behaviour().errorsAreValues()) {
      return;
    }
    if (vfio.migration().status().isRunning(true)) {
      stateRefused(wanted, failed.get());
      vfio.migration().setStreamError(failed.get());
    } else {
      print(failed.get());
    }
  }

  private void print(QemuError error) {
    if (vfio.behaviour().errorsAreValues()) {
      vfio.events().error(error);
    }
  }
}
