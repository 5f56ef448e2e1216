import io.github.stopcopy.core.spi.DeviceTypeProvider;
import io.github.stopcopy.core.spi.DirtyTrackerProvider;
import io.github.stopcopy.vfiopci.VfioPciNoHotplugProvider;
import io.github.stopcopy.vfiopci.VfioPciProvider;
import io.github.stopcopy.vfiopci.tracker.AllDirtyTrackerProvider;
import io.github.stopcopy.vfiopci.tracker.DeviceLogTrackerProvider;
import io.github.stopcopy.vfiopci.tracker.Mlx5TrackerProvider;
import io.github.stopcopy.vfiopci.tracker.PdsTrackerProvider;

/**
 * The vfio-pci device, its container with the memory listener, and dirty tracking.
 *
 * @provides io.github.stopcopy.core.spi.DeviceTypeProvider
 * @provides io.github.stopcopy.core.spi.DirtyTrackerProvider
 */
module io.github.stopcopy.vfiopci {
  requires transitive io.github.stopcopy.core;
  requires static com.google.auto.service;
  requires static org.jspecify;

  exports io.github.stopcopy.vfiopci;
  exports io.github.stopcopy.vfiopci.event;
  exports io.github.stopcopy.vfiopci.kernel;
  exports io.github.stopcopy.vfiopci.tracker;

  provides DeviceTypeProvider with
      VfioPciProvider,
      VfioPciNoHotplugProvider;
  provides DirtyTrackerProvider with
      AllDirtyTrackerProvider,
      DeviceLogTrackerProvider,
      Mlx5TrackerProvider,
      PdsTrackerProvider;
}
