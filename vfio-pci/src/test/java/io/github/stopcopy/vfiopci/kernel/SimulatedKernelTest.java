package io.github.stopcopy.vfiopci.kernel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.mockito.ArgumentMatchers.any;
import static org.mockito.ArgumentMatchers.anyLong;
import static org.mockito.Mockito.mock;
import static org.mockito.Mockito.never;
import static org.mockito.Mockito.spy;
import static org.mockito.Mockito.verify;
import static org.mockito.Mockito.when;

import io.github.stopcopy.core.address.AddressRange;
import io.github.stopcopy.core.dirty.DirtyBitmap;
import io.github.stopcopy.core.dirty.DirtyLog;
import io.github.stopcopy.core.error.Errno;
import io.github.stopcopy.core.error.InputException;
import io.github.stopcopy.core.host.HostContainer;
import io.github.stopcopy.core.host.HostDevice;
import io.github.stopcopy.core.host.HostDevice.DmaLogging;
import io.github.stopcopy.core.host.HostFacts;
import io.github.stopcopy.core.spi.DirtyTracker;
import io.github.stopcopy.core.spi.StartResult;
import io.github.stopcopy.core.spi.TrackerConfig;
import io.github.stopcopy.vfiopci.DmaMapping;
import io.github.stopcopy.vfiopci.IovaRange;
import io.github.stopcopy.vfiopci.tracker.AllDirtyTrackerProvider;
import io.github.stopcopy.vfiopci.tracker.DeviceLimits;
import io.github.stopcopy.vfiopci.tracker.DeviceLogTracker;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;
import org.junit.jupiter.api.Test;

/** The kernel's own rules (R-DT-40 .. R-DT-44), and that what the facts ask for wins over them. */
class SimulatedKernelTest {

  private static final IovaRange PAGE = new IovaRange(0, 0x1000);

  private static SimulatedDevice device(DmaLogging logging) {
    return new SimulatedDevice(
        HostDevice.builder().dmaLogging(logging).build(),
        4096,
        new DeviceLogTracker(DeviceLimits.NONE));
  }

  private static DmaLogging limits(int ranges, long length) {
    return DmaLogging.builder().maxRanges(ranges).maxLength(length).build();
  }

  private static DmaLogging failing(Errno errno) {
    return DmaLogging.builder().startError(errno).stopError(errno).reportError(errno).build();
  }

  private static Optional<Errno> start(IovaRange... ranges) {
    return start(device(DmaLogging.SUPPORTED), 4096, List.of(ranges));
  }

  private static Optional<Errno> start(SimulatedDevice device, IovaRange... ranges) {
    return start(device, 4096, List.of(ranges));
  }

  private static Optional<Errno> start(
      SimulatedDevice device, long pageSize, List<IovaRange> ranges) {
    return device.startLogging(pageSize, ranges) instanceof StartResult.Refused refused
        ? Optional.of(refused.errno())
        : Optional.empty();
  }

  private static Optional<Errno> report(SimulatedDevice device, long iova, long length) {
    return device.report(iova, length, new DirtyLog(4096));
  }

  private static DmaMapping mapping(long iova, long size) {
    return new DmaMapping(iova, size, iova, false);
  }

  @Test
  void R_DT_40_theNumberOfRanges() {
    assertThat(start()).contains(Errno.EINVAL);
    List<IovaRange> many = Collections.nCopies(257, PAGE);
    assertThat(start(device(DmaLogging.SUPPORTED), 4096, many)).contains(Errno.E2BIG);
    SimulatedDevice large =
        new SimulatedDevice(HostDevice.CAPABLE, 65536, new DeviceLogTracker(DeviceLimits.NONE));
    assertThat(start(large, 4096, many)).as("overlap, not number").contains(Errno.EINVAL);
    assertThat(start(large, 4096, Collections.nCopies(4097, PAGE))).contains(Errno.E2BIG);
    assertThat(start(device(DmaLogging.NONE), PAGE)).contains(Errno.ENOTTY);
  }

  @Test
  void R_DT_41_alignmentAndOverflow() {
    assertThat(start(new IovaRange(0x800, 0x1000))).contains(Errno.EINVAL);
    assertThat(start(new IovaRange(0x1000, 0x800))).contains(Errno.EINVAL);
    assertThat(start(new IovaRange(0xfef00000L, -0xfef00000L))).contains(Errno.EOVERFLOW);
    assertThat(start(new IovaRange(0xfef00000L, -0xfef01000L))).isEmpty();
    assertThat(device(DmaLogging.SUPPORTED).startLogging(4096, List.of(new IovaRange(0x1000, 0))))
        .as("length 0 passes the kernel, and the driver refuses it")
        .isEqualTo(new StartResult.Refused(Errno.EINVAL, "a range of no bytes"));
    assertThat(start(device(DmaLogging.SUPPORTED), 0, List.of(PAGE))).contains(Errno.EINVAL);
  }

  @Test
  void R_DT_42_overlapInAnyOrder() {
    IovaRange low = new IovaRange(0, 0x2000);
    IovaRange high = new IovaRange(0x1000, 0x2000);
    assertThat(start(low, high)).contains(Errno.EINVAL);
    assertThat(start(high, low)).contains(Errno.EINVAL);
    assertThat(start(new IovaRange(0x2000, 0x1000), low)).isEmpty();
  }

  @Test
  void R_DT_43_oneStartUntilStop() {
    SimulatedDevice device = device(DmaLogging.SUPPORTED);
    assertThat(start(device, PAGE)).isEmpty();
    assertThat(start(device, PAGE)).contains(Errno.EINVAL);
    assertThat(device.stopLogging()).isEmpty();
    assertThat(start(device, PAGE)).isEmpty();
  }

  @Test
  void R_DT_44_reports() {
    SimulatedDevice device = device(DmaLogging.SUPPORTED);
    assertThat(report(device, 0, 0x1000)).contains(Errno.EINVAL);
    device.startLogging(4096, List.of(PAGE));
    assertThat(report(device, 0, 0x1000)).isEmpty();
    assertThat(report(device, -4096, 0x2000)).contains(Errno.EOVERFLOW);
  }

  @Test
  void R_DT_44_whatARefusedReportMarkedIsNotFoundByTheNext() {
    DirtyTracker moody = mock(DirtyTracker.class);
    when(moody.start(any(), anyLong())).thenReturn(new StartResult.Granted(4096));
    when(moody.report(any(), anyLong(), any()))
        .thenAnswer(call -> {
          call.getArgument(2, DirtyBitmap.class).mark(0);
          return Optional.of(Errno.EIO);
        })
        .thenReturn(Optional.empty());
    when(moody.report(any(), any())).thenCallRealMethod();
    SimulatedDevice device = new SimulatedDevice(HostDevice.CAPABLE, 4096, moody);
    device.startLogging(4096, List.of(new IovaRange(0, 0x10000)));
    assertThat(report(device, 0, 0x4000)).contains(Errno.EIO);
    DirtyLog found = new DirtyLog(4096);
    assertThat(device.report(0x8000, 0x4000, found)).isEmpty();
    assertThat(found.dirtyRanges()).isEmpty();
  }

  /** A tracker of somebody else, of whom only bitmaps can be asked. */
  private record Foreign(DirtyTracker inside) implements DirtyTracker {

    @Override
    public StartResult start(List<AddressRange> ranges, long pageSize) {
      return inside.start(ranges, pageSize);
    }

    @Override
    public void dmaWrite(AddressRange written) {
      inside.dmaWrite(written);
    }

    @Override
    public Optional<Errno> report(AddressRange range, long pageSize, DirtyBitmap into) {
      return inside.report(range, pageSize, into);
    }

    @Override
    public Optional<Errno> stop() {
      return inside.stop();
    }
  }

  private static DirtyTracker allDirty() {
    try {
      return new AllDirtyTrackerProvider().open(new TrackerConfig("a", 4096, Map.of()));
    } catch (InputException impossible) {
      throw new AssertionError(impossible);
    }
  }

  private static final List<Supplier<DirtyTracker>> OWN =
      List.of(() -> new DeviceLogTracker(DeviceLimits.NONE), SimulatedKernelTest::allDirty);

  @Test
  void R_DT_44_aTrackerThatKnowsRunsIsAskedForNoBitmap() {
    for (Supplier<DirtyTracker> own : OWN) {
      DirtyTracker tracker = spy(own.get());
      SimulatedDevice device = new SimulatedDevice(HostDevice.CAPABLE, 4096, tracker);
      device.startLogging(4096, List.of(new IovaRange(0, 1L << 47)));
      DirtyLog found = new DirtyLog(4096);
      device.dmaWrite(new AddressRange(0, (1L << 47) - 1));

      assertThat(device.report(0, 1L << 47, found)).isEmpty();

      assertThat(found.dirtyRanges()).containsExactly(new AddressRange(0, (1L << 47) - 1));
      verify(tracker, never()).report(any(), anyLong(), any());
    }
  }

  /** Asks twice, so that what a report leaves is compared too. */
  private static List<List<AddressRange>> found(
      DirtyTracker tracker, long logged, long reported, long iova, long length) {
    SimulatedDevice device = new SimulatedDevice(HostDevice.CAPABLE, 4096, tracker);
    assertThat(start(device, logged, List.of(new IovaRange(0, 0x4000000)))).isEmpty();
    device.dmaWrite(new AddressRange(0x1000, 0x1000));
    device.dmaWrite(new AddressRange(0x12345, 0x1ffff));
    device.dmaWrite(new AddressRange(0x200000, 0x3ffffff));
    DirtyLog first = new DirtyLog(reported);
    assertThat(device.report(iova, length, first)).isEmpty();
    DirtyLog rest = new DirtyLog(reported);
    assertThat(device.report(0, 0x4000000, rest)).isEmpty();
    return List.of(first.dirtyRanges(), rest.dirtyRanges());
  }

  @Test
  void R_DT_44_aLogOfOurOwnReportsWhatItWouldInABitmap() {
    for (long logged : List.of(0x1000L, 0x10000L)) {
      for (long reported : List.of(0x1000L, 0x4000L)) {
        for (long iova : List.of(0L, 0x1000L, 0x10000L, 0x14000L, 0x13800L)) {
          for (long length : List.of(0x1000L, 0x5800L, 0x300000L)) {
            for (Supplier<DirtyTracker> own : OWN) {
              assertThat(found(own.get(), logged, reported, iova, length))
                  .as("%x logged, %x reported, %x bytes from %x", logged, reported, length, iova)
                  .isEqualTo(found(new Foreign(own.get()), logged, reported, iova, length));
            }
          }
        }
      }
    }
  }

  @Test
  void R_DT_50_aReportThatNoMemoryHoldsIsRefused() {
    SimulatedDevice device = device(DmaLogging.SUPPORTED);
    device.startLogging(4096, List.of(PAGE));
    assertThat(report(device, 0, 0x1000000000000L)).isEmpty();
    assertThat(report(device, 0, 0x1000000001000L)).contains(Errno.ENOMEM);
  }

  @Test
  void limitsOfTheDriver() {
    SimulatedDevice one = device(limits(1, 0));
    assertThat(start(one, PAGE, new IovaRange(0x2000, 0x1000))).contains(Errno.EOPNOTSUPP);
    SimulatedDevice small = device(limits(0, 0x2000));
    assertThat(start(small, new IovaRange(0, 0x3000))).contains(Errno.EOPNOTSUPP);
    assertThat(start(small, new IovaRange(0, 0x2000))).isEmpty();
    assertThat(start(device(limits(0, 0x8000000000000000L)), PAGE)).isEmpty();
  }

  @Test
  void asManyRangesAsTheDriverTakesAreTakenAndNotOneMore() {
    IovaRange second = new IovaRange(0x2000, 0x1000);
    IovaRange third = new IovaRange(0x4000, 0x1000);
    assertThat(start(device(limits(2, 0)), PAGE, second)).isEmpty();
    assertThat(start(device(limits(2, 0)), PAGE, second, third)).contains(Errno.EOPNOTSUPP);
    assertThat(start(device(limits(1, 0)), PAGE)).isEmpty();
  }

  @Test
  void whatTheFactsAskForWins() {
    SimulatedDevice device = device(failing(Errno.EIO));
    assertThat(start(device)).contains(Errno.EIO);
    assertThat(report(device, -1, 2)).contains(Errno.EIO);
    assertThat(device.stopLogging()).contains(Errno.EIO);
  }

  private static HostContainer facts(long most, Errno get, AddressRange... iovas) {
    return new HostContainer(
        true,
        -4096,
        4096,
        most,
        3,
        true,
        List.of(iovas),
        Optional.empty(),
        Optional.ofNullable(get),
        Optional.empty());
  }

  @Test
  void windowsMayComeInAnyOrderAndLieInEachOther() {
    SimulatedContainer container =
        new SimulatedContainer(
            facts(
                10,
                null,
                new AddressRange(0x8000, 0x8fff),
                new AddressRange(0, 0x3fff),
                new AddressRange(0x1000, 0x1fff)),
            4096,
            false);

    assertThat(container.map(mapping(0x1000, 0x3000))).isEmpty();
    assertThat(container.map(mapping(0x8000, 0x1000))).isEmpty();
    assertThat(container.map(mapping(0x4000, 0x1000))).contains(Errno.EINVAL);
    assertThat(container.map(mapping(0x7000, 0x1000))).contains(Errno.EINVAL);
    assertThat(container.map(mapping(0x9000, 0x1000))).contains(Errno.EINVAL);
  }

  @Test
  void aContainerMapsWholePagesOnceInsideItsWindows() {
    SimulatedContainer container =
        new SimulatedContainer(
            facts(8, null, new AddressRange(0, 0xffff), new AddressRange(0x20000, -1)),
            4096,
            false);
    assertThat(container.map(mapping(0, 0))).contains(Errno.EINVAL);
    assertThat(container.map(mapping(0x800, 0x1000))).contains(Errno.EINVAL);
    assertThat(container.map(mapping(-4096, 0x2000))).contains(Errno.EINVAL);
    assertThat(container.map(mapping(0xf000, 0x2000))).contains(Errno.EINVAL);
    assertThat(container.map(mapping(-4096, 0x1000))).isEmpty();
    assertThat(container.map(mapping(0x1000, 0x2000))).isEmpty();
    assertThat(container.map(mapping(0, 0x2000))).contains(Errno.EEXIST);
    assertThat(container.map(mapping(0x2000, 0x2000))).contains(Errno.EEXIST);
    assertThat(container.map(mapping(0, 0x4000))).contains(Errno.EEXIST);
    assertThat(container.map(mapping(0x3000, 0x1000))).isEmpty();
    assertThat(container.map(mapping(0x8000, 0x1000))).contains(Errno.ENOSPC);
    assertThat(container.mappings())
        .extracting(DmaMapping::iova)
        .containsExactly(0x1000L, 0x3000L, -4096L);
    assertThat(container.unmap(0x2000, 0x2000)).contains(Errno.EINVAL);
    assertThat(container.unmap(0x1000, 0x1000)).contains(Errno.EINVAL);
    assertThat(container.unmap(0, 0x4000)).isEmpty();
    assertThat(container.mappings()).hasSize(1);
    assertThat(container.unmapAll()).isEmpty();
    assertThat(container.mappings()).isEmpty();
  }

  @Test
  void aBitmapIsReadWhileTrackingAndUpToAGreatestSize() {
    SimulatedContainer container = new SimulatedContainer(facts(8, null), 4096, false);
    assertThat(container.readDirtyPages(0, 0x1000, new DirtyLog(4096))).contains(Errno.EINVAL);
    container.setDirtyTracking(true);
    assertThat(container.readDirtyPages(0, 64 * 4096, new DirtyLog(4096))).isEmpty();
    assertThat(container.readDirtyPages(0, 65 * 4096, new DirtyLog(4096))).contains(Errno.EINVAL);
    SimulatedContainer failing = new SimulatedContainer(facts(8, Errno.EIO), 4096, false);
    assertThat(failing.readDirtyPages(0, 65 * 4096, new DirtyLog(4096))).contains(Errno.EIO);
  }

  @Test
  void R_DT_24_hardwareForgetsItsLogWhenTrackingStartsAnew() {
    SimulatedContainer container = new SimulatedContainer(HostContainer.CAPABLE, 4096, true);
    assertThat(container.map(mapping(0, 0x10000))).isEmpty();
    container.setDirtyTracking(true);
    container.dmaWrite(new AddressRange(0x1000, 0x1fff));
    container.setDirtyTracking(false);
    container.setDirtyTracking(true);
    DirtyLog restarted = new DirtyLog(4096);
    assertThat(container.readDirtyPages(0, 0x10000, restarted)).isEmpty();
    assertThat(restarted.dirtyRanges()).as("written before the restart").isEmpty();

    container.dmaWrite(new AddressRange(0x3000, 0x3fff));
    assertThat(container.readDirtyPages(0, 0x10000, restarted)).isEmpty();
    assertThat(restarted.dirtyRanges()).containsExactly(new AddressRange(0x3000, 0x3fff));
  }

  @Test
  void devicesWithoutAGroupGetOneOfTheirOwn() {
    SimulatedKernel kernel = new SimulatedKernel(HostFacts.CAPABLE);
    int first = kernel.group("a");
    assertThat(kernel.group("b")).isNotEqualTo(first);
    assertThat(kernel.group("a")).isEqualTo(first);
  }
}
