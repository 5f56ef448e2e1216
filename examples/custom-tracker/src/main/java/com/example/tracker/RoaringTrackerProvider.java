package com.example.tracker;

import io.github.stopcopy.core.error.InputException;
import io.github.stopcopy.core.spi.DirtyTracker;
import io.github.stopcopy.core.spi.DirtyTrackerProvider;
import io.github.stopcopy.core.spi.TrackerConfig;

/**
 * Makes trackers whose log is a compressed bitmap. The command finds it by the file {@code
 * META-INF/services/io.github.stopcopy.core.spi.DirtyTrackerProvider}, which names this class.
 */
public final class RoaringTrackerProvider implements DirtyTrackerProvider {

  @Override
  public String name() {
    return "roaring";
  }

  @Override
  public String description() {
    return "logs in a compressed bitmap (RoaringBitmap); page-size=SIZE makes its pages larger";
  }

  @Override
  public DirtyTracker open(TrackerConfig config) throws InputException {
    config.allowOnly("page-size");
    return new RoaringTracker(config.pageSize("page-size", 4096));
  }
}
