package io.github.stopcopy.vfiopci.tracker;

import io.github.stopcopy.core.error.InputException;
import io.github.stopcopy.core.spi.DirtyTracker;
import io.github.stopcopy.core.spi.TrackerConfig;
import io.github.stopcopy.testkit.DirtyTrackerContract;

/** A tracker that calls everything dirty loses nothing. */
class AllDirtyTrackerContractTest extends DirtyTrackerContract {

  @Override
  protected DirtyTracker open(TrackerConfig config) throws InputException {
    return new AllDirtyTrackerProvider().open(config);
  }

  @Override
  protected boolean isExact() {
    return false;
  }
}
