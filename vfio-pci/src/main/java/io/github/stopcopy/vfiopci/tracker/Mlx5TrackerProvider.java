package io.github.stopcopy.vfiopci.tracker;

import com.google.auto.service.AutoService;
import io.github.stopcopy.core.address.U64;
import io.github.stopcopy.core.error.InputException;
import io.github.stopcopy.core.guard.BuiltIn;
import io.github.stopcopy.core.spi.DirtyTracker;
import io.github.stopcopy.core.spi.DirtyTrackerProvider;
import io.github.stopcopy.core.spi.TrackerConfig;

/**
 * A device like those of the mlx5 driver (R-DT-47): ranges beyond {@code max-ranges} are coalesced,
 * the sum of what remains is rounded up to a power of two that must lie within 2^{@code
 * min-size-bits} and 2^{@code max-size-bits} bytes, and the page size is clamped to the device's.
 *
 * <p>Where the numbers come from: 12 and 42 are what users of such devices have reported of the
 * firmware's fields, not more (spec U-2). How many ranges and which pages a device takes is up to
 * its firmware and in no source of ours: 16 ranges and pages of 4 KiB to 2 MiB are assumptions. Set
 * what your device says.
 */
@BuiltIn
@AutoService(DirtyTrackerProvider.class)
public final class Mlx5TrackerProvider implements DirtyTrackerProvider {

  private static final int MAX_RANGES = 16;
  private static final int MIN_SIZE_BITS = 12;
  private static final int MAX_SIZE_BITS = 42;
  private static final long MIN_PAGE_SIZE = 4096;
  private static final long MAX_PAGE_SIZE = 2 << 20;

  @Override
  public String name() {
    return "mlx5";
  }

  @Override
  public String description() {
    return "coalesces ranges, 2^12 to 2^42 bytes rounded up to a power of two, clamped page size";
  }

  @Override
  public DirtyTracker open(TrackerConfig config) throws InputException {
    config.allowOnly(
        "max-ranges", "min-size-bits", "max-size-bits", "min-page-size", "max-page-size");
    int minSizeBits = config.number("min-size-bits", MIN_SIZE_BITS, 0, 64);
    long minPageSize = config.pageSize("min-page-size", MIN_PAGE_SIZE);
    long maxPageSize = config.pageSize("max-page-size", U64.max(MAX_PAGE_SIZE, minPageSize));
    if (U64.less(maxPageSize, minPageSize)) {
      throw InputException.of(
          "parameter max-page-size is below min-page-size, expected at least "
              + U64.decimal(minPageSize));
    }
    return new DeviceLogTracker(
        new DeviceLimits(
            config.number("max-ranges", MAX_RANGES, 1, Integer.MAX_VALUE),
            minSizeBits,
            config.number("max-size-bits", Math.max(MAX_SIZE_BITS, minSizeBits), minSizeBits, 64),
            minPageSize,
            maxPageSize,
            64,
            false));
  }
}
