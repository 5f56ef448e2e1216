package io.github.stopcopy.vfiopci.tracker;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.stopcopy.core.address.AddressRange;
import io.github.stopcopy.core.address.U64;
import io.github.stopcopy.core.dirty.DirtyBitmap;
import io.github.stopcopy.core.error.Errno;
import io.github.stopcopy.core.error.InputException;
import io.github.stopcopy.core.spi.DirtyTrackerProvider;
import io.github.stopcopy.core.spi.StartResult;
import io.github.stopcopy.core.spi.TrackerConfig;
import java.math.BigInteger;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What devices with limits make of a start (R-DT-45 .. R-DT-48). */
class DeviceLimitsTest {

  private static final AddressRange BELOW_4G = new AddressRange(0, 0xffffffffL);
  private static final AddressRange WIDTH_48 = new AddressRange(0, 0xffffffffffffL);

  private static DeviceLogTracker open(DirtyTrackerProvider provider, String... parameters)
      throws InputException {
    Map<String, String> all = new HashMap<>();
    for (String parameter : parameters) {
      all.put(parameter.split("=")[0], parameter.split("=")[1]);
    }
    return (DeviceLogTracker) provider.open(new TrackerConfig("x", 4096, all));
  }

  private static StartResult mlx5(List<AddressRange> ranges, String... parameters)
      throws InputException {
    return open(new Mlx5TrackerProvider(), parameters).start(ranges, 4096);
  }

  private static StartResult pds(AddressRange range, long pageSize) throws InputException {
    return open(new PdsTrackerProvider()).start(List.of(range), pageSize);
  }

  @Test
  void R_DT_47_mlx5RefusesTheWidthOfA48BitViommuAndTakes39Bits() throws InputException {
    assertThat(mlx5(List.of(WIDTH_48)))
        .isEqualTo(
            new StartResult.Refused(
                Errno.EOPNOTSUPP, "an address space of 2^48 bytes, expected 2^12 to 2^42"));
    assertThat(mlx5(List.of(new AddressRange(0, 0x7fffffffffL))))
        .isEqualTo(new StartResult.Granted(4096));
  }

  @ParameterizedTest
  @CsvSource({
    "3ffffffffff, granted",
    "40000000fff, refused",
  })
  void R_DT_47_theSumIsRoundedUpToAPowerOfTwo(String last, String outcome) throws InputException {
    StartResult result = mlx5(List.of(new AddressRange(0, Long.parseLong(last, 16))));
    assertThat(result instanceof StartResult.Granted).isEqualTo(outcome.equals("granted"));
  }

  @Test
  void R_DT_47_aBarAt56TiBAloneNeeds2To46() throws InputException {
    AddressRange withBar = new AddressRange(0x100000000L, 0x3838000fffffL);
    assertThat(mlx5(List.of(new AddressRange(0, 0x807fffffL), withBar)))
        .extracting("why")
        .isEqualTo("an address space of 2^46 bytes, expected 2^12 to 2^42");
  }

  @Test
  void R_DT_47_tooManyRangesAreCoalescedAndTheGapsAreTracked() throws InputException {
    DeviceLogTracker two = open(new Mlx5TrackerProvider(), "max-ranges=2");
    AddressRange near = new AddressRange(0x2000, 0x2fff);
    AddressRange far = new AddressRange(0x100000, 0x1fffff);
    two.start(List.of(new AddressRange(0, 0xfff), near, far), 4096);
    assertThat(two.logged()).containsExactly(new AddressRange(0, 0x2fff), far);
  }

  @ParameterizedTest
  @CsvSource({"4096, 65536", "65536, 65536", "131072, 131072", "4194304, 1048576"})
  void R_DT_47_thePageSizeIsClamped(long asked, long granted) throws InputException {
    DeviceLogTracker device =
        open(new Mlx5TrackerProvider(), "min-page-size=64K", "max-page-size=1M");
    assertThat(device.start(List.of(BELOW_4G), asked)).isEqualTo(new StartResult.Granted(granted));
  }

  @Test
  void R_DT_48_pdsTracksOneRangeFromFirstToLast() throws InputException {
    DeviceLogTracker device = open(new PdsTrackerProvider());
    device.start(List.of(new AddressRange(0x10000000000L, 0x1ff7fffffffL), BELOW_4G), 4096);
    assertThat(device.logged()).containsExactly(new AddressRange(0, 0x1ff7fffffffL));
  }

  @Test
  void R_DT_48_pdsCountsPagesIn32Bits() throws InputException {
    assertThat(pds(new AddressRange(0, 0xfffffffefffL), 4096))
        .isEqualTo(new StartResult.Granted(4096));
    assertThat(pds(new AddressRange(0, 0xfffffffffffL), 4096))
        .isEqualTo(
            new StartResult.Refused(
                Errno.EOPNOTSUPP, "4294967296 pages in [0x0,0xfffffffffff], counted in 32 bits"));
    assertThat(pds(new AddressRange(0, 0xfffffffffffL), 65536))
        .isEqualTo(new StartResult.Granted(65536));
  }

  @Test
  void R_DT_48_aReportOfPdsMustLieInTheRegion() throws InputException {
    DeviceLogTracker device = open(new PdsTrackerProvider());
    device.start(List.of(new AddressRange(0x1000, 0x2fff)), 4096);
    DirtyBitmap bits = new DirtyBitmap(4);
    assertThat(device.report(new AddressRange(0, 0x2fff), 4096, bits)).contains(Errno.EINVAL);
    assertThat(device.report(new AddressRange(0x2000, 0x2fff), 4096, bits)).isEmpty();
  }

  @ParameterizedTest
  @CsvSource({
    "-1, 0, 64, 4096, 4096, 64", "0, -1, 64, 4096, 4096, 64", "0, 0, 65, 4096, 4096, 64",
    "0, 9, 8, 4096, 4096, 64", "0, 0, 64, 2048, 4096, 64", "0, 0, 64, 5000, 8192, 64",
    "0, 0, 64, 4096, 5000, 64", "0, 0, 64, 8192, 4096, 64", "0, 0, 64, 4096, 4096, 0",
    "0, 0, 64, 4096, 4096, 65",
  })
  void limitsThatNoDeviceHasAreRefused(
      int ranges, int least, int most, long minPage, long maxPage, int countBits) {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new DeviceLimits(ranges, least, most, minPage, maxPage, countBits, false))
        .withMessageContaining("expected");
  }

  @ParameterizedTest
  @CsvSource({
    "max-ranges=0, max-ranges is '0'", "max-size-bits=65, max-size-bits is '65'",
    "min-page-size=5000, min-page-size is '5000'", "ranges=1, 'ranges' is unknown",
    "max-page-size=x, max-page-size is 'x'",
  })
  void parametersThatMakeNoSenseAreNamed(String parameter, String named) {
    assertThatThrownBy(() -> open(new Mlx5TrackerProvider(), parameter))
        .isInstanceOf(InputException.class)
        .hasMessageContaining(named)
        .hasMessageContaining("expected");
  }

  @Test
  void theLowerLimitMustNotPassTheUpper() {
    assertThatThrownBy(
            () -> open(new Mlx5TrackerProvider(), "min-page-size=1M", "max-page-size=64K"))
        .isInstanceOf(InputException.class);
    assertThatThrownBy(
            () -> open(new Mlx5TrackerProvider(), "min-size-bits=40", "max-size-bits=39"))
        .isInstanceOf(InputException.class);
  }

  @ParameterizedTest
  @CsvSource({
    "0, 0, 4096, 4096, 1",
    "1, 64, 4096, 4096, 64",
    "0, 64, 4096, 8192, 1",
  })
  void limitsUpToTheLastValueAreTaken(
      int ranges, int least, long minPage, long maxPage, int countBits) {
    DeviceLimits limits = new DeviceLimits(ranges, least, 64, minPage, maxPage, countBits, false);
    assertThat(limits.minSizeBits()).isEqualTo(least);
    assertThat(limits.pageCountBits()).isEqualTo(countBits);
  }

  @Test
  void R_DT_47_theLeastSizeIsTracked() throws InputException {
    AddressRange page = new AddressRange(0x4000, 0x4fff);
    assertThat(mlx5(List.of(page), "min-size-bits=12")).isEqualTo(new StartResult.Granted(4096));
    assertThat(mlx5(List.of(page), "min-size-bits=13"))
        .extracting("why")
        .isEqualTo("an address space of 2^12 bytes, expected 2^13 to 2^42");
  }

  @Test
  void withoutALimitRangesAreTrackedAsTheyAreAndAscending() {
    DeviceLogTracker device = new DeviceLogTracker(DeviceLimits.NONE);
    AddressRange first = new AddressRange(0, 0xfff);
    AddressRange second = new AddressRange(0x8000, 0x8fff);
    AddressRange third = new AddressRange(-0x10000, -0xf001);
    device.start(List.of(third, second, first), 4096);
    assertThat(device.logged()).containsExactly(first, second, third);
  }

  /** R-DT-47, R-DT-48: sums and counts that 64 bits do not hold, against numbers without limits. */
  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3})
  void R_DT_48_countsAndSumsOfAnySizeAreWhatTheyAre(long seed) {
    Random random = new Random(seed);
    for (int i = 0; i < 2000; i++) {
      DeviceLimits limits =
          new DeviceLimits(
              0,
              random.nextInt(40),
              40 + random.nextInt(25),
              4096,
              4096,
              1 + random.nextInt(64),
              false);
      List<AddressRange> ranges = new ArrayList<>();
      for (int k = random.nextInt(4); k > 0; k--) {
        long first = random.nextInt(3) == 0 ? 0 : random.nextLong() >>> random.nextInt(64);
        long last = random.nextInt(3) == 0 ? -1 : random.nextLong() >>> random.nextInt(64);
        ranges.add(
            U64.lessOrEqual(first, last)
                ? new AddressRange(first, last)
                : new AddressRange(last, first));
      }
      assertThat(limits.refusal(ranges, 4096)).isEqualTo(refusal(limits, ranges));
    }
  }

  private static Optional<String> refusal(DeviceLimits limits, List<AddressRange> ranges) {
    BigInteger sum = BigInteger.ZERO;
    for (AddressRange range : ranges) {
      BigInteger size =
          U64.toBigInteger(range.last())
              .subtract(U64.toBigInteger(range.first()))
              .add(BigInteger.ONE);
      BigInteger pages = size.add(BigInteger.valueOf(4095)).shiftRight(12);
      if (pages.bitLength() > limits.pageCountBits()) {
        return Optional.of(
            pages + " pages in " + range + ", counted in " + limits.pageCountBits() + " bits");
      }
      sum = sum.add(size);
    }
    int bits = sum.subtract(BigInteger.ONE).bitLength();
    return bits < limits.minSizeBits() || bits > limits.maxSizeBits()
        ? Optional.of(
            "an address space of 2^"
                + bits
                + " bytes, expected 2^"
                + limits.minSizeBits()
                + " to 2^"
                + limits.maxSizeBits())
        : Optional.empty();
  }
}
