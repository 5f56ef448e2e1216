import io.github.stopcopy.core.spi.DeviceTypeProvider;
import io.github.stopcopy.core.spi.DirtyTrackerProvider;
import io.github.stopcopy.core.spi.MemoryListenerProvider;
import io.github.stopcopy.core.spi.VirtualIommuProvider;

/**
 * The model of guest memory, dirty pages, properties, QEMU profiles and host facts, and the SPIs.
 *
 * @uses io.github.stopcopy.core.spi.DeviceTypeProvider
 * @uses io.github.stopcopy.core.spi.DirtyTrackerProvider
 * @uses io.github.stopcopy.core.spi.MemoryListenerProvider
 * @uses io.github.stopcopy.core.spi.VirtualIommuProvider
 */
@SuppressWarnings("module") // the others are built later
module io.github.stopcopy.core {
  requires com.google.common;
  requires static org.jspecify;

  exports io.github.stopcopy.core.address;
  exports io.github.stopcopy.core.config;
  exports io.github.stopcopy.core.dirty;
  exports io.github.stopcopy.core.error;
  exports io.github.stopcopy.core.event;
  exports io.github.stopcopy.core.host;
  exports io.github.stopcopy.core.iova;
  exports io.github.stopcopy.core.memory;
  exports io.github.stopcopy.core.migration;
  exports io.github.stopcopy.core.plugin;
  exports io.github.stopcopy.core.profile;
  exports io.github.stopcopy.core.property;
  exports io.github.stopcopy.core.spi;
  exports io.github.stopcopy.core.viommu;

  // For this project's modules, and for nobody else: who is let in without a guard.
  exports io.github.stopcopy.core.guard to
      io.github.stopcopy.cli,
      io.github.stopcopy.migration,
      io.github.stopcopy.vfiopci,
      io.github.stopcopy.viommu.amd,
      io.github.stopcopy.viommu.intel,
      io.github.stopcopy.viommu.virtio;

  uses DeviceTypeProvider;
  uses DirtyTrackerProvider;
  uses MemoryListenerProvider;
  uses VirtualIommuProvider;
}
