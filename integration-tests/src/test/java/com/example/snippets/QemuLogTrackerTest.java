package com.example.snippets;

import io.github.stopcopy.core.error.InputException;
import io.github.stopcopy.core.spi.DirtyTracker;
import io.github.stopcopy.core.spi.TrackerConfig;
import io.github.stopcopy.testkit.qemu.QemuDirtyTrackerContract;

// @start region=qemu-contract
class QemuLogTrackerTest extends QemuDirtyTrackerContract {

  @Override
  protected DirtyTracker open(TrackerConfig config) throws InputException {
    return new LogTrackerProvider().open(config);
  }
}
// @end
