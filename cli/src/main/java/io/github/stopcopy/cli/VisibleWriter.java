package io.github.stopcopy.cli;

import io.github.stopcopy.core.guard.VisibleText;
import java.io.IOException;
import java.io.Writer;
import java.util.Locale;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The one way by which text leaves the command. Whatever inputs hold, only ends of lines and
 * characters that show go through, others as {@code \\uXXXX}; in JSON that means the same. What
 * could not be written is kept, as nobody looks while an answer is printed. Thread-safe.
 */
final class VisibleWriter extends Writer {

  private static final int CHUNK = 1 << 13;
  private static final String READER_GONE = "broken pipe";

  private final Writer out;
  private final StringBuilder chunk = new StringBuilder(CHUNK + 16);

  /** The first half of a pair whose second is still to come, or 0. */
  private char half;

  private @Nullable IOException failure;

  VisibleWriter(Writer out) {
    this.out = out;
  }

  @Override
  public void write(char[] text, int offset, int length) throws IOException {
    synchronized (lock) {
      for (int i = offset; i < offset + length; i++) {
        put(text[i]);
      }
      writeChunk();
    }
  }

  /** Without a copy of all of it: an answer may be long. */
  @Override
  public void write(String text, int offset, int length) throws IOException {
    synchronized (lock) {
      for (int i = offset; i < offset + length; i++) {
        put(text.charAt(i));
      }
      writeChunk();
    }
  }

  /**
   * Puts what comes next at the beginning of the line that stands there, on a terminal over what
   * stands there. The one control character, and none of an input: only a caller that means it gets
   * it through.
   */
  void restartLine() throws IOException {
    synchronized (lock) {
      putHalf();
      chunk.append('\r');
      writeChunk();
    }
  }

  private void put(char c) throws IOException {
    if (half == 0 && (VisibleText.isAscii(c) || c == '\n')) {
      chunk.append(c);
    } else if (half != 0 && Character.isLowSurrogate(c)) {
      VisibleText.append(chunk, Character.toCodePoint(half, c));
      half = 0;
    } else {
      putHalf();
      if (Character.isHighSurrogate(c)) {
        half = c;
      } else if (c == '\n') {
        chunk.append(c);
      } else {
        VisibleText.append(chunk, c);
      }
    }
    if (chunk.length() >= CHUNK) {
      writeChunk();
    }
  }

  private void putHalf() {
    if (half != 0) {
      VisibleText.append(chunk, half);
      half = 0;
    }
  }

  private void writeChunk() throws IOException {
    refuseAfterFailure();
    try {
      out.append(chunk);
    } catch (IOException failed) {
      failure = failed;
      throw failed;
    } finally {
      chunk.setLength(0);
    }
  }

  @Override
  public void flush() throws IOException {
    synchronized (lock) {
      refuseAfterFailure();
      try {
        out.flush();
      } catch (IOException failed) {
        failure = failed;
        throw failed;
      }
    }
  }

  @Override
  public void close() throws IOException {
    synchronized (lock) {
      putHalf();
      writeChunk();
      out.close();
    }
  }

  /** An answer with a part missing is worse than one that ends. */
  private void refuseAfterFailure() throws IOException {
    if (failure != null) {
      throw failure;
    }
  }

  /** Why not all could be written, with words of the system; empty if all was so far. */
  Optional<String> failure() {
    synchronized (lock) {
      return Optional.ofNullable(failure).map(each -> String.valueOf(each.getMessage()));
    }
  }

  /** Whether whoever read has stopped, as {@code head} does: it has all that it wants. */
  boolean isReaderGone() {
    return failure().filter(why -> why.toLowerCase(Locale.ROOT).contains(READER_GONE)).isPresent();
  }
}
