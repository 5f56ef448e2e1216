package com.example.snippets;

import io.github.stopcopy.core.error.InputException;
import io.github.stopcopy.core.spi.DirtyTracker;
import io.github.stopcopy.core.spi.DirtyTrackerProvider;
import io.github.stopcopy.core.spi.TrackerConfig;

// @start region=tracker-provider
/** Makes trackers that users call {@code log}. */
public final class LogTrackerProvider implements DirtyTrackerProvider {

  @Override
  public String name() {
    return "log";
  }

  @Override
  public String description() {
    return "logs what it is asked to; no parameters";
  }

  @Override
  public DirtyTracker open(TrackerConfig config) throws InputException {
    config.allowOnly();
    return new LogTracker();
  }
}
// @end
