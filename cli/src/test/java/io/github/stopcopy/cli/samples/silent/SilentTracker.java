package io.github.stopcopy.cli.samples.silent;

import io.github.stopcopy.core.spi.DirtyTracker;
import io.github.stopcopy.core.spi.DirtyTrackerProvider;
import io.github.stopcopy.core.spi.TrackerConfig;

/** A plugin that has a name and otherwise throws. */
public final class SilentTracker implements DirtyTrackerProvider {

  @Override
  public String name() {
    return "silent";
  }

  @Override
  public String description() {
    throw new IllegalStateException("no words");
  }

  @Override
  public DirtyTracker open(TrackerConfig config) {
    throw new UnsupportedOperationException();
  }
}
