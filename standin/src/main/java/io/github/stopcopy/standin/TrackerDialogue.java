package io.github.stopcopy.standin;

import io.github.stopcopy.core.address.AddressRange;
import io.github.stopcopy.core.address.U64;
import io.github.stopcopy.core.dirty.DirtyBitmap;
import io.github.stopcopy.core.error.Errno;
import io.github.stopcopy.core.spi.DirtyTracker;
import io.github.stopcopy.core.spi.StartResult;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Answers what the stand-in asks of trackers on one connection, in its order. The stand-in has
 * checked what the kernel's core checks; whatever else comes is no stand-in's, and ends it.
 */
final class TrackerDialogue {

  private static final Duration PATIENCE = Duration.ofSeconds(30);
  private static final int MOST_RANGES = 256;
  private static final long LEAST_PAGE = 4096;
  private static final long MOST_PAGES = 1L << 24;
  private static final int RANGE_BYTES = 16;

  /** Who keeps count, and takes note of what a tracker must not do. */
  interface Told {
    void count(String device, int starts, int reports, int writes);

    void fail(String what);
  }

  private final TimedChannel connection;
  private final Map<String, DirtyTracker> trackers;
  private final Told told;

  TrackerDialogue(TimedChannel connection, Map<String, DirtyTracker> trackers, Told told) {
    this.connection = connection;
    this.trackers = trackers;
    this.told = told;
  }

  /** Answers until the connection is closed, or something comes that is none of the stand-in's. */
  void run() throws IOException {
    while (true) {
      TrackerMessage message = TrackerMessage.receive(connection, Optional.empty());
      DirtyTracker tracker = trackers.get(message.device());
      switch (message.operation()) {
        case TrackerMessage.START -> start(message, tracker);
        case TrackerMessage.REPORT -> report(message, tracker);
        case TrackerMessage.STOP -> stop(message, tracker);
        case TrackerMessage.WROTE -> wrote(message, tracker);
        default -> throw new IOException("unknown operation " + message.operation());
      }
    }
  }

  private void start(TrackerMessage asks, @Nullable DirtyTracker tracker) throws IOException {
    if (asks.count() < 1 || asks.count() > MOST_RANGES) {
      throw new IOException("a start with " + asks.count() + " ranges");
    }
    ByteBuffer bytes = ByteBuffer.allocate(asks.count() * RANGE_BYTES);
    connection.receive(bytes, Optional.of(PATIENCE));
    bytes.order(ByteOrder.LITTLE_ENDIAN);
    List<AddressRange> ranges = new ArrayList<>();
    while (bytes.hasRemaining()) {
      long first = bytes.getLong();
      ranges.add(range(first, bytes.getLong()));
    }
    Optional<Errno> errno = Optional.of(Errno.ENOTTY);
    long granted = 0;
    if (tracker != null) {
      try {
        StartResult result = tracker.start(ranges, pageSize(asks.a()));
        if (result instanceof StartResult.Granted grant) {
          granted = grant.pageSize();
          errno = Optional.empty();
          told.count(asks.device(), 1, 0, 0);
          if (!isPageSize(granted)) {
            // QEMU asks the next device for pages of this size
            told.fail("the tracker of " + asks.device() + " grants pages of " + granted + " bytes");
            errno = Optional.of(Errno.EINVAL);
          }
        } else if (result instanceof StartResult.Refused refused) {
          errno = Optional.of(refused.errno());
        }
      } catch (RuntimeException thrown) {
        errno = thrown(asks.device(), "start", thrown);
      }
    }
    answer(errno, granted, ByteBuffer.allocate(0));
  }

  private void report(TrackerMessage asks, @Nullable DirtyTracker tracker) throws IOException {
    AddressRange range = range(asks.a(), asks.b());
    long pageSize = pageSize(asks.c());
    long pages = Long.divideUnsigned(range.last() - range.first(), pageSize) + 1;
    if (U64.less(MOST_PAGES, pages)) {
      throw new IOException("a report of " + U64.decimal(pages) + " pages");
    }
    ByteBuffer bits = ByteBuffer.allocate((int) DirtyBitmap.bytes(pages));
    connection.receive(bits, Optional.of(PATIENCE));
    DirtyBitmap into = new DirtyBitmap(pages);
    into.mergeFrom(bits);
    Optional<Errno> errno = Optional.of(Errno.ENOTTY);
    if (tracker != null) {
      try {
        errno = tracker.report(range, pageSize, into);
        if (errno.isEmpty()) {
          told.count(asks.device(), 0, 1, 0);
        }
      } catch (RuntimeException thrown) {
        errno = thrown(asks.device(), "report", thrown);
      }
    }
    bits.clear();
    into.writeTo(bits);
    bits.flip();
    answer(errno, bits.remaining(), bits);
  }

  private void stop(TrackerMessage asks, @Nullable DirtyTracker tracker) throws IOException {
    Optional<Errno> errno = Optional.of(Errno.ENOTTY);
    if (tracker != null) {
      try {
        errno = tracker.stop();
      } catch (RuntimeException thrown) {
        errno = thrown(asks.device(), "stop", thrown);
      }
    }
    answer(errno, 0, ByteBuffer.allocate(0));
  }

  private void wrote(TrackerMessage asks, @Nullable DirtyTracker tracker) throws IOException {
    AddressRange written = range(asks.a(), asks.b());
    if (tracker != null) {
      told.count(asks.device(), 0, 0, 1);
      try {
        tracker.dmaWrite(written);
      } catch (RuntimeException thrown) {
        thrown(asks.device(), "dmaWrite", thrown);
      }
    }
  }

  private Optional<Errno> thrown(String device, String what, RuntimeException thrown) {
    told.fail("the tracker of " + device + " throws in " + what + ": " + thrown);
    return Optional.of(Errno.EIO);
  }

  private static AddressRange range(long first, long length) throws IOException {
    if (length == 0 || U64.addOverflows(first, length - 1)) {
      throw new IOException("a range of " + U64.decimal(length) + " bytes from " + U64.hex(first));
    }
    return new AddressRange(first, first + (length - 1));
  }

  private static boolean isPageSize(long bytes) {
    return Long.bitCount(bytes) == 1 && U64.lessOrEqual(LEAST_PAGE, bytes);
  }

  private static long pageSize(long asked) throws IOException {
    if (!isPageSize(asked)) {
      throw new IOException("pages of " + U64.decimal(asked) + " bytes");
    }
    return asked;
  }

  private void answer(Optional<Errno> errno, long value, ByteBuffer more) throws IOException {
    int length = TrackerMessage.ANSWER_BYTES + (errno.isPresent() ? 0 : more.remaining());
    ByteBuffer bytes = ByteBuffer.allocate(length).order(ByteOrder.LITTLE_ENDIAN);
    bytes.putInt(errno.map(Errno::number).orElse(0)).putInt(0).putLong(value);
    if (errno.isEmpty()) {
      bytes.put(more);
    }
    connection.send(bytes.flip(), PATIENCE);
  }
}
