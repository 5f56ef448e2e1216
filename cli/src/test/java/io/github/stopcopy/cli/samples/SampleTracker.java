package io.github.stopcopy.cli.samples;

import io.github.stopcopy.core.spi.DirtyTracker;
import io.github.stopcopy.core.spi.DirtyTrackerProvider;
import io.github.stopcopy.core.spi.TrackerConfig;

/** A plugin for tests of listings; it tracks nothing. */
public final class SampleTracker implements DirtyTrackerProvider {

  @Override
  public String name() {
    return "sample";
  }

  @Override
  public String description() {
    return "a sample\nin two lines";
  }

  @Override
  public DirtyTracker open(TrackerConfig config) {
    throw new UnsupportedOperationException();
  }
}
