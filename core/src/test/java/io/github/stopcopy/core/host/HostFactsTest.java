package io.github.stopcopy.core.host;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.github.stopcopy.core.address.AddressRange;
import io.github.stopcopy.core.error.Errno;
import io.github.stopcopy.core.host.HostDevice.Bar;
import io.github.stopcopy.core.host.HostDevice.BarKind;
import io.github.stopcopy.core.host.HostDevice.DmaLogging;
import io.github.stopcopy.core.host.HostDevice.MigrationSupport;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Host facts: their defaults, and that nobody can change them later. */
class HostFactsTest {

  @Test
  void withoutFactsTheHostCanDoEverything() {
    HostFacts host = HostFacts.CAPABLE;
    assertThat(host.pageSize()).isEqualTo(4096);
    assertThat(host.accelerator()).isEmpty();
    assertThat(host.device("0000:01:00.0")).isSameAs(HostDevice.CAPABLE);

    HostContainer container = host.container();
    assertThat(container.dirtyTracking()).isTrue();
    assertThat(container.shared()).isTrue();
    assertThat(container.pageSizes()).isEqualTo(0xfffffffffffff000L);
    assertThat(container.dirtyPageSizes()).isEqualTo(0x1000);
    assertThat(container.maxDirtyBitmapSize()).isEqualTo(268435456);
    assertThat(container.dmaAvailable()).isEqualTo(65535);
    assertThat(container.iovaRanges()).isEmpty();
    assertThat(container.dirtyStartError()).isEmpty();
    assertThat(container.dirtyGetError()).isEmpty();
    assertThat(container.iommuDirtyTracking()).isFalse();
  }

  @Test
  void aCapableDeviceMigratesWithStopCopyAndP2p() {
    HostDevice device = HostDevice.CAPABLE;
    assertThat(device.group()).isEmpty();
    assertThat(device.migration())
        .isEqualTo(new MigrationSupport(Optional.empty(), true, true, false));
    assertThat(device.dmaLogging()).isEqualTo(DmaLogging.SUPPORTED);
    assertThat(device.dmaLogging().supported()).isTrue();
    assertThat(device.dmaLogging().limitError().number()).isEqualTo(95);
    assertThat(DmaLogging.NONE.supported()).isFalse();
    assertThat(device.bars()).isEmpty();
    assertThat(MigrationSupport.failing(Errno.ENOTTY).error()).contains(Errno.ENOTTY);
  }

  @Test
  void copiesAreImmutableAndKeepTheirOrder() {
    Map<Integer, Bar> bars = new LinkedHashMap<>();
    for (int number : List.of(4, 0, 2)) {
      bars.put(number, new Bar(0x1000, BarKind.MEM64, true, true));
    }
    HostDevice device =
        new HostDevice(
            OptionalInt.of(1),
            MigrationSupport.of(true, false, true),
            DmaLogging.NONE,
            new LinkedHashMap<>(Map.of(VfioDeviceState.PRE_COPY, Errno.EIO)),
            bars,
            Optional.empty());
    bars.clear();
    assertThat(device.bars().keySet()).containsExactly(4, 0, 2);
    assertThat(device.bars()).isUnmodifiable();
    assertThat(device.setStateErrors()).isUnmodifiable();

    Map<String, HostDevice> devices = new LinkedHashMap<>();
    List<String> names = new ArrayList<>();
    for (int i = 40; i > 0; i--) {
      names.add("device" + i);
      devices.put("device" + i, device);
    }
    HostFacts host = facts(4096, devices);
    devices.clear();
    assertThat(host.devices().keySet()).containsExactlyElementsOf(names);
    assertThat(host.devices()).isUnmodifiable();
    assertThat(host.device("device7")).isSameAs(device);
  }

  @Test
  void theRangesOfAContainerAreCopied() {
    List<AddressRange> ranges = new ArrayList<>(List.of(new AddressRange(0, 0xfedfffff)));
    HostContainer container =
        new HostContainer(
            true, -4096, 4096, 1, 1, true, ranges, Optional.empty(), Optional.empty(), false);
    ranges.clear();
    assertThat(container.iovaRanges()).hasSize(1).isUnmodifiable();
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 1, 2048, 4095, 4097, 12288, -4096, Integer.MIN_VALUE})
  void aPageSizeIsAPowerOfTwoFrom4096On(int pageSize) {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> facts(pageSize, Map.of()))
        .withMessage("page size " + pageSize + " is no power of two from 4096 on");
    assertThat(facts(65536, Map.of()).pageSize()).isEqualTo(65536);
  }

  @ParameterizedTest
  @ValueSource(ints = {-1, 6, 9})
  void barsAreNumbered0To5(int number) {
    Map<Integer, Bar> bars = Map.of(number, new Bar(0x1000, BarKind.IO, false, false));
    assertThatIllegalArgumentException()
        .isThrownBy(() ->
            new HostDevice(
                OptionalInt.empty(),
                MigrationSupport.of(true, true, false),
                DmaLogging.SUPPORTED,
                Map.of(),
                bars,
                Optional.empty()))
        .withMessage("no BAR " + number + ", expected 0 to 5");
  }

  @Test
  void aNumberOfRangesIsNotNegative() {
    assertThatIllegalArgumentException()
        .isThrownBy(() ->
            new DmaLogging(
                true,
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                -1,
                0,
                Errno.EOPNOTSUPP))
        .withMessage("at most -1 ranges, expected 0 or more");
  }

  @Test
  void R_MIG_40_deviceStatesAreNumberedAsInTheKernel() {
    assertThat(VfioDeviceState.values())
        .containsExactly(
            VfioDeviceState.ERROR,
            VfioDeviceState.STOP,
            VfioDeviceState.RUNNING,
            VfioDeviceState.STOP_COPY,
            VfioDeviceState.RESUMING,
            VfioDeviceState.RUNNING_P2P,
            VfioDeviceState.PRE_COPY,
            VfioDeviceState.PRE_COPY_P2P);
    assertThat(VfioDeviceState.values())
        .filteredOn(VfioDeviceState::isRunning)
        .containsExactly(
            VfioDeviceState.RUNNING,
            VfioDeviceState.RUNNING_P2P,
            VfioDeviceState.PRE_COPY,
            VfioDeviceState.PRE_COPY_P2P);
    assertThat(VfioDeviceState.values())
        .filteredOn(VfioDeviceState::isPreCopy)
        .containsExactly(VfioDeviceState.PRE_COPY, VfioDeviceState.PRE_COPY_P2P);
  }

  private static HostFacts facts(int pageSize, Map<String, HostDevice> devices) {
    return new HostFacts(
        pageSize,
        Optional.empty(),
        Optional.empty(),
        OptionalInt.empty(),
        HostContainer.CAPABLE,
        devices);
  }
}
