import io.github.stopcopy.core.spi.VirtualIommuProvider;
import io.github.stopcopy.viommu.virtio.VirtioIommuProvider;

/**
 * The virtio-iommu model.
 *
 * @provides io.github.stopcopy.core.spi.VirtualIommuProvider
 */
module io.github.stopcopy.viommu.virtio {
  requires transitive io.github.stopcopy.core;
  requires static com.google.auto.service;
  requires static org.jspecify;

  exports io.github.stopcopy.viommu.virtio;

  provides VirtualIommuProvider with
      VirtioIommuProvider;
}
