package io.github.stopcopy.vfiopci.tracker;

import com.google.auto.service.AutoService;
import io.github.stopcopy.core.error.InputException;
import io.github.stopcopy.core.guard.BuiltIn;
import io.github.stopcopy.core.spi.DirtyTracker;
import io.github.stopcopy.core.spi.DirtyTrackerProvider;
import io.github.stopcopy.core.spi.TrackerConfig;

/** A device that calls everything it tracks dirty at every report: the worst there can be. */
@BuiltIn
@AutoService(DirtyTrackerProvider.class)
public final class AllDirtyTrackerProvider implements DirtyTrackerProvider {

  /** The name of the tracker. */
  public static final String NAME = "all-dirty";

  @Override
  public String name() {
    return NAME;
  }

  @Override
  public String description() {
    return "calls every tracked page dirty at every report";
  }

  @Override
  public DirtyTracker open(TrackerConfig config) throws InputException {
    config.allowOnly();
    return new AllDirtyTracker();
  }
}
