package com.example.tracker;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.github.stopcopy.core.address.AddressRange;
import io.github.stopcopy.core.error.InputException;
import io.github.stopcopy.core.spi.DirtyTracker;
import io.github.stopcopy.core.spi.StartResult;
import io.github.stopcopy.core.spi.TrackerConfig;
import io.github.stopcopy.testkit.DirtyTrackerContract;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/**
 * All that a tracker must hold to is in the contract; here is how one is opened, and its parameter.
 */
class RoaringTrackerTest extends DirtyTrackerContract {

  @Override
  protected DirtyTracker open(TrackerConfig config) throws InputException {
    return new RoaringTrackerProvider().open(config);
  }

  @Test
  void aParameterMakesThePagesLarger() throws Exception {
    try (DirtyTracker tracker = open(config(Map.of("page-size", "64K")))) {
      StartResult started = tracker.start(List.of(new AddressRange(0, 0x1fffff)), 4096);

      assertEquals(new StartResult.Granted(0x10000), started);
    }
  }

  @Test
  void otherParametersAreRefused() {
    assertThrows(InputException.class, () -> open(config(Map.of("page-sise", "64K"))));
  }

  private static TrackerConfig config(Map<String, String> parameters) {
    return new TrackerConfig("0000:01:00.0", 4096, parameters);
  }
}
