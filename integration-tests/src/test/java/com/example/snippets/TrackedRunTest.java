package com.example.snippets;

import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.github.stopcopy.standin.QemuBinary;
import io.github.stopcopy.standin.StandinLibrary;
import io.github.stopcopy.standin.StandinSession;
import io.github.stopcopy.standin.TrackedMigration;
import io.github.stopcopy.standin.TrackedResult;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** A migration with a tracker of one's own, where the environment names a QEMU. */
class TrackedRunTest {

  @Test
  void nothingIsLost() throws Exception {
    String program = System.getenv("STOPCOPY_QEMU");
    assumeTrue(program != null, "STOPCOPY_QEMU is not set");
    // @start region=tracked
    try (StandinSession session = StandinSession.open()) {
      QemuBinary qemu = QemuBinary.probe(program, Optional.empty(), session);
      StandinLibrary library = StandinLibrary.inUserCache();
      TrackedResult result =
          TrackedMigration.of(session, qemu, library, config -> new LogTracker())
              .writes(1000)
              .seed(7)
              .run();
      assertTrue(result.isLossless(), result.toString());
    }
    // @end
  }
}
