package io.github.stopcopy.core.spi;

import io.github.stopcopy.core.error.Errno;
import java.util.Objects;

/** What a tracker answers to a start. */
public sealed interface StartResult {

  /**
   * It logs.
   *
   * @param pageSize bytes per page it logs in, a power of two (R-DT-43)
   */
  record Granted(long pageSize) implements StartResult {}

  /**
   * It does not log.
   *
   * @param errno what the driver answers
   * @param why the reason for people, e.g. which limit was passed; empty if there is no more to
   *     say; control characters become blanks
   */
  record Refused(Errno errno, String why) implements StartResult {

    /** Checks that there is an errno and makes one line of the text. */
    public Refused {
      Objects.requireNonNull(errno, "errno");
      why = why.replaceAll("\\p{Cntrl}+", " ");
    }
  }
}
