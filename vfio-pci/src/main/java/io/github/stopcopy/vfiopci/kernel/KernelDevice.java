package io.github.stopcopy.vfiopci.kernel;

import io.github.stopcopy.core.address.AddressRange;
import io.github.stopcopy.core.dirty.DirtyLog;
import io.github.stopcopy.core.error.Errno;
import io.github.stopcopy.core.host.HostDevice;
import io.github.stopcopy.core.host.VfioDeviceState;
import io.github.stopcopy.core.spi.StartResult;
import io.github.stopcopy.vfiopci.IovaRange;
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
  StartResult startLogging(long pageSize, List<IovaRange> ranges);

  /** Ends logging. */
  Optional<Errno> stopLogging();

  /**
   * Reads and clears the log of a range, in pages of the size that {@code into} has.
   *
   * @param iova the first I/O virtual address
   * @param length bytes
   * @param into takes the dirty pages by I/O virtual address
   */
  Optional<Errno> report(long iova, long length, DirtyLog into);

  /** The device writes to these I/O virtual addresses. Real hardware does so unasked. */
  void dmaWrite(AddressRange written);
}
