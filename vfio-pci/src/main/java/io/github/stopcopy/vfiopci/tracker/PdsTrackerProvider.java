package io.github.stopcopy.vfiopci.tracker;

import com.google.auto.service.AutoService;
import io.github.stopcopy.core.error.InputException;
import io.github.stopcopy.core.guard.BuiltIn;
import io.github.stopcopy.core.spi.DirtyTracker;
import io.github.stopcopy.core.spi.DirtyTrackerProvider;
import io.github.stopcopy.core.spi.TrackerConfig;

/**
 * A device like those of the pds driver (R-DT-48): everything is coalesced to one range, whose
 * pages are counted in {@code page-count-bits} bits, and reports must lie in it. The page size is
 * as asked for.
 *
 * <p>Where the numbers come from: one range and 32 bits are the driver's, as R-DT-48 has it. What
 * it does with a count that does not fit is not in our sources; a device that lost pages in silence
 * would be of no use to anybody, so the model refuses as it would a size it cannot track.
 */
@BuiltIn
@AutoService(DirtyTrackerProvider.class)
public final class PdsTrackerProvider implements DirtyTrackerProvider {

  private static final int PAGE_COUNT_BITS = 32;

  @Override
  public String name() {
    return "pds";
  }

  @Override
  public String description() {
    return "coalesces to one range of fewer than 2^32 pages";
  }

  @Override
  public DirtyTracker open(TrackerConfig config) throws InputException {
    config.allowOnly("page-count-bits");
    return new DeviceLogTracker(
        new DeviceLimits(
            1,
            0,
            64,
            4096,
            Long.MIN_VALUE,
            config.number("page-count-bits", PAGE_COUNT_BITS, 1, 64),
            true));
  }
}
