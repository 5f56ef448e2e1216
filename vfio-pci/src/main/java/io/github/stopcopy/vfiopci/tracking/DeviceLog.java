package io.github.stopcopy.vfiopci.tracking;

import io.github.stopcopy.core.dirty.DirtyLog;
import io.github.stopcopy.core.error.Errno;
import io.github.stopcopy.core.event.EventLog;
import io.github.stopcopy.vfiopci.TrackingRequest;
import io.github.stopcopy.vfiopci.event.VfioEvent;
import io.github.stopcopy.vfiopci.kernel.KernelDevice;
import java.util.Optional;

/** A device's log of its own writes, as QEMU believes it to be. Not thread-safe. */
public final class DeviceLog {

  private final String device;
  private final KernelDevice kernel;
  private final EventLog events;
  private boolean logging;

  /**
   * The log of a device that was just opened.
   *
   * @param device its name
   * @param kernel the kernel's side
   * @param events takes what happens
   */
  public DeviceLog(String device, KernelDevice kernel, EventLog events) {
    this.device = device;
    this.kernel = kernel;
    this.events = events;
  }

  boolean isLogging() {
    return logging;
  }

  Optional<Errno> start(TrackingRequest request, long pageSize) {
    VfioEvent.DmaLoggingStart start =
        new VfioEvent.DmaLoggingStart(
            device,
            pageSize,
            request.ranges(),
            request.unknown(),
            kernel.startLogging(pageSize, request.asked()));
    events.record(start);
    logging = start.errno().isEmpty();
    return start.errno();
  }

  Optional<Errno> stop() {
    Optional<Errno> refused = kernel.stopLogging();
    events.record(new VfioEvent.DmaLoggingStop(device, refused));
    logging = false;
    return refused;
  }

  Optional<Errno> report(long iova, long size, DirtyLog into) {
    return kernel.report(iova, size, into);
  }
}
