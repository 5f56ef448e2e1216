package io.github.stopcopy.json;

import java.io.Writer;
import java.util.ArrayList;
import java.util.List;

/**
 * Takes a text as the pieces in which a generator empties its buffer, of which most answers have
 * one. Not thread-safe.
 */
final class TextWriter extends Writer {

  private final List<String> pieces = new ArrayList<>(2);

  @Override
  public void write(char[] characters, int from, int count) {
    pieces.add(new String(characters, from, count));
  }

  @Override
  public void flush() {}

  @Override
  public void close() {}

  /** All that was written. */
  @Override
  public String toString() {
    return pieces.size() == 1 ? pieces.get(0) : String.join("", pieces);
  }
}
