import io.github.stopcopy.core.spi.DeviceTypeProvider;
import io.github.stopcopy.core.spi.DirtyTrackerProvider;
import io.github.stopcopy.core.spi.MemoryListenerProvider;
import io.github.stopcopy.vfiopci.devicetype.VfioPciNoHotplugProvider;
import io.github.stopcopy.vfiopci.devicetype.VfioPciProvider;
import io.github.stopcopy.vfiopci.listener.LayoutListenerProvider;
import io.github.stopcopy.vfiopci.tracker.AllDirtyTrackerProvider;
import io.github.stopcopy.vfiopci.tracker.DeviceLogTrackerProvider;
import io.github.stopcopy.vfiopci.tracker.Mlx5TrackerProvider;
import io.github.stopcopy.vfiopci.tracker.PdsTrackerProvider;

/**
 * The vfio-pci device, its container with the memory listener, and dirty tracking.
 *
 * @provides io.github.stopcopy.core.spi.DeviceTypeProvider
 * @provides io.github.stopcopy.core.spi.DirtyTrackerProvider
 * @provides io.github.stopcopy.core.spi.MemoryListenerProvider
 */
@SuppressWarnings("module") // live and migration are built later
module io.github.stopcopy.vfiopci {
  requires transitive io.github.stopcopy.core;
  requires static com.google.auto.service;
  requires static org.jspecify;

  exports io.github.stopcopy.vfiopci;
  exports io.github.stopcopy.vfiopci.devicetype;
  exports io.github.stopcopy.vfiopci.event;
  exports io.github.stopcopy.vfiopci.listener;
  exports io.github.stopcopy.vfiopci.tracker;

  // For the modules that assemble VMs of these parts and read hosts, and for nobody else.
  exports io.github.stopcopy.vfiopci.device to
      io.github.stopcopy.migration;
  exports io.github.stopcopy.vfiopci.driver to
      io.github.stopcopy.live,
      io.github.stopcopy.migration;
  exports io.github.stopcopy.vfiopci.environment to
      io.github.stopcopy.migration;
  exports io.github.stopcopy.vfiopci.kernel to
      io.github.stopcopy.migration;
  exports io.github.stopcopy.vfiopci.subsystem to
      io.github.stopcopy.migration;

  provides DeviceTypeProvider with
      VfioPciProvider,
      VfioPciNoHotplugProvider;
  provides DirtyTrackerProvider with
      AllDirtyTrackerProvider,
      DeviceLogTrackerProvider,
      Mlx5TrackerProvider,
      PdsTrackerProvider;
  provides MemoryListenerProvider with
      LayoutListenerProvider;
}
