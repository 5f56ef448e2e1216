package io.github.stopcopy.live.host;

import java.nio.charset.StandardCharsets;
import java.util.Optional;

/** What came of reading a file of the host. */
sealed interface Reading {

  /**
   * What the file holds.
   *
   * @param content its bytes as Latin-1, so that any can be looked at
   */
  record Found(String content) implements Reading {

    /** What a file holds. */
    static Found of(byte[] bytes) {
      return new Found(new String(bytes, StandardCharsets.ISO_8859_1));
    }

    /** The bytes. */
    byte[] bytes() {
      return content.getBytes(StandardCharsets.ISO_8859_1);
    }
  }

  /** There is no such file. */
  record Missing() implements Reading {}

  /** Somebody with more rights may read it. */
  record Denied() implements Reading {}

  /**
   * It is there and does not hold what is looked for.
   *
   * @param why in words that follow "it"
   */
  record Unusable(String why) implements Reading {}

  /**
   * The text of the file without white space around it; empty if there is none. A copy that was
   * made with tar is filled up with NUL, which ends the text. What goes into an answer is checked
   * by whoever takes it.
   */
  default Optional<String> text() {
    if (!(this instanceof Found found)) {
      return Optional.empty();
    }
    int end = found.content().indexOf('\0');
    return Optional.of((end < 0 ? found.content() : found.content().substring(0, end)).strip());
  }
}
