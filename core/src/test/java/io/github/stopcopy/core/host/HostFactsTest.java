package io.github.stopcopy.core.host;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.stopcopy.core.address.AddressRange;
import io.github.stopcopy.core.error.Errno;
import io.github.stopcopy.core.host.HostDevice.Bar;
import io.github.stopcopy.core.host.HostDevice.BarKind;
import io.github.stopcopy.core.host.HostDevice.DmaLogging;
import io.github.stopcopy.core.host.HostDevice.Fact;
import io.github.stopcopy.core.host.HostDevice.MigrationSupport;
import io.github.stopcopy.core.host.HostDevice.Msix;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
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
    assertThat(container.iommuDirtyTracking()).isEmpty();
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
            Optional.empty(),
            Optional.empty(),
            MigrationSupport.of(true, false, true),
            DmaLogging.NONE,
            true,
            new LinkedHashMap<>(Map.of(VfioDeviceState.PRE_COPY, Errno.EIO)),
            bars,
            Optional.empty(),
            EnumSet.of(Fact.BARS));
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
    HostFacts host =
        new HostFacts(
            4096,
            Optional.empty(),
            Optional.empty(),
            OptionalInt.empty(),
            Optional.empty(),
            HostContainer.CAPABLE,
            devices);
    devices.clear();
    assertThat(host.devices().keySet()).containsExactlyElementsOf(names);
    assertThat(host.devices()).isUnmodifiable();
    assertThat(host.device("device7")).isSameAs(device);
  }

  @ParameterizedTest
  @CsvSource({
    "21:00.0, 0000:21:00.0",
    "0000:AF:00.0, 0000:af:00.0",
    "1:2:3.4, 0001:02:03.4",
    "10000:e1:00.0, 10000:e1:00.0",
    "83b8f4f2-509f-382f-3c1e-e6bfe0fa1001, 83b8f4f2-509f-382f-3c1e-e6bfe0fa1001",
    "Device:1, Device:1"
  })
  void aPciAddressIsOneNameHoweverItIsWritten(String written, String name) {
    HostDevice device = HostDevice.builder().group(7).build();
    HostFacts host = HostFacts.builder().device(written, device).build();

    assertThat(HostFacts.nameOf(written)).isEqualTo(name);
    assertThat(host.devices()).containsOnlyKeys(name);
    assertThat(host.device(written)).isSameAs(device);
    assertThat(host.device(name)).isSameAs(device);
  }

  @Test
  void theRangesOfAContainerAreCopied() {
    List<AddressRange> ranges = new ArrayList<>(List.of(new AddressRange(0, 0xfedfffff)));
    HostContainer container =
        new HostContainer(
            true,
            -4096,
            4096,
            1,
            1,
            true,
            ranges,
            Optional.empty(),
            Optional.empty(),
            Optional.empty());
    ranges.clear();
    assertThat(container.iovaRanges()).hasSize(1).isUnmodifiable();
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 1, 2048, 4095, 4097, 12288, -4096, Integer.MIN_VALUE})
  void aPageSizeIsAPowerOfTwoFrom4096On(int pageSize) {
    assertThatIllegalArgumentException()
        .isThrownBy(HostFacts.builder().pageSize(pageSize)::build)
        .withMessage("page size " + pageSize + " is no power of two from 4096 on");
    assertThat(HostFacts.builder().pageSize(65536).build().pageSize()).isEqualTo(65536);
  }

  @ParameterizedTest
  @ValueSource(ints = {-1, 6, 9})
  void barsAreNumbered0To5(int number) {
    assertThatIllegalArgumentException()
        .isThrownBy(HostDevice.builder().bar(number, Bar.builder(0x1000).build())::build)
        .withMessage("no BAR " + number + ", expected 0 to 5");
  }

  @Test
  void aNumberOfRangesIsNotNegative() {
    assertThatIllegalArgumentException()
        .isThrownBy(DmaLogging.builder().maxRanges(-1)::build)
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

  @Test
  void whatABuilderIsNotToldIsAsOfACapableHost() {
    assertThat(HostFacts.builder().build()).isEqualTo(HostFacts.CAPABLE);
    assertThat(HostContainer.builder().build()).isEqualTo(HostContainer.CAPABLE);
    assertThat(HostDevice.builder().build()).isEqualTo(HostDevice.CAPABLE);
    assertThat(DmaLogging.builder().build()).isEqualTo(DmaLogging.SUPPORTED);
    assertThat(Bar.builder(0x4000).build()).isEqualTo(new Bar(0x4000, BarKind.MEM64, false, true));
  }

  /** Every value differs from the default and from its neighbours. */
  @Test
  void aBuilderPutsEachFactInItsPlaceAndAHostMakesItsBuilderAgain() {
    HostDevice device =
        HostDevice.builder()
            .group(7)
            .driver("mlx5_vfio_pci")
            .pciId("15b3:101e")
            .migration(MigrationSupport.of(true, false, true))
            .dmaLogging(
                DmaLogging.builder()
                    .startError(Errno.EIO)
                    .stopError(Errno.EBUSY)
                    .reportError(Errno.EINVAL)
                    .maxRanges(3)
                    .maxLength(1L << 40)
                    .limitError(Errno.ENOMEM)
                    .build())
            .dmaBuf(false)
            .setStateError(VfioDeviceState.PRE_COPY, Errno.EIO)
            .bar(2, Bar.builder(0x1000).kind(BarKind.IO).prefetchable(true).mmap(false).build())
            .msix(new Msix(4, 2, 0x2000))
            .build();
    assertThat(device)
        .isEqualTo(
            new HostDevice(
                OptionalInt.of(7),
                Optional.of("mlx5_vfio_pci"),
                Optional.of("15b3:101e"),
                MigrationSupport.of(true, false, true),
                new DmaLogging(
                    true,
                    Optional.of(Errno.EIO),
                    Optional.of(Errno.EBUSY),
                    Optional.of(Errno.EINVAL),
                    3,
                    1L << 40,
                    Errno.ENOMEM),
                false,
                Map.of(VfioDeviceState.PRE_COPY, Errno.EIO),
                Map.of(2, new Bar(0x1000, BarKind.IO, true, false)),
                Optional.of(new Msix(4, 2, 0x2000)),
                EnumSet.allOf(Fact.class)));
    HostContainer container =
        HostContainer.builder()
            .dirtyTracking(false)
            .pageSizes(-65536)
            .dirtyPageSizes(65536)
            .maxDirtyBitmapSize(1 << 20)
            .dmaAvailable(9)
            .shared(false)
            .iovaRanges(List.of(new AddressRange(0, 0xfff)))
            .dirtyStartError(Errno.EIO)
            .dirtyGetError(Errno.EBUSY)
            .iommuDirtyTracking(true)
            .build();
    assertThat(container)
        .isEqualTo(
            new HostContainer(
                false,
                -65536,
                65536,
                1 << 20,
                9,
                false,
                List.of(new AddressRange(0, 0xfff)),
                Optional.of(Errno.EIO),
                Optional.of(Errno.EBUSY),
                Optional.of(true)));
    HostFacts host =
        HostFacts.builder()
            .pageSize(65536)
            .accelerator(Accelerator.TCG)
            .cpuVendor("AuthenticAMD")
            .cpuPhysBits(48)
            .kernel("6.12.1")
            .container(container)
            .device("0000:01:00.0", device)
            .build();
    assertThat(host)
        .isEqualTo(
            new HostFacts(
                65536,
                Optional.of(Accelerator.TCG),
                Optional.of("AuthenticAMD"),
                OptionalInt.of(48),
                Optional.of("6.12.1"),
                container,
                Map.of("0000:01:00.0", device)));
    assertThat(host.toBuilder().build()).isEqualTo(host);
    assertThat(container.toBuilder().build()).isEqualTo(container);
    assertThat(device.toBuilder().build()).isEqualTo(device);
  }

  @Test
  void aBuiltHostDoesNotFollowItsBuilder() {
    HostDeviceBuilder device = HostDevice.builder();
    HostDevice before = device.build();
    device.bar(0, Bar.builder(0x1000).build());
    assertThat(before.bars()).isEmpty();
    HostFactsBuilder host = HostFacts.builder();
    HostFacts empty = host.build();
    host.device("a", before);
    assertThat(empty.devices()).isEmpty();
  }

  /** What nobody said can be told from what was said, whatever its value. */
  @Test
  void aBuilderKnowsWhichFactsWereGiven() {
    assertThat(HostDevice.CAPABLE.given()).isEmpty();
    assertThat(HostDevice.builder().driver("mlx5_vfio_pci").dmaBuf(false).build().given())
        .isEmpty();
    HostDevice device =
        HostDevice.builder()
            .dmaLogging(DmaLogging.SUPPORTED)
            .migration(HostDevice.CAPABLE.migration())
            .build();
    assertThat(device.given()).containsExactly(Fact.MIGRATION, Fact.DMA_LOGGING).isUnmodifiable();
    assertThat(device.toBuilder().group(1).build().given())
        .containsExactly(Fact.MIGRATION, Fact.DMA_LOGGING, Fact.GROUP);
    assertThat(device.toBuilder().assumed(Fact.MIGRATION).build().given())
        .containsExactly(Fact.DMA_LOGGING);
  }

  @Test
  @SuppressWarnings("NullAway")
  void nullIsRefusedWhereItComesIn() {
    List<ThrowingCallable> nulls =
        List.of(
            () -> HostFacts.builder().kernel(null),
            () -> HostFacts.builder().cpuVendor(null),
            () -> HostFacts.builder().accelerator(null),
            () -> HostFacts.builder().container(null),
            () -> HostFacts.builder().device(null, HostDevice.CAPABLE),
            () -> HostFacts.builder().device("a", null),
            () -> HostContainer.builder().iovaRanges(null),
            () -> HostContainer.builder().dirtyStartError(null),
            () -> HostDevice.builder().driver(null),
            () -> HostDevice.builder().migration(null),
            () -> HostDevice.builder().dmaLogging(null),
            () -> HostDevice.builder().setStateError(VfioDeviceState.STOP, null),
            () -> HostDevice.builder().bar(0, null),
            () -> HostDevice.builder().msix(null),
            () -> DmaLogging.builder().limitError(null),
            () -> Bar.builder(1).kind(null).build(),
            () -> new MigrationSupport(null, true, true, true));
    for (ThrowingCallable call : nulls) {
      assertThatThrownBy(call).isInstanceOf(NullPointerException.class);
    }
    assertThatThrownBy(() -> HostFacts.builder().container(null)).hasMessage("container");
  }

  @Test
  void aPciIdIsVendorAndDevice() {
    assertThat(HostDevice.builder().pciId("15b3:101e").build().pciId()).contains("15b3:101e");
    for (String wrong : List.of("15b3", "15B3:101e", "15b3:101e ", "0x15b3:0x101e", "")) {
      assertThatIllegalArgumentException()
          .isThrownBy(() -> HostDevice.builder().pciId(wrong).build())
          .withMessageContaining("expected vendor and device such as 15b3:101e");
    }
  }
}
