package io.github.stopcopy.core.plugin.samples;

import io.github.stopcopy.core.error.InputException;
import io.github.stopcopy.core.spi.DirtyTracker;
import io.github.stopcopy.core.spi.DirtyTrackerProvider;
import io.github.stopcopy.core.spi.TrackerConfig;

/** Takes the name of {@link GoodTracker}. */
public final class SameNameTracker implements DirtyTrackerProvider {

  @Override
  public String name() {
    return "good-tracker";
  }

  @Override
  public String description() {
    return "another of the same name";
  }

  @Override
  public DirtyTracker open(TrackerConfig config) throws InputException {
    throw InputException.of("not today");
  }
}
