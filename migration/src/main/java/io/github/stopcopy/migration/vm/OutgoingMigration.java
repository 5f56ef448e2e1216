package io.github.stopcopy.migration.vm;

import io.github.stopcopy.core.error.Errno;
import io.github.stopcopy.core.error.QemuError;
import io.github.stopcopy.core.event.EventLog;
import io.github.stopcopy.core.memory.GuestMemory;
import io.github.stopcopy.core.memory.GuestMemory.DirtyLogReason;
import io.github.stopcopy.core.migration.MigrationMode;
import io.github.stopcopy.core.migration.MigrationStatus;
import io.github.stopcopy.migration.event.MigrationEvent;
import io.github.stopcopy.vfiopci.device.VfioMigration;
import io.github.stopcopy.vfiopci.device.VfioPciDevice;
import io.github.stopcopy.vfiopci.environment.MigrationControl;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The outgoing migration of a VM, from setup to its end; no data is moved, what QEMU decides is
 * (R-MIG-10 .. R-MIG-34).
 */
final class OutgoingMigration implements MigrationControl {

  private final GuestMemory memory;
  private final EventLog events;
  private final MigrationBehaviour behaviour;
  private final List<VfioPciDevice> handlers = new ArrayList<>();
  private final List<VfioPciDevice> withoutP2p = new ArrayList<>();
  private MigrationStatus status = MigrationStatus.NONE;
  private boolean vmRunning;
  private boolean suspended;
  private boolean postMigrate;
  private @Nullable Errno streamError;
  private @Nullable QemuError streamErrorObject;
  private @Nullable QemuError storedError;

  OutgoingMigration(GuestMemory memory, EventLog events, MigrationBehaviour behaviour) {
    this.memory = memory;
    this.events = events;
    this.behaviour = behaviour;
  }

  @Override
  public MigrationStatus status() {
    return status;
  }

  /** Whether no blocker can be added now (R-BLK-2, R-REL-25). */
  boolean isBusy() {
    return behaviour.runningCounts() ? status.isRunning(true) : !status.isIdle();
  }

  /** What {@code query-migrate} says about the failure. */
  Optional<String> errorDescription() {
    return status == MigrationStatus.FAILED
        ? Optional.ofNullable(storedError).map(QemuError::text)
        : Optional.empty();
  }

  /** Whether the VM was paused by a migration that went well. */
  boolean isPostMigrate() {
    return postMigrate;
  }

  /** The devices that take part, in the order in which they were realized. */
  List<VfioPciDevice> handlers() {
    return Collections.unmodifiableList(handlers);
  }

  /** Those of them that cannot stop talking to each other. */
  List<VfioPciDevice> handlersWithoutP2p() {
    return Collections.unmodifiableList(withoutP2p);
  }

  /** Has a device take part, after all that do. */
  void addHandler(VfioPciDevice device) {
    handlers.add(device);
    if (!device.migrationSupport().p2p()) {
      withoutP2p.add(device);
    }
  }

  /** Has a device take part no more. */
  void removeHandler(VfioPciDevice device) {
    handlers.remove(device);
    withoutP2p.remove(device);
  }

  @Override
  public void setStreamError(Errno errno) {
    boolean counts = behaviour.runningCounts() ? status.isRunning(true) : status.isSetupOrActive();
    if (counts && streamError == null) {
      streamError = errno;
      events.record(new MigrationEvent.StreamFailed(errno));
    }
  }

  @Override
  public void setStreamError(QemuError error) {
    if (!status.isRunning(true) || streamErrorObject != null) {
      events.error(error);
    } else {
      setStreamError(error.errno());
      streamErrorObject = error;
    }
  }

  /** Starts the VM, or lets it run on: devices of lower depth first (R-MIG-46, R-OBS-13). */
  void runVm() {
    List<VfioPciDevice> told = List.copyOf(handlers);
    for (int i = 0; i < told.size(); i++) {
      migrationOf(told.get(i)).vmStateAboutToChange();
    }
    vmRunning = true;
    events.record(new MigrationEvent.VmRunning(true));
    told = List.copyOf(handlers);
    for (int i = 0; i < told.size(); i++) {
      migrationOf(told.get(i)).vmStarted();
    }
    memory.vmStarted();
  }

  /**
   * Sets the migration up; it is active afterwards, or has failed (R-MIG-11, R-MIG-15). Failover
   * primaries leave before (R-MIG-12, R-OBS-115). A guest that was suspended for {@link
   * MigrationMode#CPR_REBOOT} is at rest before anything is asked of its devices.
   *
   * @param multifd whether it has several channels
   * @param primaries the names of the devices that the guest is asked to let go, and does
   */
  void start(MigrationMode mode, boolean multifd, List<String> primaries) {
    streamError = null;
    streamErrorObject = null;
    storedError = null;
    suspended = mode == MigrationMode.CPR_REBOOT;
    if (suspended && vmRunning) {
      stopVm();
    }
    changeStatus(MigrationStatus.SETUP);
    Optional<QemuError> failed = setUp(multifd);
    if (failed.isPresent()) {
      fail(failed.get(), true);
      return;
    }
    if (!primaries.isEmpty()) {
      changeStatus(MigrationStatus.WAIT_UNPLUG);
      primaries.forEach(device -> events.record(new MigrationEvent.UnplugAsked(device)));
    }
    changeStatus(MigrationStatus.ACTIVE);
    detectError();
  }

  private Optional<QemuError> setUp(boolean multifd) {
    Optional<QemuError> refused = memory.startDirtyLog(DirtyLogReason.MIGRATION);
    if (refused.isPresent()) {
      return refused;
    }
    memory.syncDirtyLog();
    if (behaviour.errorsAreValues() && streamError != null) {
      return Optional.of(QemuError.of(streamError, "ram_save_setup failed: " + streamError.text()));
    }
    for (VfioPciDevice device : List.copyOf(handlers)) {
      Optional<QemuError> error = migrationOf(device).saveSetup(multifd);
      if (error.isPresent() && behaviour.errorsAreValues()) {
        return error;
      }
      error.ifPresent(value -> setStreamError(value.errno()));
      if (streamError != null) {
        break;
      }
    }
    return Optional.empty();
  }

  /** Ends an active migration whose stream has failed (R-MIG-13); else does nothing. */
  void detectError() {
    if (status == MigrationStatus.ACTIVE && streamError != null) {
      fail(streamFailure(streamError), true);
    }
  }

  /** The last iteration and the completion (R-MIG-20 .. R-MIG-25). */
  void complete() {
    if (status != MigrationStatus.ACTIVE) {
      return;
    }
    memory.syncDirtyLog();
    if (vmRunning) {
      stopVm();
    }
    if (behaviour.errorsAreValues() && streamError != null) {
      fail(saveFailure(streamError), behaviour.printsStopFailure());
      return;
    }
    memory.syncDirtyLog();
    boolean saved = true;
    for (VfioPciDevice device : List.copyOf(handlers)) {
      Optional<QemuError> error = migrationOf(device).saveComplete();
      if (error.isPresent()) {
        if (behaviour.errorsAreValues()) {
          events.error(error.get());
        }
        setStreamError(error.get().errno());
        saved = false;
        break;
      }
    }
    if (streamError != null) {
      fail(saved ? streamFailure(streamError) : saveFailure(streamError), true);
      return;
    }
    changeStatus(MigrationStatus.COMPLETED);
    postMigrate = true;
    cleanUp();
  }

  /** Cancels an active migration (R-MIG-26). */
  void cancel() {
    if (!status.isRunning(true)) {
      return;
    }
    changeStatus(MigrationStatus.CANCELLING);
    cleanUp();
    changeStatus(MigrationStatus.CANCELLED);
    tellDevicesItFailed();
  }

  /**
   * What the migration keeps of a stream error; 8.1 makes no text of a number (R-MIG-32, R-MIG-34).
   */
  private @Nullable QemuError streamFailure(Errno errno) {
    if (streamErrorObject != null) {
      return streamErrorObject;
    }
    return behaviour.errorsAreValues()
        ? QemuError.of(errno, "Channel error: " + errno.text())
        : null;
  }

  /** What the migration keeps of a device that refused to stop or to be saved (R-OBS-103). */
  private @Nullable QemuError saveFailure(Errno errno) {
    QemuError kept = streamFailure(errno);
    return kept != null && behaviour.tellsSaveFailure()
        ? kept.withPrefix("Failed to save iterable device state: ")
        : kept;
  }

  /** Ends the migration without success; a VM that was stopped for it runs on (R-MIG-14). */
  private void fail(@Nullable QemuError reason, boolean printed) {
    storedError = reason;
    changeStatus(behaviour.hasFailing() ? MigrationStatus.FAILING : MigrationStatus.FAILED);
    boolean vmWasStopped = !vmRunning && !suspended;
    if (vmWasStopped) {
      if (behaviour.tellsFailureFirst()) {
        tellDevicesItFailed();
      }
      runVm();
    }
    cleanUp();
    if (behaviour.hasFailing()) {
      changeStatus(MigrationStatus.FAILED);
    }
    if (storedError != null && printed) {
      events.error(storedError);
    }
    if (!vmWasStopped || !behaviour.tellsFailureFirst()) {
      tellDevicesItFailed();
    }
  }

  /** Stops logging and lets devices clean up (R-MIG-14). */
  private void cleanUp() {
    memory.stopDirtyLog(DirtyLogReason.MIGRATION, vmRunning);
    for (VfioPciDevice device : List.copyOf(handlers)) {
      migrationOf(device).saveCleanup();
    }
  }

  private void tellDevicesItFailed() {
    for (int i = handlers.size() - 1; i >= 0; i--) {
      migrationOf(handlers.get(i)).migrationEndedWithoutSuccess();
    }
  }

  /** Stops the VM for the last part: devices of greater depth, the newest, first (R-MIG-46). */
  private void stopVm() {
    for (int i = handlers.size() - 1; i >= 0; i--) {
      migrationOf(handlers.get(i)).vmStateAboutToChange();
    }
    vmRunning = false;
    events.record(new MigrationEvent.VmRunning(false));
    for (int i = handlers.size() - 1; i >= 0; i--) {
      migrationOf(handlers.get(i)).vmStopped(true);
    }
  }

  private void changeStatus(MigrationStatus next) {
    MigrationStatus before = status;
    status = next;
    events.record(new MigrationEvent.StatusChanged(before, next));
  }

  private static VfioMigration migrationOf(VfioPciDevice device) {
    return device.migration().orElseThrow();
  }
}
