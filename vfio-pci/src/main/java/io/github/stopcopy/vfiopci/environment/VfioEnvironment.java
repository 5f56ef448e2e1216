package io.github.stopcopy.vfiopci.environment;

import io.github.stopcopy.core.error.QemuAbort;
import io.github.stopcopy.core.error.QemuError;
import io.github.stopcopy.core.event.EventLog;
import io.github.stopcopy.core.memory.AddressSpace;
import io.github.stopcopy.core.memory.GuestMemory;
import io.github.stopcopy.vfiopci.VfioPolicy;
import io.github.stopcopy.vfiopci.event.FailureCause;
import io.github.stopcopy.vfiopci.event.VfioEvent;

/**
 * What VFIO needs of the rest of the VM. Immutable; what it leads to is used on the model's thread.
 *
 * @param memory the guest's memory
 * @param system the address space of the processor
 * @param pageSize the host's page size in bytes
 * @param behaviour how the release behaves
 * @param options what the caller knows or wants otherwise
 * @param migration the outgoing migration
 * @param events takes what happens
 * @param end whether QEMU has ended
 */
public record VfioEnvironment(
    GuestMemory memory,
    AddressSpace system,
    int pageSize,
    VfioBehaviour behaviour,
    VfioOptions options,
    MigrationControl migration,
    EventLog events,
    QemuEnd end) {

  /** Where the model departs from QEMU on request. */
  public VfioPolicy policy() {
    return options.policy();
  }

  /** Whether read-only memory counts for tracking (R-LST-11, Q-19). */
  public boolean tracksReadonly() {
    return behaviour.tracksReadonly() && !policy().tracksSeparateRanges();
  }

  /**
   * Lets the migration's stream fail. Later releases hand the error over; 8.1 prints it in lines
   * and hands over the number alone (R-MIG-31, R-MIG-34).
   */
  public void failStream(QemuError error, String... lines) {
    if (behaviour.errorsAreValues()) {
      migration.setStreamError(error);
      return;
    }
    for (String line : lines) {
      events.error(line);
    }
    migration.setStreamError(error.errno());
  }

  /** QEMU ends on the spot, for a reason that is among the events; throw what this answers. */
  public QemuAbort abort() {
    return end.abort();
  }

  /** Says why the migration fails or QEMU aborts. */
  public void failed(FailureCause cause, String text) {
    events.record(new VfioEvent.Failed(cause, text));
  }
}
