package io.github.stopcopy.standin;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Optional;

/**
 * What the stand-in and a tracker server say to each other, as {@code tracker.h} has it.
 *
 * @param operation one of the constants
 * @param count of a start: how many ranges follow
 * @param a of a start: the page size; else the first I/O virtual address
 * @param b how many bytes from there
 * @param c of a report: the page size; of a write: the seed
 * @param device the device's name
 */
record TrackerMessage(int operation, int count, long a, long b, long c, String device) {

  static final int TRACK = 1;
  static final int CONTROL = 2;
  static final int START = 3;
  static final int REPORT = 4;
  static final int STOP = 5;
  static final int WROTE = 6;
  static final int WRITE = 7;

  /** The bytes of a message. */
  static final int BYTES = 96;

  /** The bytes of an answer: an errno or 0, nothing, and a number. */
  static final int ANSWER_BYTES = 16;

  private static final int NAME_BYTES = 64;

  static TrackerMessage write(DmaWrite write) {
    if (write.device().getBytes(StandardCharsets.UTF_8).length >= NAME_BYTES) {
      throw new IllegalArgumentException(
          "no device of the stand-in has the name " + write.device());
    }
    return new TrackerMessage(
        WRITE, 0, write.written().first(), write.length(), write.seed(), write.device());
  }

  /** The next message. */
  static TrackerMessage receive(TimedChannel from, Optional<Duration> patience) throws IOException {
    ByteBuffer bytes = ByteBuffer.allocate(BYTES);
    from.receive(bytes, patience);
    return read(bytes);
  }

  private static TrackerMessage read(ByteBuffer from) {
    from.order(ByteOrder.LITTLE_ENDIAN);
    int operation = from.getInt();
    int count = from.getInt();
    long a = from.getLong();
    long b = from.getLong();
    long c = from.getLong();
    byte[] name = new byte[NAME_BYTES];
    from.get(name);
    int end = 0;
    while (end < NAME_BYTES && name[end] != 0) {
      end++;
    }
    String device = new String(name, 0, end, StandardCharsets.UTF_8);
    return new TrackerMessage(operation, count, a, b, c, device);
  }

  void put(ByteBuffer to) {
    to.order(ByteOrder.LITTLE_ENDIAN);
    int end = to.position() + BYTES;
    to.putInt(operation).putInt(count).putLong(a).putLong(b).putLong(c);
    to.put(device.getBytes(StandardCharsets.UTF_8));
    while (to.position() < end) {
      to.put((byte) 0);
    }
  }
}
