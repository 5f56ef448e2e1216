package io.github.stopcopy.vfiopci.kernel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.mockito.ArgumentMatchers.any;
import static org.mockito.ArgumentMatchers.anyLong;
import static org.mockito.Mockito.mock;
import static org.mockito.Mockito.when;

import io.github.stopcopy.core.address.AddressRange;
import io.github.stopcopy.core.dirty.DirtyBitmap;
import io.github.stopcopy.core.dirty.DirtyLog;
import io.github.stopcopy.core.error.Errno;
import io.github.stopcopy.core.host.HostDevice;
import io.github.stopcopy.core.host.HostDevice.MigrationSupport;
import io.github.stopcopy.core.host.VfioDeviceState;
import io.github.stopcopy.core.spi.DirtyTracker;
import io.github.stopcopy.core.spi.StartResult;
import io.github.stopcopy.vfiopci.IovaRange;
import io.github.stopcopy.vfiopci.tracker.DeviceLimits;
import io.github.stopcopy.vfiopci.tracker.DeviceLogTracker;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/**
 * How the kernel asks a device's tracker: in windows, at the ends of the space, when it refuses.
 */
class SimulatedDeviceTest {

  private static final long WINDOW = (1L << 24) * 4096;
  private static final IovaRange HALF = new IovaRange(0, Long.MIN_VALUE);

  /** A tracker that answers every report alike and remembers what it was asked. */
  private static final class Asked implements DirtyTracker {
    private final List<AddressRange> ranges = new ArrayList<>();
    private final Optional<Errno> answer;

    Asked(Optional<Errno> answer) {
      this.answer = answer;
    }

    @Override
    public StartResult start(List<AddressRange> tracked, long pageSize) {
      return new StartResult.Granted(pageSize);
    }

    @Override
    public void dmaWrite(AddressRange written) {}

    @Override
    public Optional<Errno> report(AddressRange range, long pageSize, DirtyBitmap into) {
      ranges.add(range);
      return answer;
    }

    @Override
    public Optional<Errno> stop() {
      return answer;
    }
  }

  private static SimulatedDevice device(DirtyTracker tracker, IovaRange... ranges) {
    SimulatedDevice device = new SimulatedDevice(HostDevice.CAPABLE, 4096, tracker);
    assertThat(device.startLogging(4096, List.of(ranges))).isEqualTo(new StartResult.Granted(4096));
    return device;
  }

  @Test
  void R_DT_44_theKernelAsksInWindowsOf2To24Pages() {
    Asked asked = new Asked(Optional.empty());
    SimulatedDevice device = device(asked, HALF);
    assertThat(device.report(0, 2 * WINDOW + 0x1000, new DirtyLog(4096))).isEmpty();
    assertThat(asked.ranges)
        .containsExactly(
            new AddressRange(0, WINDOW - 1),
            new AddressRange(WINDOW, 2 * WINDOW - 1),
            new AddressRange(2 * WINDOW, 2 * WINDOW + 0xfff));
  }

  @Test
  void R_DT_44_aWindowThatIsRefusedIsTheLast() {
    Asked asked = new Asked(Optional.of(Errno.EIO));
    SimulatedDevice device = device(asked, HALF);
    assertThat(device.report(0, 2 * WINDOW, new DirtyLog(4096))).contains(Errno.EIO);
    assertThat(asked.ranges).hasSize(1);
  }

  @Test
  void R_DT_44_aHighAddressNeedsNoLargerBitmap() {
    Asked asked = new Asked(Optional.empty());
    SimulatedDevice device = device(asked, HALF);
    assertThat(device.report(1L << 62, 0x1000, new DirtyLog(4096))).isEmpty();
    assertThat(asked.ranges).containsExactly(new AddressRange(1L << 62, (1L << 62) + 0xfff));
  }

  @Test
  void R_DT_44_onlyWhatIsAskedForIsReportedAndForgotten() {
    SimulatedDevice device = device(new DeviceLogTracker(DeviceLimits.NONE), HALF);
    device.dmaWrite(new AddressRange(0x1000, 0x2fff));
    DirtyLog found = new DirtyLog(4096);
    assertThat(device.report(0x1000, 0x1000, found)).isEmpty();
    assertThat(found.dirtyRanges()).containsExactly(new AddressRange(0x1000, 0x1fff));
    DirtyLog rest = new DirtyLog(4096);
    assertThat(device.report(0, 0x10000, rest)).isEmpty();
    assertThat(rest.dirtyRanges()).containsExactly(new AddressRange(0x2000, 0x2fff));
  }

  @Test
  void R_DT_44_nothingIsReportedOfNoBytes() {
    SimulatedDevice device = device(new DeviceLogTracker(DeviceLimits.NONE), HALF);
    assertThat(device.report(0, 0, new DirtyLog(4096))).contains(Errno.EINVAL);
  }

  @Test
  void R_DT_48_aReportBeyondTheRegionOfALogOfOurOwnIsRefused() {
    DeviceLimits inside = new DeviceLimits(1, 0, 64, 4096, Long.MIN_VALUE, 32, true);
    SimulatedDevice device = device(new DeviceLogTracker(inside), new IovaRange(0, 0x4000));
    assertThat(device.report(0x4000, 0x1000, new DirtyLog(4096))).contains(Errno.EINVAL);
    assertThat(device.report(0, 0x4000, new DirtyLog(4096))).isEmpty();
  }

  @Test
  void R_DT_43_aTrackerThatRefusesToStopLogsOn() {
    SimulatedDevice device = device(new Asked(Optional.of(Errno.EIO)), HALF);
    assertThat(device.stopLogging()).contains(Errno.EIO);
    assertThat(device.startLogging(4096, List.of(HALF)))
        .isEqualTo(new StartResult.Refused(Errno.EINVAL, "it logs already"));
  }

  @Test
  void R_DT_40_aStartWithoutRangesSaysSo() {
    SimulatedDevice device =
        new SimulatedDevice(HostDevice.CAPABLE, 4096, new Asked(Optional.empty()));
    assertThat(device.startLogging(4096, List.of()))
        .isEqualTo(new StartResult.Refused(Errno.EINVAL, "no range"));
  }

  @Test
  void R_DT_40_asManyRangesAsFitAPageAreTaken() {
    List<IovaRange> ranges = new ArrayList<>();
    for (int i = 0; i < 256; i++) {
      ranges.add(new IovaRange(i * 0x2000L, 0x1000));
    }
    SimulatedDevice device =
        new SimulatedDevice(HostDevice.CAPABLE, 4096, new DeviceLogTracker(DeviceLimits.NONE));
    assertThat(device.startLogging(4096, ranges)).isEqualTo(new StartResult.Granted(4096));
  }

  @Test
  void R_DT_43_aTrackerThatDoesNotBeginIsNotAskedToStop() {
    DirtyTracker refusing = mock(DirtyTracker.class);
    when(refusing.start(any(), anyLong())).thenReturn(new StartResult.Refused(Errno.EIO, "no"));
    SimulatedDevice device = new SimulatedDevice(HostDevice.CAPABLE, 4096, refusing);
    assertThat(device.startLogging(4096, List.of(HALF)))
        .isEqualTo(new StartResult.Refused(Errno.EIO, "no"));
    assertThat(device.stopLogging()).isEmpty();
    assertThat(device.report(0, 0x1000, new DirtyLog(4096))).contains(Errno.EINVAL);
  }

  @Test
  void R_MIG_41_aStateThatTheDeviceDoesNotKnowIsRefused() {
    HostDevice simple =
        HostDevice.builder().migration(MigrationSupport.of(true, false, false)).build();
    SimulatedDevice device = new SimulatedDevice(simple, 4096, new Asked(Optional.empty()));
    assertThat(device.setState(VfioDeviceState.PRE_COPY)).contains(Errno.EINVAL);
    assertThat(device.state()).isEqualTo(VfioDeviceState.RUNNING);
    assertThat(device.setState(VfioDeviceState.STOP)).isEmpty();
    assertThat(device.state()).isEqualTo(VfioDeviceState.STOP);
    assertThat(device.reset()).isEmpty();
    assertThat(device.state()).isEqualTo(VfioDeviceState.RUNNING);
  }
}
