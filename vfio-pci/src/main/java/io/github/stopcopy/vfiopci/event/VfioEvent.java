package io.github.stopcopy.vfiopci.event;

import io.github.stopcopy.core.address.AddressRange;
import io.github.stopcopy.core.address.U64;
import io.github.stopcopy.core.error.Errno;
import io.github.stopcopy.core.event.ModelEvent;
import io.github.stopcopy.core.event.PageEvent;
import io.github.stopcopy.core.host.VfioDeviceState;
import io.github.stopcopy.core.spi.StartResult;
import io.github.stopcopy.vfiopci.IovaRange;
import java.util.List;
import java.util.Optional;

/** What VFIO did. Containers are numbered from 0 in the order of their creation. */
public sealed interface VfioEvent extends ModelEvent {

  /**
   * A section reached the listener of a container.
   *
   * @param container its number
   * @param added whether it appeared; else it went
   * @param range the addresses
   * @param region the name of its region
   */
  record SectionChanged(int container, boolean added, AddressRange range, String region)
      implements VfioEvent {
    @Override
    public String describe() {
      return "container "
          + container
          + (added ? ": region_add " : ": region_del ")
          + range
          + " "
          + region;
    }
  }

  /**
   * A section that the vIOMMU translates was added to a container.
   *
   * @param container its number
   * @param range the I/O virtual addresses
   */
  record IommuSectionAdded(int container, AddressRange range) implements VfioEvent {
    @Override
    public String describe() {
      return "container " + container + ": translated section " + range;
    }
  }

  /**
   * Memory was mapped, or could not be.
   *
   * @param container its number
   * @param iova the first I/O virtual address
   * @param size bytes, unsigned
   * @param readonly whether the device may only read
   * @param errno why not; empty if it was
   */
  record DmaMap(int container, long iova, long size, boolean readonly, Optional<Errno> errno)
      implements VfioEvent, PageEvent {
    @Override
    public DmaMap moved(long bytes) {
      return new DmaMap(container, iova + bytes, size, readonly, errno);
    }

    @Override
    public String describe() {
      return "container "
          + container
          + ": map "
          + U64.hex(iova)
          + " +"
          + U64.hex(size)
          + (readonly ? " ro" : " rw")
          + outcome(errno);
    }
  }

  /**
   * Memory was unmapped, or could not be.
   *
   * @param container its number
   * @param iova the first I/O virtual address
   * @param size bytes, unsigned; 0 stands for everything
   * @param errno why not; empty if it was
   */
  record DmaUnmap(int container, long iova, long size, Optional<Errno> errno)
      implements VfioEvent, PageEvent {
    @Override
    public DmaUnmap moved(long bytes) {
      return new DmaUnmap(container, iova + bytes, size, errno);
    }

    @Override
    public String describe() {
      return "container "
          + container
          + ": unmap "
          + (size == 0 ? "all" : U64.hex(iova) + " +" + U64.hex(size))
          + outcome(errno);
    }
  }

  /**
   * A device was asked to log its writes (R-DT-10).
   *
   * @param device its name
   * @param pageSize bytes per page of the log
   * @param ranges what to log
   * @param unknown the buckets that cannot be known because they depend on unknown BAR addresses
   * @param result what the device answered; QEMU looks at no granted page size (R-DT-13)
   */
  record DmaLoggingStart(
      String device,
      long pageSize,
      List<IovaRange> ranges,
      List<String> unknown,
      StartResult result)
      implements VfioEvent {
    @Override
    public String describe() {
      String answer =
          result instanceof StartResult.Refused refused
              ? outcome(Optional.of(refused.errno()))
                  + (refused.why().isEmpty() ? "" : ": " + refused.why())
              : "";
      return device + ": start logging " + ranges + answer;
    }

    /** Why not; empty if it logs. */
    public Optional<Errno> errno() {
      return result instanceof StartResult.Refused refused
          ? Optional.of(refused.errno())
          : Optional.empty();
    }
  }

  /**
   * A device was asked to stop logging.
   *
   * @param device its name
   * @param errno why not; empty if it did
   */
  record DmaLoggingStop(String device, Optional<Errno> errno) implements VfioEvent {
    @Override
    public String describe() {
      return device + ": stop logging" + outcome(errno);
    }
  }

  /**
   * Dirty pages were collected.
   *
   * @param container the number of the container
   * @param iova the first I/O virtual address that was asked for
   * @param ramAddress the RAM address that QEMU takes it for
   * @param pages how many pages of the host were dirty, more than 0
   */
  record DirtyPages(int container, long iova, long ramAddress, long pages) implements VfioEvent {
    @Override
    public String describe() {
      return "container "
          + container
          + ": "
          + pages
          + " dirty pages from "
          + U64.hex(iova)
          + ", RAM address "
          + U64.hex(ramAddress);
    }
  }

  /**
   * Tracking by a container was turned on or off.
   *
   * @param container its number
   * @param started whether on
   * @param errno why not; empty if it was
   */
  record ContainerDirty(int container, boolean started, Optional<Errno> errno)
      implements VfioEvent {
    @Override
    public String describe() {
      return "container "
          + container
          + ": dirty tracking "
          + (started ? "start" : "stop")
          + outcome(errno);
    }
  }

  /**
   * A device was asked for another state.
   *
   * @param device its name
   * @param from the kernel's state before
   * @param to the state asked for
   * @param errno why not; empty if it is there
   */
  record DeviceState(String device, VfioDeviceState from, VfioDeviceState to, Optional<Errno> errno)
      implements VfioEvent {
    @Override
    public String describe() {
      return device + ": " + from + " -> " + to + outcome(errno);
    }
  }

  /**
   * Something went wrong for which the migration fails or QEMU aborts. It fails or aborts at once,
   * unless it has failed already or none is going on.
   *
   * @param cause what went wrong
   * @param text the line that QEMU prints of it; empty where it prints none
   */
  record Failed(FailureCause cause, String text) implements VfioEvent {
    @Override
    public String describe() {
      return "vfio failure: " + cause.describe();
    }
  }

  private static String outcome(Optional<Errno> errno) {
    return errno.map(error -> " = -" + error.number() + " (" + error.text() + ")").orElse("");
  }
}
