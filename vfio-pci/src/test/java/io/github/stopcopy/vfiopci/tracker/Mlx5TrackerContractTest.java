package io.github.stopcopy.vfiopci.tracker;

import io.github.stopcopy.core.error.InputException;
import io.github.stopcopy.core.spi.DirtyTracker;
import io.github.stopcopy.core.spi.TrackerConfig;
import io.github.stopcopy.testkit.DirtyTrackerContract;

/** A tracker with the limits of mlx5 holds to the contract. */
class Mlx5TrackerContractTest extends DirtyTrackerContract {

  @Override
  protected DirtyTracker open(TrackerConfig config) throws InputException {
    return new Mlx5TrackerProvider().open(config);
  }
}
