package io.github.stopcopy.standin;

import java.util.ArrayList;
import java.util.List;

/** Crashes of QEMU itself that are known to happen on the stand-in, told by what it prints. */
final class KnownCrash {

  private KnownCrash() {}

  /**
   * What is known of a crash, a line each; nothing if QEMU did not crash.
   *
   * @param exitCode how it ended, negative for a signal
   * @param records what was seen of it
   */
  static List<String> notes(int exitCode, List<StepRecord> records) {
    List<String> notes = new ArrayList<>();
    if (exitCode >= 0) {
      return notes;
    }
    StepRecord last = records.get(records.size() - 1);
    for (String message : last.messages()) {
      if (message.contains("Assertion") || message.contains("assertion failed")) {
        notes.add("an assertion of QEMU's own: " + message);
      }
    }
    return notes;
  }
}
