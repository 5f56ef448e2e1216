package io.github.stopcopy.vfiopci.tracker;

import com.google.auto.service.AutoService;
import io.github.stopcopy.core.error.InputException;
import io.github.stopcopy.core.guard.BuiltIn;
import io.github.stopcopy.core.spi.DirtyTracker;
import io.github.stopcopy.core.spi.DirtyTrackerProvider;
import io.github.stopcopy.core.spi.TrackerConfig;

/**
 * A device that logs exactly what it is asked to; what devices are taken for unless told otherwise.
 */
@BuiltIn
@AutoService(DirtyTrackerProvider.class)
public final class DeviceLogTrackerProvider implements DirtyTrackerProvider {

  /** The name of the tracker that devices have unless another one is asked for. */
  public static final String NAME = "device-log";

  @Override
  public String name() {
    return NAME;
  }

  @Override
  public String description() {
    return "logs exactly what it is asked to, without limits";
  }

  @Override
  public DirtyTracker open(TrackerConfig config) throws InputException {
    config.allowOnly();
    return new DeviceLogTracker(DeviceLimits.NONE);
  }
}
