package io.github.stopcopy.vfiopci.kernel;

import io.github.stopcopy.core.error.Errno;
import io.github.stopcopy.core.host.HostDevice;
import io.github.stopcopy.core.host.VfioDeviceState;
import java.util.List;
import java.util.Optional;

/** An opened VFIO device. An empty answer means that it worked. */
public interface KernelDevice {

  /** Whether and how the device can migrate. */
  HostDevice.MigrationSupport migrationSupport();

  /** Whether the device logs its own writes (R-DT-23). */
  boolean hasDmaLogging();

  /** The state it is in. */
  VfioDeviceState state();

  /** Moves it to another state, through those between if need be (R-MIG-40). */
  Optional<Errno> setState(VfioDeviceState state);

  /** Resets it; it is RUNNING afterwards. */
  Optional<Errno> reset();

  /** Begins logging of writes to these ranges. */
  Optional<Errno> startLogging(long pageSize, List<IovaRange> ranges);

  /** Ends logging. */
  Optional<Errno> stopLogging();

  /** Reads and clears the log of a range, in bytes. */
  Optional<Errno> report(long iova, long length);
}
