package io.github.stopcopy.core.memory;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.github.stopcopy.core.Seeds;
import io.github.stopcopy.core.address.AddressRange;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.NoSuchElementException;
import java.util.Objects;
import java.util.SplittableRandom;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** A list in which runs are replaced, held against a plain one. */
class FlatRangesTest {

  private static final MemoryRegion REGION =
      new GuestMemory(false, true).ram("ram", Views.size(0x1000));

  /** A run of eight addresses; its place is counted in sixteens. */
  private static FlatRange run(long place, long offset) {
    AddressRange range = new AddressRange(place << 4, (place << 4) + 7);
    return new FlatRange(REGION, range, offset, DirtyLogMask.NONE, true, false, false, false);
  }

  private static List<FlatRange> runs(int count, int distance) {
    List<FlatRange> runs = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      runs.add(run((long) i * distance, 0));
    }
    return runs;
  }

  @Test
  void manyReplacementsGiveWhatAPlainListGives() {
    Seeds.run(
        20,
        seed -> {
          SplittableRandom random = new SplittableRandom(seed);
          List<FlatRange> plain = runs(random.nextInt(600), 16);
          FlatRanges ranges = FlatRanges.of(plain);
          for (int i = 0; i < 100; i++) {
            FlatRanges before = ranges;
            List<FlatRange> shown = List.copyOf(plain);
            ranges = replaceSome(random, plain, ranges, i);
            assertSame(ranges, plain, random);
            assertIsBalanced(ranges);
            assertThat(before.equals(shown)).as("the list before is as it was").isTrue();
          }
        });
  }

  /** Replaces what begins in an interval of places by others there. */
  private static FlatRanges replaceSome(
      SplittableRandom random, List<FlatRange> plain, FlatRanges ranges, int generation) {
    int most = random.nextInt(8) == 0 ? 4000 : 40;
    long first = random.nextInt(9600);
    long last = first + random.nextInt(most);
    int from = 0;
    while (from < plain.size() && plain.get(from).range().first() >> 4 < first) {
      from++;
    }
    int to = from;
    while (to < plain.size() && plain.get(to).range().first() >> 4 <= last) {
      to++;
    }
    List<FlatRange> come = new ArrayList<>();
    int step = 1 + random.nextInt(60);
    for (long place = first + random.nextInt(step); place <= last; place += step) {
      come.add(run(place, generation + 1));
    }
    plain.subList(from, to).clear();
    plain.addAll(from, come);
    return ranges.replaced(from, to, come);
  }

  private static void assertSame(
      FlatRanges ranges, List<FlatRange> plain, SplittableRandom random) {
    if (!ranges.equals(plain) || ranges.size() != plain.size()) {
      assertThat(ranges).containsExactlyElementsOf(plain).hasSameSizeAs(plain);
    }
    for (int i = 0; i < 20; i++) {
      long address = random.nextInt(9700 << 4);
      int ending = 0;
      while (ending < plain.size() && plain.get(ending).range().last() < address) {
        ending++;
      }
      boolean isHeld = ending < plain.size() && plain.get(ending).range().first() <= address;
      assertThat(ranges.endingBefore(address)).isEqualTo(ending);
      assertThat(ranges.at(address)).isSameAs(isHeld ? plain.get(ending) : null);
      if (ending < plain.size()) {
        assertThat(ranges.get(ending)).isSameAs(plain.get(ending));
        assertThat(ranges.iteratorAt(ending).next()).isSameAs(plain.get(ending));
      }
    }
  }

  @Test
  void manyRunsInAnyOrderOfComingStayInAShallowTree() {
    FlatRanges up = FlatRanges.NONE;
    FlatRanges down = FlatRanges.NONE;
    int count = 5_000;
    for (int i = 0; i < count; i++) {
      up = up.replaced(i, i, List.of(run(i, 0)));
      down = down.replaced(0, 0, List.of(run(count - 1 - i, 0)));
    }
    assertThat(up).isEqualTo(down).hasSize(count);
    assertIsBalanced(up);
    assertIsBalanced(down);
    while (up.size() > 20) {
      int at = up.size() / 3;
      up = up.replaced(at, at + 1, List.of());
      if (up.size() % 20 == 0) {
        assertIsBalanced(up);
      }
    }
    assertIsBalanced(up);
  }

  @Test
  void itEndsWhereAPlainListEnds() {
    FlatRanges ranges = FlatRanges.of(runs(65, 1));
    Iterator<FlatRange> past = ranges.iteratorAt(65);
    assertThat(past.hasNext()).isFalse();
    assertThatExceptionOfType(NoSuchElementException.class).isThrownBy(past::next);
    assertThatExceptionOfType(IndexOutOfBoundsException.class).isThrownBy(() -> ranges.get(65));
    assertThatExceptionOfType(UnsupportedOperationException.class)
        .isThrownBy(() -> ranges.remove(0));
    assertThat(ranges.replaced(0, 65, List.of())).isEmpty();
    assertThat(FlatRanges.of(List.of())).isSameAs(FlatRanges.NONE);
  }

  /** What keeps a search and a copy short, which no answer shows. */
  private static void assertIsBalanced(FlatRanges ranges) {
    Object root = Inside.of(ranges, "root");
    assertIsBalanced(root, true);
  }

  private static long assertIsBalanced(@Nullable Object node, boolean isOnly) {
    if (node == null) {
      return 0;
    }
    Object left = Inside.of(node, "left");
    Object right = Inside.of(node, "right");
    long leftHeight = assertIsBalanced(left, false);
    long rightHeight = assertIsBalanced(right, false);
    assertThat(Math.abs(leftHeight - rightHeight)).isLessThanOrEqualTo(2);
    int runs = ((FlatRange[]) Objects.requireNonNull(Inside.of(node, "chunk"))).length;
    boolean mayBeFew = isOnly && left == null && right == null;
    assertThat(runs).isBetween(mayBeFew ? 1 : 16, 64);
    return 1 + Math.max(leftHeight, rightHeight);
  }
}
