package io.github.stopcopy.vfiopci.tracker;

import io.github.stopcopy.core.error.InputException;
import io.github.stopcopy.core.spi.DirtyTracker;
import io.github.stopcopy.core.spi.TrackerConfig;
import io.github.stopcopy.testkit.DirtyTrackerContract;

/** The exact tracker holds to the contract. */
class DeviceLogTrackerContractTest extends DirtyTrackerContract {

  @Override
  protected DirtyTracker open(TrackerConfig config) throws InputException {
    return new DeviceLogTrackerProvider().open(config);
  }
}
