package io.github.stopcopy.vfiopci.tracker;

import io.github.stopcopy.core.error.InputException;
import io.github.stopcopy.core.spi.DirtyTracker;
import io.github.stopcopy.core.spi.TrackerConfig;
import io.github.stopcopy.testkit.DirtyTrackerContract;
import java.util.Map;

/** A device that only knows pages of 64 KiB holds to the contract. */
class LargePageTrackerContractTest extends DirtyTrackerContract {

  @Override
  protected DirtyTracker open(TrackerConfig config) throws InputException {
    return new Mlx5TrackerProvider().open(config);
  }

  @Override
  protected TrackerConfig config() {
    return new TrackerConfig("0000:01:00.0", 4096, Map.of("min-page-size", "64K"));
  }
}
