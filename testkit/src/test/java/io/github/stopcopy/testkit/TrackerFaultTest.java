package io.github.stopcopy.testkit;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.stopcopy.core.spi.DirtyTracker;
import io.github.stopcopy.core.spi.TrackerConfig;
import java.util.EnumSet;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * Runs the contract of dirty trackers against every fault: a kit that passes a liar is worth
 * nothing.
 */
class TrackerFaultTest {

  /** The faults that only report too much, which a tracker may that does not claim to be exact. */
  private static final Set<TrackerFault> HARMLESS =
      EnumSet.of(
          TrackerFault.KEEPS_LOG_OVER_RESTART,
          TrackerFault.REPORTS_TWICE,
          TrackerFault.LOGS_LARGER_PAGES_THAN_GRANTED,
          TrackerFault.LOGS_SMALLER_PAGES_THAN_GRANTED,
          TrackerFault.MARKS_OUTSIDE);

  /** The faults, each with the case of the contract that is there to catch it. */
  private static final String CASES =
      """
      REFUSES_START, startIsGranted
      REFUSES_LARGE_PAGES, startInLargePagesIsGranted
      GRANTS_ODD_PAGE_SIZE, startIsGranted
      WANTS_ASCENDING_RANGES, rangesMayDescend
      SORTS_RANGES_OF_THE_CALLER, theListOfRangesBelongsToTheCaller
      KEEPS_RANGES_OF_THE_CALLER, theListOfRangesBelongsToTheCaller
      GRANTS_SECOND_START, aSecondStartIsRefused
      FORGETS_AT_SECOND_START, aSecondStartIsRefused
      KEEPS_LOG_OVER_RESTART, aStopForgetsTheLog
      REPORTS_WITHOUT_START, reportsAreRefusedWhileNothingIsLogged
      STOPS_WITHOUT_START, aStopIsRefusedWhileNothingIsLogged
      THROWS_AT_CLOSE, closeIsSilent
      LOGS_FIRST_RANGES_ONLY, manyRangesAreLogged
      LOSES_ALL_FROM_FOURTH_START, aTrackerStartsManyTimes
      REFUSES_HUGE_PAGES, startsComeInAnyPageSize
      LOSES_ALL_IN_HUGE_PAGES, startsComeInAnyPageSize
      LOSES_FEW_WRITES, randomWritesAndReports
      LOSES_LAST_PAGE_OF_RANGE, singleBytesAreReported
      LOGS_FIRST_PAGE_ONLY, everyPageOfAWriteIsReported
      CUTS_LARGE_WRITES, aLargeWriteIsReported
      IGNORES_WRITES_THAT_LEAVE_A_RANGE, aWriteAcrossRangesIsReported
      COMPARES_SIGNED, addressesAreUnsigned
      REPORTS_LATE, aWriteIsReportedOnce
      REPORTS_TWICE, aWriteIsReportedOnce
      LOGS_LARGER_PAGES_THAN_GRANTED, reportsComeInAnyPageSize
      LOGS_SMALLER_PAGES_THAN_GRANTED, reportsComeInAnyPageSize
      OVERFLOWS_AFTER_512_WRITES, manyWritesBetweenReportsAreReported
      LOSES_WRITES_OF_2_GIB, writesOfEverySizeAreReported
      LOSES_ADDRESSES_FROM_44_BITS_ON, addressesOfEveryMagnitude
      LOSES_LAST_BIT_OF_WORD, everyPageOfAWriteIsReported
      LOSES_LAST_PAGE_OF_REPORT, singleBytesAreReported
      FORGETS_REST_OF_RANGE, sectionsOfAPcDoNotAlignWithStartRanges
      WANTS_START_RANGES, sectionsOfAPcDoNotAlignWithStartRanges
      THROWS_OUTSIDE, reportsOutsideTheRanges
      FORGETS_WHAT_IT_REFUSES, reportsOutsideTheRanges
      MARKS_OUTSIDE, reportsOutsideTheRanges
      MARKS_BEYOND_REPORT, singleBytesAreReported
      LOSES_LAST_PAGE_IN_LOGS, reportsGoIntoLogsToo
      MARKS_BEYOND_IN_LOGS, reportsGoIntoLogsToo
      CLEARS_BITMAP, bitsOfTheCallerStay
      IGNORES_PAGE_SIZE_OF_REPORT, reportsComeInAnyPageSize
      COUNTS_BITS_FROM_START_RANGE, piecesAddUpToTheWhole
      CUTS_PAGE_SIZE_OF_REPORT, reportsComeInHugePages
      CUTS_REPORT_AT_2_POW_23_BITS, aReportMayHaveManyBits
      KEEPS_BITMAP_OF_THE_CALLER, theBitmapBelongsToTheCaller
      """;

  /** What the liars below have; set before they are run, in this thread. */
  private static TrackerFault fault = TrackerFault.REFUSES_START;

  /** Not run on its own: it fails. */
  static class LyingTracker extends DirtyTrackerContract {
    @Override
    protected DirtyTracker open(TrackerConfig config) {
      return fault.inject(new ReferenceTracker());
    }
  }

  /** Not run on its own: it fails. */
  static class InexactLyingTracker extends LyingTracker {
    @Override
    protected boolean isExact() {
      return false;
    }
  }

  @ParameterizedTest
  @CsvSource(textBlock = CASES)
  void theContractFailsForEveryFault(TrackerFault injected, String expected) {
    fault = injected;

    ContractRun run = ContractRun.of(LyingTracker.class, expected);

    assertThat(run.failed()).containsKey(expected);
  }

  @Test
  void everyFaultIsTried() {
    Stream<String> faults = CASES.lines().map(row -> row.split(",")[0]);

    assertThat(faults)
        .containsExactlyElementsOf(Stream.of(TrackerFault.values()).map(Enum::name).toList());
  }

  /** Of the other faults the case that is there to catch them is enough. */
  @ParameterizedTest
  @CsvSource(textBlock = CASES)
  void withoutAClaimToBeExactOnlyTooMuchIsAllowed(TrackerFault injected, String expected) {
    fault = injected;

    if (HARMLESS.contains(injected)) {
      assertThat(ContractRun.of(InexactLyingTracker.class).failed()).isEmpty();
    } else {
      ContractRun run = ContractRun.of(InexactLyingTracker.class, expected);

      assertThat(run.failed()).containsKey(expected);
    }
  }

  @Test
  void aFailedRandomCaseTellsItsSeed() {
    fault = TrackerFault.LOSES_FEW_WRITES;

    ContractRun run = ContractRun.of(LyingTracker.class, "randomWritesAndReports");

    assertThat(run.failed().get("randomWritesAndReports"))
        .contains("replay with -Dstopcopy.seed=")
        .contains("lost the write at 0x");
  }
}
