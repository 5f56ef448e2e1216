package io.github.stopcopy.testkit;

import io.github.stopcopy.core.spi.DirtyTracker;
import java.util.function.UnaryOperator;

/**
 * The ways in which dirty trackers go wrong, as trackers: each wraps an honest one and breaks one
 * promise of {@link DirtyTracker}. {@link DirtyTrackerContract} fails for every one of them; they
 * serve to see that a test of one's own would notice.
 *
 * {@snippet file="LogTrackerTest.java" region="fault"}
 */
public enum TrackerFault {
  /** No start is granted. */
  REFUSES_START(LifecycleFaults::refusesStart),
  /** A start is refused if other pages than those of 4096 bytes are asked for. */
  REFUSES_LARGE_PAGES(LifecycleFaults::refusesLargePages),
  /** The page size that is granted is no power of two. */
  GRANTS_ODD_PAGE_SIZE(LifecycleFaults::grantsOddPageSize),
  /** A start is refused if its ranges do not ascend. */
  WANTS_ASCENDING_RANGES(LifecycleFaults::wantsAscendingRanges),
  /** The caller's list of ranges is sorted in place. */
  SORTS_RANGES_OF_THE_CALLER(LifecycleFaults::sortsRangesOfTheCaller),
  /** The caller's list of ranges is looked at after the start. */
  KEEPS_RANGES_OF_THE_CALLER(WriteFaults::keepsRanges),
  /** A second start is granted and begins anew. */
  GRANTS_SECOND_START(LifecycleFaults::grantsSecondStart),
  /** A second start is refused, but the log is lost. */
  FORGETS_AT_SECOND_START(LifecycleFaults::forgetsAtSecondStart),
  /** What was not reported before a stop is in the log of the next start. */
  KEEPS_LOG_OVER_RESTART(LifecycleFaults::keepsLogOverRestart),
  /** A report is done while nothing is logged. */
  REPORTS_WITHOUT_START(LifecycleFaults::reportsWithoutStart),
  /** A stop is done while nothing is logged. */
  STOPS_WITHOUT_START(LifecycleFaults::stopsWithoutStart),
  /** A close throws while nothing is logged. */
  THROWS_AT_CLOSE(LifecycleFaults::throwsAtClose),
  /** Of many ranges only the first 16 are logged; the kernel hands over up to 256 (R-DT-40). */
  LOGS_FIRST_RANGES_ONLY(ScaleFaults::logsFirstRangesOnly),
  /** From the fourth start on nothing is logged. */
  LOSES_ALL_FROM_FOURTH_START(ScaleFaults::losesAllFromFourthStart),
  /** A start in pages of 2 MiB and more is refused. */
  REFUSES_HUGE_PAGES(ScaleFaults::refusesHugePages),
  /** A start in pages of 2 MiB and more is granted, and nothing is logged. */
  LOSES_ALL_IN_HUGE_PAGES(ScaleFaults::losesAllInHugePages),

  /** Every fiftieth write is lost. */
  LOSES_FEW_WRITES(WriteFaults::losesFewWrites),
  /** Writes to the last page of a range are lost. */
  LOSES_LAST_PAGE_OF_RANGE(WriteFaults::losesLastPageOfRange),
  /** Of a write that crosses pages only the first page is logged. */
  LOGS_FIRST_PAGE_ONLY(WriteFaults::logsFirstPageOnly),
  /** Of a write only the first 128 MiB are logged. */
  CUTS_LARGE_WRITES(WriteFaults::cutsLargeWrites),
  /** A write that leaves its range is not logged at all. */
  IGNORES_WRITES_THAT_LEAVE_A_RANGE(WriteFaults::ignoresWritesThatLeaveARange),
  /** Addresses from 2^63 on are taken for negative ones. */
  COMPARES_SIGNED(WriteFaults::comparesSigned),
  /** A write appears only in the report after the next. */
  REPORTS_LATE(WriteFaults::reportsLate),
  /** A write appears in the next report and in the one after. */
  REPORTS_TWICE(WriteFaults::reportsTwice),
  /** Pages of 4096 bytes are granted, pages of 64 KiB are logged. */
  LOGS_LARGER_PAGES_THAN_GRANTED(WriteFaults::logsLargerPagesThanGranted),
  /** Pages of 64 KiB are granted, but only the written parts of 4096 bytes are reported. */
  LOGS_SMALLER_PAGES_THAN_GRANTED(WriteFaults::logsSmallerPagesThanGranted),
  /** The log has room for 512 writes between two reports; what comes then is lost. */
  OVERFLOWS_AFTER_512_WRITES(ScaleFaults::overflows),
  /** The length of a write is kept in 31 bits, so that one of 2 GiB and more is lost. */
  LOSES_WRITES_OF_2_GIB(ScaleFaults::losesWritesOf2Gib),
  /** Writes from 2^44 on are lost. */
  LOSES_ADDRESSES_FROM_44_BITS_ON(ScaleFaults::losesHighAddresses),

  /** Bit 63 of a word of the bitmap is never set. */
  LOSES_LAST_BIT_OF_WORD(ReportFaults::losesLastBitOfWord),
  /** The last page of a report is never dirty. */
  LOSES_LAST_PAGE_OF_REPORT(ReportFaults::losesLastPageOfReport),
  /**
   * A report of a part of a start range forgets all of the range, as a PC's shadow RAM would find
   * out.
   */
  FORGETS_REST_OF_RANGE(ReportFaults::forgetsRestOfRange),
  /** Only reports of exactly a start range are done. */
  WANTS_START_RANGES(ReportFaults::wantsStartRanges),
  /** A report that is not within a start range throws. */
  THROWS_OUTSIDE(ReportFaults::throwsOutside),
  /** A report that is not within a start range is refused, but what it asked for is forgotten. */
  FORGETS_WHAT_IT_REFUSES(ReportFaults::forgetsWhatItRefuses),
  /** A report outside of the ranges is all dirty. */
  MARKS_OUTSIDE(ReportFaults::marksOutside),
  /** If the last page of a report is dirty, the bit behind it is set as well. */
  MARKS_BEYOND_REPORT(ReportFaults::marksBeyondReport),
  /** A report into a log leaves out the last page. */
  LOSES_LAST_PAGE_IN_LOGS(ReportFaults::losesLastPageInLogs),
  /** A report into a log marks the page behind it as well. */
  MARKS_BEYOND_IN_LOGS(ReportFaults::marksBeyondInLogs),
  /** Bits that the caller had set are cleared. */
  CLEARS_BITMAP(ReportFaults::clearsBitmap),
  /** A bit stands for 4096 bytes, whatever page size the report asks for. */
  IGNORES_PAGE_SIZE_OF_REPORT(ReportFaults::ignoresPageSizeOfReport),
  /** Bits are counted from the beginning of the start range, not from that of the report. */
  COUNTS_BITS_FROM_START_RANGE(ReportFaults::countsBitsFromStartRange),
  /** A bit stands for 2 MiB at most, whatever page size the report asks for. */
  CUTS_PAGE_SIZE_OF_REPORT(ScaleFaults::cutsPageSizeOfReport),
  /** Bits from 2^23 on are never set; QEMU asks for 2^24. */
  CUTS_REPORT_AT_2_POW_23_BITS(ScaleFaults::cutsReport),
  /** The bitmap of the latest report is kept, and what is written later is set in it too. */
  KEEPS_BITMAP_OF_THE_CALLER(ScaleFaults::keepsBitmap);

  private final UnaryOperator<DirtyTracker> wrap;

  TrackerFault(UnaryOperator<DirtyTracker> wrap) {
    this.wrap = wrap;
  }

  /**
   * Gives the fault to a tracker.
   *
   * @param honest a tracker that logs nothing yet and is used by nobody else from now on
   * @return the faulty tracker, single-threaded like every other
   */
  public DirtyTracker inject(DirtyTracker honest) {
    return wrap.apply(honest);
  }
}
