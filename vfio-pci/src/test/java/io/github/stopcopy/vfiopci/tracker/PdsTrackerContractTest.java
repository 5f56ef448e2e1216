package io.github.stopcopy.vfiopci.tracker;

import io.github.stopcopy.core.error.InputException;
import io.github.stopcopy.core.spi.DirtyTracker;
import io.github.stopcopy.core.spi.TrackerConfig;
import io.github.stopcopy.testkit.DirtyTrackerContract;

/** A tracker with the limits of pds holds to the contract. */
class PdsTrackerContractTest extends DirtyTrackerContract {

  @Override
  protected DirtyTracker open(TrackerConfig config) throws InputException {
    return new PdsTrackerProvider().open(config);
  }
}
