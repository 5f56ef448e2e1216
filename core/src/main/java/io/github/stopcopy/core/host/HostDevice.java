package io.github.stopcopy.core.host;

import com.google.common.collect.ImmutableMap;
import io.github.stopcopy.core.error.Errno;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;

/**
 * What the host knows of one device that can be assigned.
 *
 * @param group the IOMMU group; empty: a group of its own
 * @param migration what the kernel answers when asked for migration support
 * @param dmaLogging how the device logs its own writes
 * @param setStateErrors which states cannot be entered, and why
 * @param bars the base address registers by number, 0 to 5
 * @param msix the MSI-X capability
 */
public record HostDevice(
    OptionalInt group,
    MigrationSupport migration,
    DmaLogging dmaLogging,
    Map<VfioDeviceState, Errno> setStateErrors,
    Map<Integer, Bar> bars,
    Optional<Msix> msix) {

  /** A device that can do everything, in a group of its own, without BARs. */
  public static final HostDevice CAPABLE =
      new HostDevice(
          OptionalInt.empty(),
          MigrationSupport.of(true, true, false),
          DmaLogging.SUPPORTED,
          Map.of(),
          Map.of(),
          Optional.empty());

  /** Copies the maps in the order given and checks the numbers of the BARs. */
  public HostDevice {
    for (int number : bars.keySet()) {
      if (number < 0 || number > 5) {
        throw new IllegalArgumentException("no BAR " + number + ", expected 0 to 5");
      }
    }
    setStateErrors = ImmutableMap.copyOf(setStateErrors);
    bars = ImmutableMap.copyOf(bars);
  }

  /**
   * What the kernel answers when asked for migration support.
   *
   * @param error the error instead of an answer; ENOTTY where the kernel has no support
   * @param stopCopy whether the state can be read while stopped
   * @param p2p whether the device can stop starting transfers to others (R-BLK-35)
   * @param preCopy whether the state can be read while running
   */
  public record MigrationSupport(
      Optional<Errno> error, boolean stopCopy, boolean p2p, boolean preCopy) {

    /** An answer with these features. */
    public static MigrationSupport of(boolean stopCopy, boolean p2p, boolean preCopy) {
      return new MigrationSupport(Optional.empty(), stopCopy, p2p, preCopy);
    }

    /** No answer but an error. */
    public static MigrationSupport failing(Errno error) {
      return new MigrationSupport(Optional.of(error), false, false, false);
    }
  }

  /**
   * How a device logs its own writes.
   *
   * @param supported whether it can at all (R-DT-23)
   * @param startError why starting fails; empty: it does not
   * @param stopError why stopping fails
   * @param reportError why reports fail
   * @param maxRanges how many ranges it takes; 0: any number
   * @param maxLength the greatest sum of lengths, in bytes, unsigned; 0: any
   * @param limitError what it answers beyond these limits
   */
  public record DmaLogging(
      boolean supported,
      Optional<Errno> startError,
      Optional<Errno> stopError,
      Optional<Errno> reportError,
      int maxRanges,
      long maxLength,
      Errno limitError) {

    /** Checks the number of ranges. */
    public DmaLogging {
      if (maxRanges < 0) {
        throw new IllegalArgumentException("at most " + maxRanges + " ranges, expected 0 or more");
      }
    }

    /** Logging without limits or failures. */
    public static final DmaLogging SUPPORTED =
        new DmaLogging(
            true, Optional.empty(), Optional.empty(), Optional.empty(), 0, 0, Errno.EOPNOTSUPP);

    /** No logging. */
    public static final DmaLogging NONE =
        new DmaLogging(
            false, Optional.empty(), Optional.empty(), Optional.empty(), 0, 0, Errno.EOPNOTSUPP);
  }

  /**
   * A base address register.
   *
   * @param size its size in bytes
   * @param kind what it decodes
   * @param prefetchable whether reads have no side effects
   * @param mmap whether the host can map it
   */
  public record Bar(long size, BarKind kind, boolean prefetchable, boolean mmap) {}

  /** What a base address register decodes. */
  public enum BarKind {
    /** Memory below 4 GiB. */
    MEM32,
    /** Memory anywhere. */
    MEM64,
    /** I/O ports. */
    IO
  }

  /**
   * The MSI-X capability.
   *
   * @param vectors how many interrupts
   * @param bar the BAR that holds the table
   * @param offset where in it, in bytes
   */
  public record Msix(int vectors, int bar, long offset) {}
}
