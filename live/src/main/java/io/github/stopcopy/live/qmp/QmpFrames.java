package io.github.stopcopy.live.qmp;

import java.io.IOException;
import java.util.Arrays;
import java.util.Optional;

/**
 * Cuts what a peer sends into objects of JSON, in one line each or pretty-printed. Each byte is
 * looked at once.
 */
final class QmpFrames {

  /** The longest message in bytes. */
  static final int LONGEST = 16 << 20;

  private byte[] bytes = new byte[1 << 13];
  private int start;
  private int looked;
  private int length;
  private int depth;
  private boolean inText;
  private boolean escaped;

  /** Adds what was received. */
  void add(byte[] more, int count) {
    if (start > 0) {
      System.arraycopy(bytes, start, bytes, 0, length - start);
      length -= start;
      looked -= start;
      start = 0;
    }
    if (length + count > bytes.length) {
      bytes = Arrays.copyOf(bytes, Math.max(length + count, 2 * bytes.length));
    }
    System.arraycopy(more, 0, bytes, length, count);
    length += count;
  }

  /**
   * The next object that is there as a whole.
   *
   * @throws IOException if something else than an object begins, or it is too long
   */
  Optional<byte[]> next() throws IOException {
    while (looked < length) {
      byte next = bytes[looked++];
      if (depth == 0 && isBlank(next)) {
        start = looked;
      } else if (depth == 0 && next != '{') {
        throw new IOException("it begins with " + shown(next));
      } else if (look(next)) {
        byte[] object = Arrays.copyOfRange(bytes, start, looked);
        start = looked;
        return Optional.of(object);
      }
    }
    if (length - start > LONGEST) {
      throw new IOException("a message of more than " + LONGEST + " bytes");
    }
    return Optional.empty();
  }

  /** Whether an object ends with this byte. */
  private boolean look(byte next) {
    if (inText) {
      inText = escaped || next != '"';
      escaped = !escaped && next == '\\';
      return false;
    }
    switch (next) {
      case '"' -> inText = true;
      case '{', '[' -> depth++;
      case '}', ']' -> {
        depth--;
        return depth == 0;
      }
      default -> {
        // part of a number or a word
      }
    }
    return false;
  }

  private static boolean isBlank(byte next) {
    return next == ' ' || next == '\n' || next == '\r' || next == '\t';
  }

  private static String shown(byte next) {
    return next > ' ' && next < 0x7f ? "'" + (char) next + "'" : "byte " + (next & 0xff);
  }
}
