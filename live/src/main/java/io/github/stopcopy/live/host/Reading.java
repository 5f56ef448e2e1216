package io.github.stopcopy.live.host;

import java.nio.charset.StandardCharsets;
import java.util.Optional;

/** What came of reading a file of the host. */
sealed interface Reading {

  /**
   * What the file holds.
   *
   * @param bytes not to be changed
   */
  record Found(byte[] bytes) implements Reading {}

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
   * made with tar is filled up with NUL, which ends the text. Bytes are Latin-1, so that any can be
   * looked at; what goes into an answer is checked by whoever takes it.
   */
  default Optional<String> text() {
    if (!(this instanceof Found found)) {
      return Optional.empty();
    }
    String text = new String(found.bytes(), StandardCharsets.ISO_8859_1);
    int end = text.indexOf('\0');
    return Optional.of((end < 0 ? text : text.substring(0, end)).strip());
  }
}
