package io.github.stopcopy.core.dirty;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Markers: when what they mark is in the bitmap and in a harvest (R-DT-52). */
class DirtyMarkerTest {

  /** More than a part has, so that there are two. */
  private static final long PAGES = (1 << 15) + 1000;

  /** How many pages a marker of so few keeps. */
  private static final int ROOM = 64;

  private final DirtyBitmap bitmap = new DirtyBitmap(PAGES);
  private final DirtyMarker marker = bitmap.marker();
  private final DirtyBitmap target = new DirtyBitmap(PAGES + 64);

  private static List<Long> pages(DirtyBitmap bitmap) {
    List<Long> pages = new ArrayList<>();
    for (long page = bitmap.nextDirty(0); page >= 0; page = bitmap.nextDirty(page + 1)) {
      pages.add(page);
    }
    return pages;
  }

  @ParameterizedTest
  @ValueSource(longs = {0, 3, 64})
  void aHarvestOfAllFindsWhatIsInNoBitmapYet(long targetPage) {
    marker.mark(PAGES - 1);
    marker.mark(7);
    marker.mark(7);
    marker.mark(1 << 15);
    assertThat(bitmap.count()).isZero();
    assertThat(bitmap.harvestInto(target, targetPage)).isEqualTo(3);
    assertThat(pages(target))
        .containsExactly(targetPage + 7, targetPage + (1 << 15), targetPage + PAGES - 1);
    assertThat(bitmap.harvestInto(target, targetPage)).as("in exactly one harvest").isZero();
    assertThat(bitmap.count()).isZero();
  }

  @Test
  void aPageThatIsInTheBitmapAndInAMarkerCountsOnce() {
    bitmap.mark(7);
    marker.mark(7);
    assertThat(bitmap.harvestInto(target, 0)).isEqualTo(1);
  }

  @Test
  void aHarvestOfSomePagesLeavesTheOthersInTheBitmap() {
    marker.mark(5);
    marker.mark(1000);
    marker.mark(PAGES - 1);
    assertThat(bitmap.harvestInto(1000, 1, target, 0)).isEqualTo(1);
    assertThat(pages(target)).containsExactly(0L);
    assertThat(pages(bitmap)).containsExactly(5L, PAGES - 1);
    assertThat(bitmap.harvestInto(target, 0)).isEqualTo(2);
  }

  @Test
  void whatIsFlushedIsInTheBitmap() {
    marker.mark(5);
    marker.mark(1 << 15);
    assertThat(bitmap.isDirty(5)).isFalse();
    marker.flush();
    assertThat(pages(bitmap)).containsExactly(5L, 1L << 15);
    assertThat(bitmap.raisedGroups()).isEqualTo(2);
    marker.flush();
    assertThat(bitmap.count()).isEqualTo(2);
  }

  @Test
  void aFullMarkerFlushesItself() {
    for (int page = 0; page < ROOM - 1; page++) {
      marker.mark(3 * page);
    }
    assertThat(bitmap.count()).isZero();
    marker.mark(PAGES - 1);
    assertThat(bitmap.count()).isEqualTo(ROOM);
  }

  @Test
  void whatAHarvestTookMakesRoom() {
    long fresh = 0;
    for (int page = 0; page < 10 * ROOM; page++) {
      marker.mark(page);
      if (page % (ROOM - 1) == 0) {
        fresh += bitmap.harvestInto(target, 0);
        assertThat(bitmap.count()).isZero();
      }
    }
    assertThat(fresh + bitmap.harvestInto(target, 0)).isEqualTo(10 * ROOM);
    assertThat(target.nextClean(0)).isEqualTo(10 * ROOM);
  }

  @Test
  void aRangeIsInTheBitmapAtOnce() {
    marker.mark(3, 0);
    assertThat(bitmap.count()).isZero();
    marker.mark((1 << 15) - 100, 200);
    assertThat(bitmap.nextDirty(0)).isEqualTo((1 << 15) - 100);
    assertThat(bitmap.nextClean(1 << 15)).isEqualTo((1 << 15) + 100);
    assertThat(bitmap.harvestInto(target, 0)).isEqualTo(200);
  }

  @Test
  void rangesOfAllLengthsAreAsThoseMarkedWithoutAMarker() {
    DirtyBitmap shared = new DirtyBitmap(PAGES);
    for (long first : new long[] {0, 1, 63, 64, 500, 511, 512, 32_000, 32_767, 32_768}) {
      for (long count : new long[] {1, 2, 63, 64, 65, 128, 129, 513, 1000, PAGES - first}) {
        marker.mark(first, count);
        shared.mark(first, count);
        assertThat(bitmap.count()).as("%s from %s", count, first).isEqualTo(shared.count());
        assertThat(bitmap.nextDirty(0)).isEqualTo(first);
        assertThat(bitmap.nextClean(first)).isEqualTo(first + count);
        assertThat(bitmap.raisedGroups()).isEqualTo(shared.raisedGroups());
        bitmap.harvestInto(target, 0);
        shared.harvestInto(target, 0);
        assertThat(bitmap.count() + shared.count()).isZero();
      }
    }
  }

  @Test
  void aClosedMarkerHasFlushedAndHasNoPages() {
    marker.mark(5);
    marker.close();
    assertThat(pages(bitmap)).containsExactly(5L);
    assertThatExceptionOfType(IndexOutOfBoundsException.class).isThrownBy(() -> marker.mark(5));
    assertThatExceptionOfType(IndexOutOfBoundsException.class).isThrownBy(() -> marker.mark(5, 1));
    assertThat(bitmap.harvestInto(target, 0)).isEqualTo(1);
    marker.close();
  }

  @Test
  void severalMarkersAreHarvestedAndOneThatIsClosedLeavesTheOthers() {
    try (DirtyMarker other = bitmap.marker()) {
      other.mark(9);
    }
    DirtyMarker third = bitmap.marker();
    third.mark(11);
    marker.mark(10);
    assertThat(bitmap.harvestInto(target, 0)).isEqualTo(3);
    assertThat(pages(target)).containsExactly(9L, 10L, 11L);
  }

  @Test
  void aPageOutsideIsRefused() {
    for (long page : new long[] {-1, PAGES, Long.MAX_VALUE}) {
      assertThatExceptionOfType(IndexOutOfBoundsException.class)
          .isThrownBy(() -> marker.mark(page));
    }
    assertThatExceptionOfType(IndexOutOfBoundsException.class)
        .isThrownBy(() -> marker.mark(PAGES - 1, 2));
    assertThat(bitmap.harvestInto(target, 0)).isZero();
  }

  @Test
  void aBitmapOfNoPagesHasMarkersThatMarkNone() {
    DirtyBitmap none = new DirtyBitmap(0);
    try (DirtyMarker marker = none.marker()) {
      marker.mark(0, 0);
      marker.flush();
      assertThat(none.harvestInto(target, 0)).isZero();
    }
  }

  /** As in a bitmap of 256 TiB, whose parts have 2^32 pages. */
  @Test
  void howFarAPageIsBehindTheFirstOfItsPartHasNoSign() {
    int[] behind = {Integer.MIN_VALUE + 70};
    long[] words = new long[2];
    long[] summary = new long[1];
    WordMarks.pages(words, summary, Integer.MIN_VALUE, behind, 0, 1);
    assertThat(words).containsExactly(0, 1 << 6);
    assertThat(summary).containsExactly(1);
    WordMarks.pagesAlone(words, summary, Integer.MIN_VALUE + 1L, behind, 0, 1);
    assertThat(words).containsExactly(0, 3 << 6);
  }
}
