package com.example.snippets;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.stopcopy.core.address.AddressRange;
import io.github.stopcopy.core.dirty.DirtyBitmap;
import io.github.stopcopy.core.error.InputException;
import io.github.stopcopy.core.spi.DirtyTracker;
import io.github.stopcopy.core.spi.TrackerConfig;
import io.github.stopcopy.testkit.DirtyTrackerContract;
import io.github.stopcopy.testkit.TrackerFault;
import java.util.List;
import org.junit.jupiter.api.Test;

// @start region=tracker-contract
class LogTrackerTest extends DirtyTrackerContract {

  @Override
  protected DirtyTracker open(TrackerConfig config) throws InputException {
    return new LogTrackerProvider().open(config);
  }

  // @end

  @Test
  void aFaultCanBeGivenToIt() {
    AddressRange page = new AddressRange(0, 4095);
    DirtyBitmap report = new DirtyBitmap(1);
    // @start region=fault
    DirtyTracker liar = TrackerFault.REPORTS_LATE.inject(new LogTracker());
    liar.start(List.of(page), 4096);
    liar.dmaWrite(page);
    liar.report(page, 4096, report);
    assertFalse(report.isDirty(0)); // only the report after tells of it
    // @end
    liar.report(page, 4096, report);
    assertTrue(report.isDirty(0));
  }
}
