package io.github.stopcopy.core.dirty;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.github.stopcopy.core.Seeds;
import io.github.stopcopy.core.address.AddressRange;
import io.github.stopcopy.core.address.U64;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Fewer ranges of many, as the kernel makes them. */
class RangeCoalescingTest {

  /** Ranges by their ends. */
  private static List<AddressRange> ranges(long... ends) {
    List<AddressRange> ranges = new ArrayList<>();
    for (int i = 0; i < ends.length; i += 2) {
      ranges.add(new AddressRange(ends[i], ends[i + 1]));
    }
    return ranges;
  }

  private static void becomes(List<AddressRange> ranges, int most, long... ends) {
    assertThat(RangeCoalescing.asKernel(ranges, most)).isEqualTo(ranges(ends)).isUnmodifiable();
    assertThat(RangeCoalescing.coalesce(ranges, most)).isEqualTo(ranges(ends)).isUnmodifiable();
  }

  @Test
  void R_DT_46_theExampleStepByStep() {
    List<AddressRange> ranges = ranges(0, 9, 20, 29, 35, 39, 100, 109);
    becomes(ranges, 4, 0, 9, 20, 29, 35, 39, 100, 109);
    becomes(ranges, 3, 0, 9, 20, 39, 100, 109);
    becomes(ranges, 2, 0, 39, 100, 109);
    becomes(ranges, 1, 0, 109);
  }

  @Test
  void R_DT_45_oneRangeHoldsAll() {
    becomes(ranges(50, 59, 0, 9, 100, -1), 1, 0, -1);
    becomes(ranges(7, 8), 1, 7, 8);
  }

  @Test
  void R_DT_45_ofEqualGapsTheFirstIsClosed() {
    List<AddressRange> even = ranges(0, 9, 20, 29, 40, 49, 60, 69, 80, 89);
    becomes(even, 4, 0, 29, 40, 49, 60, 69, 80, 89);
    becomes(even, 3, 0, 49, 60, 69, 80, 89);
    becomes(even, 2, 0, 69, 80, 89);
    becomes(ranges(0, 9, 30, 39, 45, 49, 70, 79, 85, 89), 4, 0, 9, 30, 49, 70, 79, 85, 89);
  }

  @Test
  void R_DT_45_adjacentRangesStayApartUntilTheyMustNot() {
    List<AddressRange> adjacent = ranges(0, 9, 10, 19, 21, 29);
    becomes(adjacent, 3, 0, 9, 10, 19, 21, 29);
    becomes(adjacent, 2, 0, 19, 21, 29);
  }

  @Test
  void R_DT_45_gapsAreUnsigned() {
    becomes(ranges(0, 0, 1L << 62, 1L << 62, -1, -1), 2, 0, 1L << 62, -1, -1);
    becomes(ranges(0, 0, -3, -3, -1, -1), 2, 0, 0, -3, -1);
  }

  @Test
  void R_DT_42_rangesComeInAnyOrderAndMustNotOverlap() {
    becomes(ranges(35, 39, 0, 9, 100, 109, 20, 29), 2, 0, 39, 100, 109);
    for (List<AddressRange> overlapping :
        List.of(
            ranges(0, 9, 9, 19),
            ranges(20, 29, 0, 20),
            ranges(5, 9, 5, 9),
            ranges(-2, -1, 0, 1, 50, -1),
            ranges(0, 100, 20, 29))) {
      assertThatIllegalArgumentException()
          .isThrownBy(() -> RangeCoalescing.asKernel(overlapping, 10))
          .withMessageEndingWith(" overlap (R-DT-42)");
      assertThatIllegalArgumentException()
          .isThrownBy(() -> RangeCoalescing.coalesce(overlapping, 10))
          .withMessageEndingWith(" overlap (R-DT-42)");
    }
    assertThatIllegalArgumentException()
        .isThrownBy(() -> RangeCoalescing.coalesce(ranges(20, 29, 0, 20), 1))
        .withMessage("[0x0,0x14] and [0x14,0x1d] overlap (R-DT-42)");
  }

  @Test
  void noRangesStayNone() {
    becomes(List.of(), 1);
    becomes(List.of(), Integer.MAX_VALUE);
  }

  @ParameterizedTest
  @ValueSource(ints = {0, -1, Integer.MIN_VALUE})
  void atLeastOneRangeMustBeAllowed(int most) {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> RangeCoalescing.asKernel(List.of(), most))
        .withMessage("at most " + most + " ranges, expected 1 or more");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> RangeCoalescing.coalesce(ranges(0, 1), most))
        .withMessage("at most " + most + " ranges, expected 1 or more");
  }

  @Test
  void rangesGivenAreLeftAsTheyAre() {
    List<AddressRange> given = ranges(20, 29, 0, 9);
    RangeCoalescing.asKernel(given, 1);
    RangeCoalescing.coalesce(given, 1);
    assertThat(given).isEqualTo(ranges(20, 29, 0, 9));
    given = ranges(0, 9, 20, 29, 40, 49);
    RangeCoalescing.asKernel(given, 2);
    assertThat(given).isEqualTo(ranges(0, 9, 20, 29, 40, 49));
  }

  @Test
  void R_DT_45_onePassIsWhatTheKernelDoesStepForStep() {
    Seeds.run(
        20_000,
        seed -> {
          Random random = new Random(seed);
          List<AddressRange> ranges = anyRanges(random);
          int most = 1 + random.nextInt(ranges.size() + 2);
          List<AddressRange> coalesced = RangeCoalescing.coalesce(ranges, most);
          assertThat(coalesced).isEqualTo(RangeCoalescing.asKernel(ranges, most));
          assertThat(coalesced).hasSize(Math.min(most, ranges.size()));
          for (AddressRange range : ranges) {
            assertThat(coalesced.stream().filter(joined -> joined.contains(range)).count())
                .isEqualTo(1);
          }
        });
  }

  @Test
  void noOtherRangesOfSoManyHoldFewerBytes() {
    Seeds.run(
        2000,
        seed -> {
          Random random = new Random(seed);
          List<AddressRange> ranges = new ArrayList<>();
          long at = 0;
          for (int i = 1 + random.nextInt(9); i > 0; i--) {
            long first = at + random.nextInt(6);
            at = first + 1 + random.nextInt(10);
            ranges.add(new AddressRange(first, at - 1));
          }
          int most = 1 + random.nextInt(ranges.size());
          long total = 0;
          for (AddressRange range : RangeCoalescing.coalesce(ranges, most)) {
            total += range.last() - range.first() + 1;
          }
          assertThat(total).isEqualTo(leastBytes(ranges, most));
        });
  }

  /** The fewest bytes that so many ranges can have, by trying which gaps stay open. */
  private static long leastBytes(List<AddressRange> ranges, int most) {
    long least = Long.MAX_VALUE;
    for (int open = 0; open < 1 << ranges.size() - 1; open++) {
      if (Integer.bitCount(open) != most - 1) {
        continue;
      }
      long bytes = 0;
      long first = ranges.get(0).first();
      for (int i = 0; i < ranges.size(); i++) {
        boolean ends = i == ranges.size() - 1 || (open >> i & 1) != 0;
        if (ends) {
          bytes += ranges.get(i).last() - first + 1;
          first = i == ranges.size() - 1 ? 0 : ranges.get(i + 1).first();
        }
      }
      least = Math.min(least, bytes);
    }
    return least;
  }

  /**
   * Ranges that do not overlap, near 0, near 2^64 or far apart, many gaps equal, often in disorder.
   */
  private static List<AddressRange> anyRanges(Random random) {
    List<AddressRange> ranges = new ArrayList<>();
    int most = 1 + random.nextInt(random.nextInt(10) == 0 ? 300 : 20);
    int spread = 1 + random.nextInt(random.nextBoolean() ? 3 : 58);
    long at = random.nextBoolean() ? 0 : -1L - (long) most * (2L << spread);
    if (spread > 50) {
      at = 0;
    }
    while (ranges.size() < most) {
      long first = at + (random.nextLong() & (1L << spread) - 1);
      long last = first + (random.nextLong() & (1L << spread) - 1);
      if (U64.less(first, at) || U64.lessOrEqual(U64.MAX - 1, last) || U64.less(last, first)) {
        ranges.add(new AddressRange(at, U64.MAX));
        break;
      }
      ranges.add(new AddressRange(first, last));
      at = last + 1;
    }
    if (random.nextBoolean()) {
      Collections.shuffle(ranges, random);
    }
    return ranges;
  }
}
