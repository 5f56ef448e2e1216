package io.github.stopcopy.core.dirty;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.BufferOverflowException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Bitmaps of dirty pages, method by method. */
class DirtyBitmapTest {

  private static DirtyBitmap of(long pages, long... dirty) {
    DirtyBitmap bitmap = new DirtyBitmap(pages);
    for (long page : dirty) {
      bitmap.mark(page);
    }
    return bitmap;
  }

  private static List<Long> pages(DirtyBitmap bitmap) {
    List<Long> pages = new ArrayList<>();
    for (long page = bitmap.nextDirty(0); page >= 0; page = bitmap.nextDirty(page + 1)) {
      pages.add(page);
    }
    return pages;
  }

  @ParameterizedTest
  @CsvSource({
    "0, 0",
    "1, 8",
    "64, 8",
    "65, 16",
    "524288, 65536",
    "1048576, 131072",
    "1572864, 196608",
    "134217728, 16777216",
    "68719476736, 8589934592"
  })
  void R_DT_50_aBitmapTakesWholeWordsOf8Bytes(long pages, long bytes) {
    assertThat(DirtyBitmap.bytes(pages)).isEqualTo(bytes);
  }

  @Test
  void aNumberOfPagesIsNotNegative() {
    assertThatThrownBy(() -> DirtyBitmap.bytes(-1))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("-1 pages, expected 0 or more");
    assertThat(DirtyBitmap.bytes(Long.MAX_VALUE)).isEqualTo(1L << 60);
  }

  @Test
  void R_DT_50_aBitmapBeginsClean() {
    DirtyBitmap bitmap = new DirtyBitmap(1000);
    assertThat(bitmap.pages()).isEqualTo(1000);
    assertThat(bitmap.count()).isZero();
    assertThat(bitmap.nextDirty(0)).isEqualTo(-1);
    assertThat(bitmap).hasToString("0 of 1000 pages dirty");
  }

  @ParameterizedTest
  @ValueSource(longs = {-1, Long.MIN_VALUE, DirtyBitmap.MAX_PAGES + 1, Long.MAX_VALUE})
  void aBitmapHas0To2To36Pages(long pages) {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new DirtyBitmap(pages))
        .withMessage(pages + " pages, expected 0 to 68719476736");
  }

  @Test
  void aBitmapOfNoPagesCanBeAskedEverything() {
    DirtyBitmap none = new DirtyBitmap(0);
    none.fill();
    none.mark(0, 0);
    none.clear(0, 0);
    none.forEachRun((first, count) -> none.mark(0));
    assertThat(none.count()).isZero();
    assertThat(none.nextDirty(0)).isEqualTo(-1);
    assertThat(none.nextClean(0)).isZero();
    assertThat(none.harvestInto(new DirtyBitmap(0), 0)).isZero();
    assertThat(none.harvestInto(of(5, 1), 5)).isZero();
    assertThat(none.mergeInto(of(5, 1), 5)).isZero();
    assertThat(none.splitInto(of(5, 1), 5, 16)).isZero();
    assertThat(none.joinInto(of(5, 1), 5, 16)).isZero();
    assertThat(none.mergeFrom(ByteBuffer.allocate(0))).isZero();
    none.writeTo(ByteBuffer.allocate(0));
  }

  @Test
  void pagesOutsideAreRefused() {
    DirtyBitmap bitmap = new DirtyBitmap(100);
    for (long page : new long[] {-1, 100, 127, Long.MAX_VALUE, Long.MIN_VALUE}) {
      outside(() -> bitmap.mark(page));
      outside(() -> bitmap.isDirty(page));
      outside(() -> bitmap.clear(page));
      outside(() -> bitmap.mark(page, 1));
      outside(() -> bitmap.clear(page, 1));
    }
    outside(() -> bitmap.mark(1, 100));
    outside(() -> bitmap.mark(1, -1));
    outside(() -> bitmap.mark(100, Long.MAX_VALUE));
    outside(() -> bitmap.clear(99, 2));
    outside(() -> bitmap.nextDirty(-1));
    outside(() -> bitmap.nextClean(-1));
    assertThat(bitmap.count()).isZero();
  }

  private static void outside(Runnable call) {
    assertThatExceptionOfType(IndexOutOfBoundsException.class).isThrownBy(call::run);
  }

  @Test
  void clearAnswersWhetherThePageWasDirty() {
    DirtyBitmap bitmap = of(200, 63, 64);
    assertThat(bitmap.clear(63)).isTrue();
    assertThat(bitmap.clear(63)).isFalse();
    assertThat(pages(bitmap)).containsExactly(64L);
  }

  @Test
  void searchesBeyondTheEndFindNothing() {
    DirtyBitmap bitmap = of(100, 99);
    bitmap.fill();
    assertThat(bitmap.nextDirty(100)).isEqualTo(-1);
    assertThat(bitmap.nextDirty(Long.MAX_VALUE)).isEqualTo(-1);
    assertThat(bitmap.nextClean(0)).isEqualTo(100);
    assertThat(bitmap.nextClean(Long.MAX_VALUE)).isEqualTo(100);
  }

  @Test
  void runsHaveCleanPagesAroundThem() {
    DirtyBitmap bitmap = new DirtyBitmap(70_000);
    bitmap.mark(0, 1);
    bitmap.mark(60, 8);
    bitmap.mark(32_700, 1000);
    bitmap.mark(69_999, 1);
    List<String> runs = new ArrayList<>();
    bitmap.forEachRun((first, count) -> runs.add(first + "+" + count));
    assertThat(runs).containsExactly("0+1", "60+8", "32700+1000", "69999+1");
  }

  @Test
  void theGreatestBitmapTakes8GiB() {
    assertThat(DirtyBitmap.words(DirtyBitmap.MAX_PAGES)).isEqualTo(1 << 30);
  }

  /** A group is 512 pages; 5000 are ten groups, the last of them not whole. */
  @ParameterizedTest
  @CsvSource({
    "0, 5000, 0, 'all'",
    "0, 512, 9, 'one group'",
    "512, 1024, 8, 'two groups within'",
    "0, 1023, 9, 'a group and part of the next'",
    "1, 1023, 9, 'a group and part of the one before'",
    "1, 1022, 10, 'parts of two groups'",
    "511, 2, 10, 'a page on both sides of a border'",
    "4608, 392, 9, 'the last group, which is not whole'",
    "4608, 391, 10, 'the last group but its last page'",
    "4607, 393, 9, 'a page and the last group'",
    "4609, 391, 10, 'the last group but its first page'",
    "4000, 999, 9, 'a group and parts on both sides'",
    "700, 50, 10, 'within a group'"
  })
  void R_DT_52_aHarvestLeavesOnlyTheGroupsToLookAtThatItDidNotTakeWhole(
      int first, int count, int left, String what) {
    DirtyBitmap bitmap = new DirtyBitmap(5000);
    bitmap.fill();
    DirtyBitmap target = new DirtyBitmap(6000);
    assertThat(bitmap.raisedGroups()).isEqualTo(10);

    assertThat(bitmap.harvestInto(first, count, target, 77)).as(what).isEqualTo(count);
    assertThat(bitmap.raisedGroups()).as(what).isEqualTo(left);
    assertThat(bitmap.count()).as(what).isEqualTo(5000 - count);
    assertThat(target.count()).as(what).isEqualTo(count);
    assertThat(target.nextDirty(0)).as(what).isEqualTo(77);
    assertThat(target.nextClean(77)).as(what).isEqualTo(77 + count);
  }

  /** 32768 pages are a word of the summary: groups that are all dirty are gone through as one. */
  @ParameterizedTest
  @CsvSource({
    "32768, 0", "32768, 64", "32768, 512", "32768, 1", "32768, 63", "32768, 32831",
    "32700, 0", "32700, 64", "32700, 7", "32769, 0", "32769, 128", "32769, 65",
    "100000, 0", "100000, 192", "100000, 33"
  })
  void R_DT_52_whatIsDirtyAllOverIsMergedAtAnyDistance(int pages, int targetPage) {
    DirtyBitmap source = new DirtyBitmap(pages);
    source.fill();
    source.clear(1000, 600);
    source.clear(pages - 70);
    BitSet expected = new BitSet();
    expected.set(targetPage, targetPage + pages);
    expected.clear(targetPage + 1000, targetPage + 1600);
    expected.clear(targetPage + pages - 70);
    int dirty = pages - 601;
    DirtyBitmap merged = of(targetPage + pages, targetPage + 5, targetPage + 1100);
    DirtyBitmap harvested = of(targetPage + pages, targetPage + 5, targetPage + 1100);
    expected.set(targetPage + 1100);

    assertThat(source.mergeInto(merged, targetPage)).isEqualTo(dirty - 1);
    assertThat(bits(merged)).isEqualTo(expected);
    assertThat(source.count()).as("nothing is cleared").isEqualTo(dirty);
    assertThat(source.harvestInto(harvested, targetPage)).isEqualTo(dirty - 1);
    assertThat(bits(harvested)).isEqualTo(expected);
    assertThat(harvested.count()).isEqualTo(dirty + 1);
    assertThat(source.count()).isZero();
    assertThat(source.raisedGroups()).isZero();
  }

  /** By its runs, which the summary leads to. */
  private static BitSet bits(DirtyBitmap bitmap) {
    BitSet bits = new BitSet();
    bitmap.forEachRun((first, count) -> bits.set((int) first, (int) (first + count)));
    return bits;
  }

  @Test
  void R_DT_52_aHarvestOfSomeGroupsOfManyLeavesTheOthers() {
    DirtyBitmap bitmap = new DirtyBitmap(40_000);
    bitmap.fill();
    DirtyBitmap target = new DirtyBitmap(40_000);
    assertThat(bitmap.harvestInto(512, 1024, target, 512)).isEqualTo(1024);
    assertThat(bitmap.count()).isEqualTo(40_000 - 1024);
    assertThat(bitmap.raisedGroups()).isEqualTo(79 - 2);
    assertThat(bits(target).nextSetBit(0)).isEqualTo(512);
    assertThat(bits(target).nextClearBit(512)).isEqualTo(1536);
  }

  @Test
  void R_DT_60_aMigrationBeginsWithEveryPageDirty() {
    DirtyBitmap migration = new DirtyBitmap(33_000);
    migration.fill();
    assertThat(migration.count()).isEqualTo(33_000);
    DirtyBitmap synced = of(33_000, 5);
    assertThat(synced.harvestInto(migration, 0)).as("5 was dirty already").isZero();
    assertThat(synced.count()).isZero();
  }

  @Test
  void R_DT_60_aHarvestCountsWhatIsNewAndClearsAll() {
    DirtyBitmap synced = of(1000, 1, 2, 511, 512, 999);
    DirtyBitmap migration = of(1000, 2, 3);
    assertThat(synced.harvestInto(migration, 0)).isEqualTo(4);
    assertThat(pages(migration)).containsExactly(1L, 2L, 3L, 511L, 512L, 999L);
    assertThat(synced.count()).isZero();
    assertThat(synced.harvestInto(migration, 0)).isZero();
    synced.mark(2);
    assertThat(synced.harvestInto(migration, 0)).isZero();
  }

  @ParameterizedTest
  @ValueSource(longs = {0, 64, 512, 1, 63, 65, 700})
  void R_DT_52_bitIIsPageRamPagePlusI(long ramPage) {
    DirtyBitmap report = of(600, 0, 63, 64, 511, 512, 599);
    DirtyBitmap merged = new DirtyBitmap(600 + ramPage);
    assertThat(report.mergeInto(merged, ramPage)).isEqualTo(6);
    assertThat(report.count()).isEqualTo(6);
    DirtyBitmap harvested = new DirtyBitmap(600 + ramPage);
    assertThat(report.harvestInto(harvested, ramPage)).isEqualTo(6);
    assertThat(pages(merged))
        .isEqualTo(pages(harvested))
        .containsExactly(
            ramPage, ramPage + 63, ramPage + 64, ramPage + 511, ramPage + 512, ramPage + 599);
  }

  @Test
  void aHarvestOfAPartLeavesTheRestEvenInTheSameWord() {
    DirtyBitmap bitmap = new DirtyBitmap(3000);
    bitmap.fill();
    DirtyBitmap target = new DirtyBitmap(2000);
    assertThat(bitmap.harvestInto(100, 1900, target, 37)).isEqualTo(1900);
    assertThat(target.nextDirty(0)).isEqualTo(37);
    assertThat(target.nextClean(37)).isEqualTo(1937);
    assertThat(bitmap.count()).isEqualTo(1100);
    assertThat(bitmap.nextClean(0)).isEqualTo(100);
    assertThat(bitmap.nextDirty(100)).isEqualTo(2000);
  }

  @Test
  void aTargetMustHaveRoomAndBeAnother() {
    DirtyBitmap bitmap = of(100, 7);
    DirtyBitmap target = new DirtyBitmap(120);
    outside(() -> bitmap.harvestInto(target, 21));
    outside(() -> bitmap.harvestInto(target, -1));
    outside(() -> bitmap.harvestInto(90, 11, target, 0));
    outside(() -> bitmap.harvestInto(-1, 5, target, 0));
    outside(() -> bitmap.mergeInto(target, 21));
    outside(() -> bitmap.splitInto(target, 0, 2));
    outside(() -> bitmap.joinInto(target, 71, 2));
    for (Runnable self :
        List.<Runnable>of(
            () -> bitmap.harvestInto(bitmap, 0),
            () -> bitmap.mergeInto(bitmap, 0),
            () -> bitmap.splitInto(bitmap, 0, 1),
            () -> bitmap.joinInto(bitmap, 50, 2))) {
      assertThatIllegalArgumentException()
          .isThrownBy(self::run)
          .withMessage("a bitmap cannot be merged into itself");
    }
    assertThat(pages(bitmap)).containsExactly(7L);
    assertThat(target.count()).isZero();
  }

  @Test
  void aLargerPageIsAllItsParts() {
    DirtyBitmap device = of(10, 0, 3);
    DirtyBitmap report = of(165, 4, 6);
    assertThat(device.splitInto(report, 5, 16)).isEqualTo(31);
    assertThat(report.nextDirty(0)).isEqualTo(4);
    assertThat(report.nextClean(4)).isEqualTo(21);
    assertThat(report.nextDirty(21)).isEqualTo(53);
    assertThat(report.nextClean(53)).isEqualTo(69);
    assertThat(report.count()).isEqualTo(33);
    assertThat(device.count()).isEqualTo(2);
  }

  @Test
  void aLargerPageIsDirtyIfAnyPartIs() {
    DirtyBitmap device = of(100, 0, 1, 17, 99);
    DirtyBitmap report = of(8, 1);
    assertThat(device.joinInto(report, 1, 16)).isEqualTo(2);
    assertThat(pages(report)).containsExactly(1L, 2L, 7L);
  }

  @Test
  void aRunThatEndsWithALargerPageMakesNotTheNextOneDirty() {
    DirtyBitmap device = of(100, 14, 15, 47);
    DirtyBitmap report = new DirtyBitmap(8);
    assertThat(device.joinInto(report, 1, 16)).isEqualTo(2);
    assertThat(pages(report)).containsExactly(1L, 3L);
  }

  @ParameterizedTest
  @ValueSource(ints = {0, -1, Integer.MIN_VALUE})
  void aPageHasAtLeastOnePart(int parts) {
    DirtyBitmap bitmap = of(10);
    for (Runnable call :
        List.<Runnable>of(
            () -> bitmap.splitInto(of(10), 0, parts), () -> bitmap.joinInto(of(10), 0, parts))) {
      assertThatIllegalArgumentException()
          .isThrownBy(call::run)
          .withMessage(parts + " parts of a page, expected 1 or more");
    }
  }

  @Test
  void R_DT_44_bitIOfTheBytesIsPageIWhateverTheOrderOfTheBuffer() {
    for (ByteOrder order : List.of(ByteOrder.BIG_ENDIAN, ByteOrder.LITTLE_ENDIAN)) {
      ByteBuffer out = ByteBuffer.allocateDirect(30).order(order).position(3);
      of(70, 0, 9, 63, 69).writeTo(out);
      assertThat(out.position()).isEqualTo(19);
      assertThat(out.order()).isEqualTo(order);
      out.flip().position(3);
      assertThat(out.get(3)).isEqualTo((byte) 1);
      assertThat(out.get(4)).isEqualTo((byte) 2);
      assertThat(out.get(10)).isEqualTo((byte) 0x80);
      assertThat(out.get(11)).isEqualTo((byte) 0x20);

      DirtyBitmap read = of(70, 9, 10);
      assertThat(read.mergeFrom(out)).isEqualTo(3);
      assertThat(pages(read)).containsExactly(0L, 9L, 10L, 63L, 69L);
      assertThat(out.remaining()).isZero();
    }
  }

  @Test
  void R_DT_44_bitsBeyondTheLastPageAreNotLookedAt() {
    ByteBuffer ones = ByteBuffer.allocate(16).putLong(-1).putLong(-1).flip();
    DirtyBitmap bitmap = new DirtyBitmap(65);
    assertThat(bitmap.mergeFrom(ones)).isEqualTo(65);
    assertThat(bitmap.count()).isEqualTo(65);
    DirtyBitmap target = new DirtyBitmap(65);
    assertThat(bitmap.harvestInto(target, 0)).isEqualTo(65);
  }

  @Test
  void bytesMustFit() {
    DirtyBitmap bitmap = of(65, 1);
    ByteBuffer small = ByteBuffer.allocate(15);
    assertThatExceptionOfType(BufferOverflowException.class)
        .isThrownBy(() -> bitmap.writeTo(small));
    assertThat(small.position()).isZero();
    for (int bytes : new int[] {0, 8, 15, 17, 24}) {
      ByteBuffer in = ByteBuffer.allocate(bytes);
      assertThatIllegalArgumentException()
          .isThrownBy(() -> bitmap.mergeFrom(in))
          .withMessage("a bitmap of " + bytes + " bytes, expected 16 for 65 pages");
      assertThat(in.position()).isZero();
    }
  }

  @Test
  void theLastWordOfTheGreatestBitmapIsInTheLastGroup() {
    int words = (int) (DirtyBitmap.MAX_PAGES >>> 6);
    int summaryWord = (words - 1 >>> 3) >>> 6;
    assertThat(BitWords.firstOfLowest(summaryWord, 1L << 63)).isEqualTo(words - 8);
    assertThat(BitWords.between(DirtyBitmap.MAX_PAGES - 3, DirtyBitmap.MAX_PAGES - 2, words - 1))
        .isEqualTo(0b011L << 61);
  }
}
