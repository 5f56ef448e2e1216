package io.github.stopcopy.vfiopci;

import io.github.stopcopy.core.error.Errno;
import io.github.stopcopy.core.host.HostDevice;
import java.util.Optional;

class DirtyTrackingTest {
  static HostDevice device(HostDevice.DmaLogging logging) {
    HostDevice able = HostDevice.CAPABLE;
    return new HostDevice(
        able.group(), able.migration(), logging, able.setStateErrors(), able.bars(), able.msix());
  }

  static HostDevice failingReport() {
    return device(
        new HostDevice.DmaLogging(
            true, Optional.empty(), Optional.empty(), Optional.of(Errno.EIO), 0, 0,
            Errno.EOPNOTSUPP));
  }
}
