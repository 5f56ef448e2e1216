package io.github.stopcopy.core.memory;

import io.github.stopcopy.core.address.U64;
import java.util.function.Consumer;

/**
 * Listens to one IOMMU region for changes inside a range of offsets (R-AS-82). Identity matters:
 * the object that was registered is the one to unregister.
 */
public final class IommuNotifier {

  private final NotifierFlags flags;
  private final long start;
  private final long end;
  private final IotlbListener listener;

  /**
   * A notifier.
   *
   * @param flags which events; not none
   * @param start the first offset in the region, unsigned
   * @param end the last offset in the region, not below start
   * @param listener gets the entries
   */
  public IommuNotifier(NotifierFlags flags, long start, long end, Consumer<IotlbEntry> listener) {
    this(flags, start, end, (IotlbListener) listener::accept);
  }

  private IommuNotifier(NotifierFlags flags, long start, long end, IotlbListener listener) {
    if (flags.equals(NotifierFlags.NONE) || U64.less(end, start)) {
      throw new IllegalArgumentException("a notifier needs flags and start <= end (R-AS-83)");
    }
    this.flags = flags;
    this.start = start;
    this.end = end;
    this.listener = listener;
  }

  /**
   * A notifier whose listener may take runs of pages at once.
   *
   * @param flags which events; not none
   * @param start the first offset in the region, unsigned
   * @param end the last offset in the region, not below start
   * @param listener gets the entries and the runs
   */
  public static IommuNotifier ofRuns(
      NotifierFlags flags, long start, long end, IotlbListener listener) {
    return new IommuNotifier(flags, start, end, listener);
  }

  /** Which events it wants. */
  public NotifierFlags flags() {
    return flags;
  }

  /** The first offset it listens to. */
  public long start() {
    return start;
  }

  /** The last offset it listens to. */
  public long end() {
    return end;
  }

  /**
   * Hands over the event if it is wanted and overlaps; a device-IOTLB event is cropped to the
   * range, any other must lie within it (R-AS-84).
   *
   * @throws IllegalArgumentException if another event reaches beyond the range
   */
  public void deliver(IotlbEvent event) {
    IotlbEntry entry = event.entry();
    if (!overlaps(entry.iova(), entry.lastIova())) {
      return;
    }
    if (event.type() == IotlbEvent.Type.DEVICE_IOTLB_UNMAP) {
      long first = U64.max(entry.iova(), start);
      long last = U64.min(entry.lastIova(), end);
      entry =
          new IotlbEntry(
              entry.target(),
              first,
              entry.translatedAddress() + (first - entry.iova()),
              last - first,
              entry.access());
    } else if (U64.less(entry.iova(), start) || U64.less(end, entry.lastIova())) {
      throw new IllegalArgumentException(
          "event at " + U64.hex(entry.iova()) + " reaches beyond its notifier (R-AS-84)");
    }
    if (wants(event.type())) {
      listener.changed(entry);
    }
  }

  /**
   * Hands over a run of events as the other form does one after the other, at once where all of
   * them lie within the range.
   *
   * @throws IllegalArgumentException if one that is no device-IOTLB event reaches beyond the range;
   *     those before it are handed over
   */
  public void deliver(IotlbRun run) {
    IotlbEvent first = run.first();
    if (!overlaps(first.entry().iova(), run.lastIova())) {
      return;
    }
    boolean isWithin =
        U64.lessOrEqual(start, first.entry().iova()) && U64.lessOrEqual(run.lastIova(), end);
    if (first.type() == IotlbEvent.Type.DEVICE_IOTLB_UNMAP || !isWithin) {
      run.forEach(this::deliver);
    } else if (wants(first.type())) {
      listener.changed(run);
    }
  }

  /** Whether an offset from one to another, which is included, is in the range. */
  boolean overlaps(long first, long last) {
    return U64.lessOrEqual(first, end) && U64.lessOrEqual(start, last);
  }

  private boolean wants(IotlbEvent.Type type) {
    return switch (type) {
      case MAP -> flags.map();
      case UNMAP -> flags.unmap();
      case DEVICE_IOTLB_UNMAP -> flags.deviceIotlbUnmap();
    };
  }
}
