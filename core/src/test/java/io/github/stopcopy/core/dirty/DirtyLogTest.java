package io.github.stopcopy.core.dirty;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.github.stopcopy.core.address.AddressRange;
import io.github.stopcopy.core.address.U64;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Logs of dirty pages in up to 2^64 bytes. */
class DirtyLogTest {

  private static final AddressRange ALL = new AddressRange(0, U64.MAX);
  private static final long WINDOW = (long) DirtyLog.WINDOW_PAGES << 12;

  private final DirtyLog log = new DirtyLog(4096);

  private static AddressRange range(long first, long last) {
    return new AddressRange(first, last);
  }

  private static AddressRange byteAt(long address) {
    return range(address, address);
  }

  /** The bits of a report of a range, as text. */
  private static String report(DirtyLog log, AddressRange range, long page) {
    DirtyBitmap into = new DirtyBitmap(Long.divideUnsigned(range.last() - range.first(), page) + 1);
    log.collect(range, page, into);
    StringBuilder runs = new StringBuilder();
    into.forEachRun((first, count) -> runs.append(' ').append(first).append('+').append(count));
    return runs.toString().trim();
  }

  @Test
  void aHarvestOfABitmapFindsWhatAMarkerMarked() {
    DirtyBitmap bitmap = new DirtyBitmap(100);
    DirtyLog log = new DirtyLog(4096);
    try (DirtyMarker marker = bitmap.marker()) {
      marker.mark(3);
      log.harvest(bitmap, 4096, 0x10000);
    }
    assertThat(log.dirtyRanges()).containsExactly(new AddressRange(0x13000, 0x13fff));
    assertThat(bitmap.count()).isZero();
  }

  @Test
  void aLogBeginsClean() {
    assertThat(log.pageSize()).isEqualTo(4096);
    assertThat(log.isEmpty()).isTrue();
    assertThat(log.dirtyRanges()).isEmpty();
    assertThat(log.isDirty(0)).isFalse();
    assertThat(report(log, range(0, 0xffff), 4096)).isEmpty();
  }

  @Test
  void everyPageWithAByteOfTheRangeIsMarked() {
    log.mark(range(0x1fff, 0x3000));
    log.mark(byteAt(0x7800));
    assertThat(log.isDirty(0xfff)).isFalse();
    assertThat(log.isDirty(0x1000)).isTrue();
    assertThat(log.isDirty(0x3fff)).isTrue();
    assertThat(log.isDirty(0x4000)).isFalse();
    assertThat(log.dirtyRanges()).containsExactly(range(0x1000, 0x3fff), range(0x7000, 0x7fff));
  }

  @Test
  void dirtyRangesAreJoinedOverWindowsAndRuns() {
    log.mark(range(WINDOW - 0x1000, WINDOW));
    log.mark(range(WINDOW + 0x1000, 3 * WINDOW + 0x1fff));
    log.mark(byteAt(3 * WINDOW + 0x2000));
    assertThat(log.dirtyRanges()).containsExactly(range(WINDOW - 0x1000, 3 * WINDOW + 0x2fff));
  }

  @ParameterizedTest
  @ValueSource(longs = {4096, 1 << 16, 1L << 21, 1L << 62, 1L << 63})
  void theWholeSpaceCanBeDirty(long pageSize) {
    DirtyLog any = new DirtyLog(pageSize);
    assertThat(any.pageSize()).isEqualTo(pageSize);
    any.mark(ALL);
    assertThat(any.dirtyRanges()).containsExactly(ALL);
    assertThat(any.isDirty(U64.MAX)).isTrue();
    assertThat(report(any, ALL, 1L << 63)).isEqualTo("0+2");
    assertThat(any.isEmpty()).isTrue();
  }

  @ParameterizedTest
  @ValueSource(longs = {4096, 1L << 48, 1L << 49, 1L << 62, 1L << 63})
  void pagesOfAnySizeAreTakenOverFromABitmap(long pageSize) {
    DirtyLog any = new DirtyLog(pageSize);
    DirtyBitmap last = new DirtyBitmap(1);
    last.mark(0);
    any.harvest(last, pageSize, -pageSize);
    assertThat(any.dirtyRanges()).containsExactly(range(-pageSize, -1));
    DirtyLog other = new DirtyLog(pageSize);
    any.moveInto(other, pageSize);
    assertThat(other.dirtyRanges()).containsExactly(range(0, pageSize - 1));
    assertThat(last.count()).isZero();
  }

  @Test
  void aHugeRunIsGoneOnceItIsMoved() {
    DirtyLog other = new DirtyLog(4096);
    log.mark(ALL);
    log.moveInto(other, 0);
    assertThat(other.dirtyRanges()).containsExactly(ALL);
    assertThat(log.isEmpty()).isTrue();
    assertThat(log.dirtyRanges()).isEmpty();
    log.moveInto(new DirtyLog(4096), 0);
    assertThat(report(log, ALL, 1L << 63)).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(longs = {0, 3 * WINDOW, -WINDOW, 3 * WINDOW + 0x1000, 0x800})
  void pagesMoveByAnyDistanceOntoWhatIsThere(long distance) {
    log.mark(range(4 * WINDOW + 0x2000, 4 * WINDOW + 0x3fff));
    log.mark(range(7 * WINDOW, 7 * WINDOW + 0xfff));
    DirtyLog other = new DirtyLog(4096);
    other.mark(byteAt(4 * WINDOW + 0x8000 + distance));
    log.moveInto(other, distance);
    long part = distance & 0xfff;
    long all = distance - part;
    long more = part == 0 ? 0 : 0x1000;
    assertThat(other.dirtyRanges())
        .containsExactly(
            range(4 * WINDOW + 0x2000 + all, 4 * WINDOW + 0x3fff + more + all),
            range(4 * WINDOW + 0x8000 + all, 4 * WINDOW + 0x8fff + all),
            range(7 * WINDOW + all, 7 * WINDOW + 0xfff + more + all));
    assertThat(log.isEmpty()).isTrue();
  }

  /** As many as no list of runs holds: whole bitmaps move, if they can, onto what is there. */
  @ParameterizedTest
  @ValueSource(longs = {0, 3 * WINDOW, -WINDOW, 3 * WINDOW + 0x1000, WINDOW / 2})
  void manyScatteredPagesMoveByAnyDistanceOntoWhatIsThere(long distance) {
    DirtyLog alike = new DirtyLog(4096);
    DirtyLog other = new DirtyLog(4096);
    List<AddressRange> expected = new ArrayList<>();
    for (int i = 0; i < 100; i++) {
      long page = 4 * WINDOW + i * 0x500000L;
      log.mark(byteAt(page));
      alike.mark(byteAt(page));
      other.mark(byteAt(page + distance + 0x8000));
      expected.add(range(page + distance, page + distance + 0xfff));
      expected.add(range(page + distance + 0x8000, page + distance + 0x8fff));
    }
    DirtyLog empty = new DirtyLog(4096);

    alike.moveInto(empty, distance);
    log.moveInto(other, distance);

    assertThat(empty.dirtyRanges())
        .containsExactlyElementsOf(
            expected.stream().filter(each -> (each.first() & 0x8000) == 0).toList());
    assertThat(other.dirtyRanges()).containsExactlyElementsOf(expected);
    assertThat(log.isEmpty()).isTrue();
  }

  @Test
  void aHugeRunMovesByTheDistanceAndAroundTheEndOfTheSpace() {
    log.mark(range(4 * WINDOW, 6 * WINDOW - 1));
    DirtyLog other = new DirtyLog(4096);
    log.moveInto(other, WINDOW);
    assertThat(other.dirtyRanges()).containsExactly(range(5 * WINDOW, 7 * WINDOW - 1));
    other.moveInto(log, -6 * WINDOW);
    assertThat(log.dirtyRanges()).containsExactly(range(0, WINDOW - 1), range(-WINDOW, -1));
  }

  @Test
  void aLogOfLargerPagesMovesIntoOneOfSmaller() {
    DirtyLog large = new DirtyLog(1 << 16);
    large.mark(byteAt(0x12345));
    log.mark(byteAt(0x30000));
    large.moveInto(log, 0);
    assertThat(log.dirtyRanges()).containsExactly(range(0x10000, 0x1ffff), range(0x30000, 0x30fff));
    log.clear(ALL);
    large.mark(byteAt(0x12345));
    large.moveInto(log, 0);
    assertThat(log.dirtyRanges()).containsExactly(range(0x10000, 0x1ffff));
  }

  @Test
  void R_DT_44_aPartIsCollectedIntoAnotherLogCutAtBothEnds() {
    log.mark(range(0x1000, 0x1fff));
    log.mark(range(0x3000, 0x6fff));
    log.mark(range(0x9000, 0x9fff));
    log.mark(range(4 * WINDOW, 8 * WINDOW));
    DirtyLog small = new DirtyLog(4096);
    log.collect(range(0x3800, 0x67ff), small);
    assertThat(small.dirtyRanges()).containsExactly(range(0x3000, 0x6fff));
    assertThat(log.dirtyRanges())
        .as("pages that lie in the range in part stay")
        .containsExactly(
            range(0x1000, 0x1fff),
            range(0x3000, 0x3fff),
            range(0x6000, 0x6fff),
            range(0x9000, 0x9fff),
            range(4 * WINDOW, 8 * WINDOW + 0xfff));

    DirtyLog large = new DirtyLog(1 << 16);
    large.mark(byteAt(0x10000));
    DirtyLog parts = new DirtyLog(4096);
    large.collect(range(0x12000, 0x15fff), parts);
    assertThat(parts.dirtyRanges()).containsExactly(range(0x12000, 0x15fff));
    large.collect(range(0x8000, 0x11fff), parts);
    assertThat(parts.dirtyRanges()).containsExactly(range(0x10000, 0x15fff));
    large.collect(range(0x1c000, 0x2ffff), parts);
    assertThat(parts.dirtyRanges())
        .containsExactly(range(0x10000, 0x15fff), range(0x1c000, 0x1ffff));
  }

  @Test
  void R_DT_52_whatBeginsWithinAPageMakesThePagesOnBothSidesDirty() {
    DirtyBitmap pages = new DirtyBitmap(4);
    pages.mark(0);
    pages.mark(3);
    log.harvest(pages, 4096, 0x10800);
    assertThat(log.dirtyRanges()).containsExactly(range(0x10000, 0x11fff), range(0x13000, 0x14fff));
    assertThat(pages.count()).isZero();
  }

  /** Every second page of the first window, of which 16 are more runs than numbers are kept for. */
  private void markRuns(int count) {
    for (int i = 0; i < count; i++) {
      log.mark(byteAt(i * 0x2000L));
    }
  }

  @Test
  void aFewRunsTakeNoBitmapWhateverTheirLength() {
    markRuns(7);
    log.mark(range(1L << 50, (1L << 50) + WINDOW / 2 - 1));
    assertThat(log.bitmaps()).isZero();
    assertThat(log.count()).isEqualTo(7 + WINDOW / 2 / 4096);
  }

  @Test
  void ofManyRunsOneThatFillsAWindowTakesTwoNumbersAndAShorterOneABitmap() {
    markRuns(16);
    assertThat(log.bitmaps()).isEqualTo(1);
    long far = 1L << 50;
    log.mark(range(far, far + WINDOW - 1));
    assertThat(log.bitmaps()).isEqualTo(1);
    log.mark(range(far + 2 * WINDOW, far + 3 * WINDOW - 0x1001));
    assertThat(log.bitmaps()).isEqualTo(2);
    log.clear(range(far + 2 * WINDOW, far + 3 * WINDOW - 0x1001));
    assertThat(log.bitmaps()).as("nothing is dirty there").isEqualTo(1);
    assertThat(log.dirtyRanges()).hasSize(17).endsWith(range(far, far + WINDOW - 1));
  }

  @ParameterizedTest
  @CsvSource({"1, 1", "32767, 1", "32768, 0", "65536, 0"})
  void aRunOfABitmapTakesNoMoreThanOneThatIsMarked(int pages, int bitmaps) {
    DirtyBitmap dirty = new DirtyBitmap(pages);
    dirty.fill();
    log.harvest(dirty, 4096, 5 * WINDOW);
    assertThat(log.bitmaps()).isEqualTo(bitmaps);
    assertThat(log.dirtyRanges())
        .containsExactly(range(5 * WINDOW, 5 * WINDOW + pages * 4096L - 1));
  }

  @Test
  void aLogIsNotMovedIntoItself() {
    log.mark(ALL);
    assertThatIllegalArgumentException().isThrownBy(() -> log.moveInto(log, 4096));
    assertThatIllegalArgumentException().isThrownBy(() -> log.collect(ALL, log));
    assertThat(log.dirtyRanges()).containsExactly(ALL);
  }

  @Test
  void theLastPageOfTheSpaceIsAPage() {
    log.mark(byteAt(U64.MAX));
    assertThat(log.dirtyRanges()).containsExactly(range(-4096, -1));
    assertThat(log.isDirty(-4096)).isTrue();
    assertThat(report(log, range(-0x3000, -1), 4096)).isEqualTo("2+1");
    assertThat(log.isEmpty()).isTrue();
  }

  @Test
  void aHugeRunCanBeClearedInItsMiddle() {
    log.mark(ALL);
    log.clear(range(1L << 40, (1L << 41) - 1));
    assertThat(log.dirtyRanges()).containsExactly(range(0, (1L << 40) - 1), range(1L << 41, -1));
    log.mark(byteAt((1L << 40) + 5));
    assertThat(log.isDirty(1L << 40)).isTrue();
    assertThat(log.isDirty((1L << 40) + 4096)).isFalse();
    log.clear(ALL);
    assertThat(log.isEmpty()).isTrue();
  }

  @Test
  void R_DT_44_bitIIsThePageFromTheRangesFirstOnAndTheLogIsCleared() {
    log.mark(range(0x3000, 0x4fff));
    log.mark(byteAt(0x9000));
    assertThat(report(log, range(0x2000, 0x8fff), 4096)).isEqualTo("1+2");
    assertThat(log.dirtyRanges()).containsExactly(range(0x9000, 0x9fff));
    assertThat(report(log, range(0x2000, 0x8fff), 4096)).isEmpty();
  }

  @Test
  void R_DT_44_bitsAreOnlySet() {
    DirtyBitmap into = new DirtyBitmap(100);
    into.mark(0);
    into.mark(99);
    log.mark(byteAt(0x1000));
    log.collect(range(0, 0x3fff), 4096, into);
    assertThat(into.count()).isEqualTo(3);
  }

  @Test
  void R_DT_44_aReportInSmallerPagesShowsLargePagesWhole() {
    DirtyLog large = new DirtyLog(1 << 16);
    large.mark(byteAt(0x12345));
    assertThat(report(large, range(0, 0x3ffff), 4096)).isEqualTo("16+16");
    large.mark(byteAt(0x12345));
    assertThat(report(large, range(0x18000, 0x2ffff), 4096)).isEqualTo("0+8");
  }

  @Test
  void R_DT_44_aReportInLargerPagesShowsThoseWithADirtyPart() {
    log.mark(byteAt(0x1f000));
    log.mark(byteAt(0x20000));
    log.mark(byteAt(0x53000));
    assertThat(report(log, range(0, 0x7ffff), 1 << 16)).isEqualTo("1+2 5+1");
    assertThat(log.isEmpty()).isTrue();
  }

  @ParameterizedTest
  @CsvSource({
    "0x1800, 0x37ff, 0+2, 'pages of the log cut at both ends'",
    "0x2000, 0x2fff, 0+1, 'one page'",
    "0x2001, 0x2ffe, 0+1, 'within a page'",
    "0x2fff, 0x3000, 0+1, 'bytes on both sides of a border'",
    "0x3000, 0x4000, '', 'behind'"
  })
  void aRangeNeedNotBeginOrEndWithAPage(String first, String last, String bits, String what) {
    log.mark(byteAt(0x2abc));
    AddressRange range = range(Long.decode(first), Long.decode(last));
    assertThat(report(log, range, 4096)).as(what).isEqualTo(bits);
    boolean whole = range.contains(range(0x2000, 0x2fff));
    assertThat(log.isDirty(0x2000)).as("a page in the range in part stays").isEqualTo(!whole);
  }

  @Test
  void aPageInTheRangeInPartIsReportedByBothSides() {
    log.mark(byteAt(0x2000));
    assertThat(report(log, range(0, 0x27ff), 4096)).isEqualTo("2+1");
    assertThat(report(log, range(0x2800, 0x4fff), 4096)).isEqualTo("0+1");
    assertThat(log.isDirty(0x2000)).isTrue();
  }

  @Test
  void aBitmapThatIsTooSmallIsRefusedAndNothingCleared() {
    log.mark(byteAt(0x5000));
    assertThatIllegalArgumentException()
        .isThrownBy(() -> log.collect(range(0, 0x5000), 4096, new DirtyBitmap(5)))
        .withMessage("a bitmap of 5 pages for [0x0,0x5000] in pages of 4096 bytes, expected 6");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> log.collect(ALL, 1L << 63, new DirtyBitmap(1)))
        .withMessageEndingWith(" in pages of 9223372036854775808 bytes, expected 2");
    assertThat(log.isDirty(0x5000)).isTrue();
  }

  @ParameterizedTest
  @CsvSource({
    "0, 0",
    "1, 1",
    "2048, 2048",
    "4097, 4097",
    "12288, 12288",
    "-4096, 18446744073709547520"
  })
  void R_DT_44_aPageSizeIsAPowerOfTwoFrom4096On(long size, String shown) {
    String message = "pages of " + shown + " bytes, expected a power of two from 4096 on";
    assertThatIllegalArgumentException().isThrownBy(() -> new DirtyLog(size)).withMessage(message);
    assertThatIllegalArgumentException()
        .isThrownBy(() -> log.collect(range(0, 1), size, new DirtyBitmap(1)))
        .withMessage(message);
    assertThatIllegalArgumentException()
        .isThrownBy(() -> log.harvest(new DirtyBitmap(1), size, 0))
        .withMessage(message);
  }

  @Test
  void clearingLessThanAPageClearsNothing() {
    log.mark(range(0, 0x1fff));
    log.clear(range(1, 0xfff));
    log.clear(range(0, 0xffe));
    log.clear(range(0x800, 0x17ff));
    assertThat(log.dirtyRanges()).containsExactly(range(0, 0x1fff));
    log.clear(range(0x800, 0x1fff));
    assertThat(log.dirtyRanges()).containsExactly(range(0, 0xfff));
  }

  @Test
  void clearingAtABorderOfWindowsLeavesTheOtherSide() {
    log.mark(range(WINDOW - 0x3000, WINDOW + 0x2fff));
    log.clear(range(WINDOW, WINDOW + 0xffe));
    assertThat(log.dirtyRanges()).containsExactly(range(WINDOW - 0x3000, WINDOW + 0x2fff));
    log.clear(range(0, WINDOW - 0x1001));
    assertThat(log.dirtyRanges()).containsExactly(range(WINDOW - 0x1000, WINDOW + 0x2fff));
    log.clear(range(0, WINDOW - 1));
    assertThat(log.dirtyRanges()).containsExactly(range(WINDOW, WINDOW + 0x2fff));
    log.clear(range(WINDOW, WINDOW + 0xfff));
    assertThat(log.dirtyRanges()).containsExactly(range(WINDOW + 0x1000, WINDOW + 0x2fff));
  }
}
