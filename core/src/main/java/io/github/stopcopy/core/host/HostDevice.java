package io.github.stopcopy.core.host;

import com.google.common.collect.ImmutableMap;
import io.github.stopcopy.core.error.Errno;
import java.util.Collections;
import java.util.EnumSet;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.regex.Pattern;

/**
 * What the host knows of one device that can be assigned. Immutable; made with {@link #builder()}
 * or by a reader.
 *
 * @param group the IOMMU group; empty: a group of its own
 * @param driver the kernel driver it is bound to, e.g. {@code mlx5_vfio_pci}; the model goes by
 *     what the other facts say, and a decision that may assume something takes from the driver
 *     those that were not given
 * @param pciId its PCI vendor and device, four hexadecimal digits each: {@code 15b3:101e}; empty if
 *     nobody says
 * @param migration what the kernel answers when asked for migration support
 * @param dmaLogging how the device logs its own writes
 * @param dmaBuf whether the kernel exports its regions as dma-buf (R-OBS-101)
 * @param setStateErrors which states cannot be entered, and why
 * @param bars the base address registers by number, 0 to 5
 * @param msix the MSI-X capability
 * @param given which of the facts somebody said; what the others hold is a default
 */
public record HostDevice(
    OptionalInt group,
    Optional<String> driver,
    Optional<String> pciId,
    MigrationSupport migration,
    DmaLogging dmaLogging,
    boolean dmaBuf,
    Map<VfioDeviceState, Errno> setStateErrors,
    Map<Integer, Bar> bars,
    Optional<Msix> msix,
    Set<Fact> given) {

  /**
   * A device that can do everything, in a group of its own, without BARs. Nobody said so: it stands
   * for one of which nothing is known.
   */
  public static final HostDevice CAPABLE =
      new HostDevice(
          OptionalInt.empty(),
          Optional.empty(),
          Optional.empty(),
          MigrationSupport.of(true, true, false),
          DmaLogging.SUPPORTED,
          true,
          Map.of(),
          Map.of(),
          Optional.empty(),
          Set.of());

  private static final Pattern PCI_ID = Pattern.compile("[0-9a-f]{4}:[0-9a-f]{4}");

  /** Copies the maps in the order given and checks numbers of BARs and PCI id; nothing is null. */
  public HostDevice {
    Objects.requireNonNull(group, "group");
    Objects.requireNonNull(driver, "driver");
    Objects.requireNonNull(pciId, "pciId");
    if (pciId.filter(id -> !PCI_ID.matcher(id).matches()).isPresent()) {
      throw new IllegalArgumentException(
          "no PCI id " + pciId.get() + ", expected vendor and device such as 15b3:101e");
    }
    Objects.requireNonNull(migration, "migration");
    Objects.requireNonNull(dmaLogging, "dmaLogging");
    Objects.requireNonNull(setStateErrors, "setStateErrors");
    Objects.requireNonNull(bars, "bars");
    Objects.requireNonNull(msix, "msix");
    for (int number : bars.keySet()) {
      if (number < 0 || number > 5) {
        throw new IllegalArgumentException("no BAR " + number + ", expected 0 to 5");
      }
    }
    setStateErrors = ImmutableMap.copyOf(setStateErrors);
    bars = ImmutableMap.copyOf(bars);
    Set<Fact> facts = EnumSet.noneOf(Fact.class);
    facts.addAll(given);
    given = Collections.unmodifiableSet(facts);
  }

  /** A builder that starts with {@link #CAPABLE}. */
  public static HostDeviceBuilder builder() {
    return new HostDeviceBuilder(CAPABLE);
  }

  /** A builder with these values. */
  public HostDeviceBuilder toBuilder() {
    return new HostDeviceBuilder(this);
  }

  /** What a decision may have to assume of a device. */
  public enum Fact {
    /** What the kernel answers when asked for migration support. */
    MIGRATION("migration"),
    /** How the device logs its own writes. */
    DMA_LOGGING("dma-logging"),
    /** The IOMMU group. */
    GROUP("group"),
    /** The base address registers. */
    BARS("bars");

    private final String key;

    Fact(String key) {
      this.key = key;
    }

    /** How it is called in the facts of a host. */
    public String key() {
      return key;
    }
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

    /** Refuses null. */
    public MigrationSupport {
      Objects.requireNonNull(error, "error");
    }

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

    /** Checks the number of ranges; nothing may be null. */
    public DmaLogging {
      Objects.requireNonNull(startError, "startError");
      Objects.requireNonNull(stopError, "stopError");
      Objects.requireNonNull(reportError, "reportError");
      Objects.requireNonNull(limitError, "limitError");
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

    /** A builder that starts with {@link #SUPPORTED}. */
    public static Builder builder() {
      return new Builder();
    }

    /** Collects the parts of {@link DmaLogging} that can do it. Not thread-safe. */
    public static final class Builder {

      private Optional<Errno> startError = Optional.empty();
      private Optional<Errno> stopError = Optional.empty();
      private Optional<Errno> reportError = Optional.empty();
      private int maxRanges;
      private long maxLength;
      private Errno limitError = Errno.EOPNOTSUPP;

      private Builder() {}

      /** Sets why starting fails. */
      public Builder startError(Errno error) {
        startError = Optional.of(error);
        return this;
      }

      /** Sets why stopping fails. */
      public Builder stopError(Errno error) {
        stopError = Optional.of(error);
        return this;
      }

      /** Sets why reports fail. */
      public Builder reportError(Errno error) {
        reportError = Optional.of(error);
        return this;
      }

      /** Sets how many ranges it takes; 0: any number. */
      public Builder maxRanges(int most) {
        maxRanges = most;
        return this;
      }

      /** Sets the greatest sum of lengths, in bytes, unsigned; 0: any. */
      public Builder maxLength(long most) {
        maxLength = most;
        return this;
      }

      /** Sets what it answers beyond these limits. */
      public Builder limitError(Errno error) {
        limitError = Objects.requireNonNull(error, "error");
        return this;
      }

      /** The finished description. */
      public DmaLogging build() {
        return new DmaLogging(
            true, startError, stopError, reportError, maxRanges, maxLength, limitError);
      }
    }
  }

  /**
   * A base address register.
   *
   * @param size its size in bytes
   * @param kind what it decodes
   * @param prefetchable whether reads have no side effects; the model does not use it
   * @param mmap whether the host can map it
   */
  public record Bar(long size, BarKind kind, boolean prefetchable, boolean mmap) {

    /** Refuses null. */
    public Bar {
      Objects.requireNonNull(kind, "kind");
    }

    /** A builder of memory anywhere of this size in bytes, not prefetchable, that can be mapped. */
    public static Builder builder(long size) {
      return new Builder(size);
    }

    /** Collects the parts of a {@link Bar}. Not thread-safe. */
    public static final class Builder {

      private final long size;
      private BarKind kind = BarKind.MEM64;
      private boolean prefetchable;
      private boolean mmap = true;

      private Builder(long size) {
        this.size = size;
      }

      /** Sets what it decodes. */
      public Builder kind(BarKind value) {
        kind = value;
        return this;
      }

      /** Says whether reads have no side effects. */
      public Builder prefetchable(boolean value) {
        prefetchable = value;
        return this;
      }

      /** Says whether the host can map it. */
      public Builder mmap(boolean value) {
        mmap = value;
        return this;
      }

      /** The finished description. */
      public Bar build() {
        return new Bar(size, kind, prefetchable, mmap);
      }
    }
  }

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
