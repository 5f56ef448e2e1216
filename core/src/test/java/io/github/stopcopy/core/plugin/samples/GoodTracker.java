package io.github.stopcopy.core.plugin.samples;

import io.github.stopcopy.core.error.InputException;
import io.github.stopcopy.core.spi.DirtyTracker;
import io.github.stopcopy.core.spi.DirtyTrackerProvider;
import io.github.stopcopy.core.spi.TrackerConfig;

/** A dirty tracker as it should be, with a name of one's choice. */
public final class GoodTracker implements DirtyTrackerProvider {

  private final String name;

  /** For ServiceLoader. */
  public GoodTracker() {
    this("good-tracker");
  }

  /** With another name. */
  public GoodTracker(String name) {
    this.name = name;
  }

  @Override
  public String name() {
    return name;
  }

  @Override
  public String description() {
    return "a tracker that is never opened";
  }

  @Override
  public DirtyTracker open(TrackerConfig config) throws InputException {
    throw InputException.of("not today");
  }
}
