package io.github.stopcopy.core.spi;

import io.github.stopcopy.core.address.AddressRange;
import io.github.stopcopy.core.dirty.DirtyBitmap;
import io.github.stopcopy.core.dirty.DirtyLog;
import io.github.stopcopy.core.error.Errno;
import java.util.List;
import java.util.Optional;

/**
 * Logs what one device writes: the driver's and the device's side of DMA logging (R-DT-40 ..
 * R-DT-48). Used by one thread at a time and never blocks. Ranges are I/O virtual addresses with
 * inclusive ends; lists and bitmaps belong to the caller and are not kept.
 *
 * <p>What it must hold to is written down as tests: extend {@code DirtyTrackerContract} of the
 * testkit.
 *
 * {@snippet file="LogTracker.java" region="tracker"}
 */
public interface DirtyTracker extends AutoCloseable {

  /**
   * Begins to log writes to these ranges; the log is empty. The caller has checked what the
   * kernel's core checks: there is at least one range, they do not overlap, and ends are aligned to
   * the page size (R-DT-40 .. R-DT-42). They come in any order.
   *
   * @param ranges where writes are to be logged, at least there
   * @param pageSize bytes per page that are asked for, a power of two from 4096 on
   * @return the page size that is logged in, which may differ, or why nothing is logged; EINVAL or
   *     EEXIST if it logs already, and then the log stays as it is (R-DT-43)
   */
  StartResult start(List<AddressRange> ranges, long pageSize);

  /**
   * The device writes; what lies outside the ranges, or while nothing is logged, may be ignored.
   * This is what a device does and no user asks for: without it nobody could tell whether a write
   * is lost.
   *
   * @param written the bytes
   */
  void dmaWrite(AddressRange written);

  /**
   * Hands over what was written in a range since it was last asked for and forgets it. The range
   * need not be one of the ranges logged, nor aligned like them; where nothing is logged no bit is
   * set, or the report is refused and forgets nothing. Pages of the log begin at multiples of their
   * size; one that the range cuts may be handed over again until a report takes it whole.
   *
   * @param range what is asked for
   * @param pageSize bytes per bit, a power of two from 4096 on, whatever page size is logged in
   * @param into bit i is set if a page of the log that was written shares bytes with the range and
   *     with the page from {@code range.first() + i * pageSize} on; bits are only ever set, and
   *     none behind the range. It has room for the range, or more.
   * @return why not; empty if it was done. EINVAL if nothing is logged.
   */
  Optional<Errno> report(AddressRange range, long pageSize, DirtyBitmap into);

  /**
   * Hands over as the other form does, into a log that takes memory for what was written only. A
   * tracker that knows runs of pages spares a bit for each page by this. This default asks the
   * other form.
   *
   * @param range what is asked for; need not begin with a page of {@code into}
   * @param into takes the bytes of the pages that the other form has bits for, in pages of its own
   *     size; the dirty pages that it holds stay dirty
   * @return why not; empty if it was done
   */
  default Optional<Errno> report(AddressRange range, DirtyLog into) {
    long pageSize = into.pageSize();
    DirtyBitmap bits =
        new DirtyBitmap(Long.divideUnsigned(range.last() - range.first(), pageSize) + 1);
    Optional<Errno> refused = report(range, pageSize, bits);
    if (refused.isEmpty()) {
      into.harvest(bits, pageSize, range.first());
    }
    return refused;
  }

  /**
   * Where writes are logged now: the ranges of {@link #start} as the device has them, with the gaps
   * that it had to take in, without overlap. Only told to people, as what tracking costs.
   *
   * @return nothing while it does not log, or if it does not tell
   */
  default List<AddressRange> logged() {
    return List.of();
  }

  /**
   * Ends logging and forgets what was logged; empty if it was done, EINVAL if nothing was logged.
   */
  Optional<Errno> stop();

  /** Lets go of everything; nothing is called afterwards. Ends logging without a word. */
  @Override
  default void close() {
    stop();
  }
}
