package io.github.stopcopy.testkit;

import io.github.stopcopy.core.spi.DirtyTracker;
import io.github.stopcopy.core.spi.TrackerConfig;

class ReferenceTrackerTest extends DirtyTrackerContract {

  @Override
  protected DirtyTracker open(TrackerConfig config) {
    return new ReferenceTracker();
  }
}
