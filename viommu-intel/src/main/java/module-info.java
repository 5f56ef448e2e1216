import io.github.stopcopy.core.spi.VirtualIommuProvider;
import io.github.stopcopy.viommu.intel.IntelIommuProvider;

/**
 * The intel-iommu model.
 *
 * @provides io.github.stopcopy.core.spi.VirtualIommuProvider
 */
module io.github.stopcopy.viommu.intel {
  requires transitive io.github.stopcopy.core;
  requires static com.google.auto.service;
  requires static org.jspecify;

  exports io.github.stopcopy.viommu.intel;

  provides VirtualIommuProvider with
      IntelIommuProvider;
}
