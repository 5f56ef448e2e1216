package io.github.stopcopy.vfiopci.subsystem;

import io.github.stopcopy.core.address.AddressRange;
import io.github.stopcopy.core.error.Errno;
import io.github.stopcopy.core.host.HostContainer;
import io.github.stopcopy.core.host.HostDevice;
import io.github.stopcopy.core.host.HostDevice.MigrationSupport;
import io.github.stopcopy.core.host.HostDeviceBuilder;
import io.github.stopcopy.core.host.VfioDeviceState;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Host facts that tests share. */
public final class Hosts {

  private Hosts() {}

  public static HostDevice device(HostDevice.DmaLogging logging) {
    return HostDevice.builder().dmaLogging(logging).build();
  }

  public static HostDevice device(MigrationSupport migration, Map<VfioDeviceState, Errno> errors) {
    HostDeviceBuilder device = HostDevice.builder().migration(migration);
    errors.forEach(device::setStateError);
    return device.build();
  }

  public static HostDevice withBar(long size, HostDevice.BarKind kind, boolean mmap) {
    return HostDevice.builder()
        .bar(0, HostDevice.Bar.builder(size).kind(kind).mmap(mmap).build())
        .build();
  }

  public static HostDevice logging(Errno start, Errno stop, Errno report) {
    return device(
        new HostDevice.DmaLogging(
            true,
            Optional.ofNullable(start),
            Optional.ofNullable(stop),
            Optional.ofNullable(report),
            0,
            0,
            Errno.EOPNOTSUPP));
  }

  public static HostDevice failingReport() {
    return device(HostDevice.DmaLogging.builder().reportError(Errno.EIO).build());
  }

  public static HostDevice noLogging() {
    return device(HostDevice.DmaLogging.NONE);
  }

  public static HostContainer container(
      boolean type1, boolean iommu, Errno start, Errno get, long most) {
    return new HostContainer(
        type1,
        -4096,
        4096,
        most,
        65535,
        true,
        List.of(),
        Optional.ofNullable(start),
        Optional.ofNullable(get),
        Optional.of(iommu));
  }

  public static HostContainer container(
      boolean tracks,
      long pages,
      long dirtyPages,
      long dma,
      boolean shared,
      AddressRange... iovas) {
    return new HostContainer(
        tracks,
        pages,
        dirtyPages,
        256L << 20,
        dma,
        shared,
        List.of(iovas),
        Optional.empty(),
        Optional.empty(),
        Optional.empty());
  }
}
