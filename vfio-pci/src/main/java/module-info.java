import io.github.stopcopy.core.spi.DeviceTypeProvider;
import io.github.stopcopy.vfiopci.VfioPciNoHotplugProvider;
import io.github.stopcopy.vfiopci.VfioPciProvider;

/**
 * The vfio-pci device, its container with the memory listener, and dirty tracking.
 *
 * @provides io.github.stopcopy.core.spi.DeviceTypeProvider
 */
module io.github.stopcopy.vfiopci {
  requires transitive io.github.stopcopy.core;
  requires static com.google.auto.service;
  requires static org.jspecify;

  exports io.github.stopcopy.vfiopci;
  exports io.github.stopcopy.vfiopci.event;
  exports io.github.stopcopy.vfiopci.kernel;

  provides DeviceTypeProvider with VfioPciProvider, VfioPciNoHotplugProvider;
}
