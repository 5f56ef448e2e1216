package com.example.tracker;

import io.github.stopcopy.core.error.InputException;
import io.github.stopcopy.core.spi.DirtyTracker;
import io.github.stopcopy.core.spi.TrackerConfig;
import io.github.stopcopy.testkit.qemu.QemuDirtyTrackerContract;

/** The tracker behind the devices of a real QEMU; skipped where there is none. */
class RoaringTrackerQemuTest extends QemuDirtyTrackerContract {

  @Override
  protected DirtyTracker open(TrackerConfig config) throws InputException {
    return new RoaringTrackerProvider().open(config);
  }
}
