/** The intel-iommu model. */
module io.github.stopcopy.viommu.intel {
  requires io.github.stopcopy.core;
  requires static org.jspecify;
  requires static com.google.auto.service;

  provides io.github.stopcopy.core.spi.VirtualIommuProvider with
      io.github.stopcopy.viommu.intel.IntelIommuProvider;
}
