package io.github.stopcopy.standin;

import io.github.stopcopy.core.address.AddressRange;
import io.github.stopcopy.core.address.U64;
import io.github.stopcopy.core.dirty.DirtyBitmap;
import io.github.stopcopy.core.error.Errno;
import io.github.stopcopy.core.spi.DirtyTracker;
import io.github.stopcopy.core.spi.StartResult;
import java.io.EOFException;
import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/**
 * Puts {@link DirtyTracker}s behind the VFIO devices of a real QEMU. The stand-in kernel in that
 * QEMU (configured with {@code tracker=}, the path of the socket) asks here what a driver would be
 * asked: {@code DMA_LOGGING_START}, {@code REPORT} and {@code STOP}, after it has checked what the
 * kernel's core checks (R-DT-40 .. R-DT-44). And its devices write what they are told to by {@link
 * #dmaWrite}: into the guest's RAM through their current mappings; then the tracker is told. A
 * write is before a report or behind it, never both.
 *
 * <p>One thread calls all trackers. A device without a tracker here does not log: {@code ENOTTY}. A
 * tracker that throws is {@code EIO} for QEMU, and {@link #failure} says what it threw. A peer that
 * sends something else than the stand-in is sent away and told there too. No wait is without end:
 * QEMU's for an answer is limited on its side.
 *
 * <p>Thread-safe.
 */
public final class TrackerServer implements AutoCloseable {

  private static final Duration PATIENCE = Duration.ofSeconds(30);
  private static final int MOST_AT_ONCE = 64;
  private static final int MOST_CONNECTIONS = 8;
  private static final int MOST_RANGES = 256;
  private static final long LEAST_PAGE = 4096;
  private static final long MOST_PAGES = 1L << 24;
  private static final int RANGE_BYTES = 16;
  private static final Set<PosixFilePermission> OTHERS =
      Set.of(
          PosixFilePermission.GROUP_READ,
          PosixFilePermission.GROUP_WRITE,
          PosixFilePermission.GROUP_EXECUTE,
          PosixFilePermission.OTHERS_READ,
          PosixFilePermission.OTHERS_WRITE,
          PosixFilePermission.OTHERS_EXECUTE);

  /**
   * What QEMU asked of the tracker of one device.
   *
   * @param starts how many starts were granted
   * @param reports how many reports were done; QEMU's reports of more than 2^24 pages are several
   * @param writes how many writes it was told of
   */
  public record Asked(int starts, int reports, int writes) {

    /** Nothing. */
    static final Asked NOTHING = new Asked(0, 0, 0);

    private Asked plus(int moreStarts, int moreReports, int moreWrites) {
      return new Asked(starts + moreStarts, reports + moreReports, writes + moreWrites);
    }
  }

  private final Path socket;
  private final Map<String, DirtyTracker> trackers;
  private final ServerSocketChannel listener;
  private final Map<String, Asked> asked = new ConcurrentHashMap<>();
  private final AtomicReference<@Nullable String> failure = new AtomicReference<>();
  private final Set<TimedChannel> connections = ConcurrentHashMap.newKeySet();
  private final CompletableFuture<TimedChannel> control = new CompletableFuture<>();
  private final AtomicBoolean isTracking = new AtomicBoolean();
  private final ExecutorService threads =
      Executors.newCachedThreadPool(work -> {
        Thread thread = new Thread(work, "stopcopy trackers");
        thread.setDaemon(true);
        return thread;
      });
  private final Object controlled = new Object();
  private volatile boolean isClosed;

  private TrackerServer(
      Path socket, Map<String, DirtyTracker> trackers, ServerSocketChannel listener) {
    this.socket = socket;
    this.trackers = new LinkedHashMap<>(trackers);
    this.listener = listener;
  }

  /**
   * Begins to listen.
   *
   * @param socket where; its folder is one that only the user may enter (mode 0700)
   * @param trackers by the names of the devices, e.g. {@code 0000:01:00.0}; they belong to the
   *     server from now on, which closes them
   * @throws IOException if others may enter the folder, or there can be no socket
   */
  public static TrackerServer open(Path socket, Map<String, ? extends DirtyTracker> trackers)
      throws IOException {
    Path folder = socket.toAbsolutePath().getParent();
    Set<PosixFilePermission> allowed =
        Files.getPosixFilePermissions(
            folder == null ? Path.of("/") : folder, LinkOption.NOFOLLOW_LINKS);
    if (allowed.stream().anyMatch(OTHERS::contains)) {
      throw new IOException(folder + ": others may enter it, expected a folder with mode 0700");
    }
    ServerSocketChannel listener = ServerSocketChannel.open(StandardProtocolFamily.UNIX);
    try {
      listener.bind(UnixDomainSocketAddress.of(socket));
    } catch (IOException | IllegalArgumentException failed) {
      listener.close();
      throw new IOException(
          socket + ": no socket can be made there: " + failed.getMessage(), failed);
    }
    TrackerServer server = new TrackerServer(socket, Map.copyOf(trackers), listener);
    server.threads.execute(server::accept);
    return server;
  }

  private void accept() {
    try {
      while (true) {
        SocketChannel channel = listener.accept();
        TimedChannel connection = new TimedChannel(channel);
        if (connections.size() >= MOST_CONNECTIONS) {
          connection.close();
        } else {
          connections.add(connection);
          threads.execute(() -> serve(connection));
        }
        if (isClosed) {
          connection.close();
        }
      }
    } catch (IOException | RejectedExecutionException closed) {
      // that is how it ends
    }
  }

  private void serve(TimedChannel connection) {
    boolean stays = false;
    try {
      TrackerMessage hello = message(connection, Optional.of(PATIENCE));
      if (hello.operation() == TrackerMessage.CONTROL) {
        stays = control.complete(connection);
        if (!stays) {
          throw new IOException("a second connection for writes");
        }
      } else if (hello.operation() == TrackerMessage.TRACK) {
        if (!isTracking.compareAndSet(false, true)) {
          throw new IOException("a second connection for tracking");
        }
        track(connection);
      } else {
        throw new IOException("begins with operation " + hello.operation());
      }
    } catch (EOFException gone) {
      // QEMU has ended
    } catch (IOException broken) {
      if (!isClosed) {
        fail("a peer of the tracker server: " + broken.getMessage());
      }
    } finally {
      if (!stays) {
        connection.close();
        connections.remove(connection);
      }
    }
  }

  private void fail(String what) {
    failure.compareAndSet(null, what);
  }

  private static TrackerMessage message(TimedChannel from, Optional<Duration> patience)
      throws IOException {
    ByteBuffer bytes = ByteBuffer.allocate(TrackerMessage.BYTES);
    from.receive(bytes, patience);
    return TrackerMessage.read(bytes);
  }

  private void track(TimedChannel connection) throws IOException {
    while (true) {
      TrackerMessage message = message(connection, Optional.empty());
      DirtyTracker tracker = trackers.get(message.device());
      switch (message.operation()) {
        case TrackerMessage.START -> start(connection, message, tracker);
        case TrackerMessage.REPORT -> report(connection, message, tracker);
        case TrackerMessage.STOP -> stop(connection, message, tracker);
        case TrackerMessage.WROTE -> wrote(message, tracker);
        default -> throw new IOException("unknown operation " + message.operation());
      }
    }
  }

  private void start(TimedChannel connection, TrackerMessage asks, @Nullable DirtyTracker tracker)
      throws IOException {
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
          count(asks.device(), 1, 0, 0);
          if (!isPageSize(granted)) {
            // QEMU asks the next device for pages of this size
            fail("the tracker of " + asks.device() + " grants pages of " + granted + " bytes");
            errno = Optional.of(Errno.EINVAL);
          }
        } else if (result instanceof StartResult.Refused refused) {
          errno = Optional.of(refused.errno());
        }
      } catch (RuntimeException thrown) {
        errno = thrown(asks.device(), "start", thrown);
      }
    }
    answer(connection, errno, granted, ByteBuffer.allocate(0));
  }

  private void report(TimedChannel connection, TrackerMessage asks, @Nullable DirtyTracker tracker)
      throws IOException {
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
          count(asks.device(), 0, 1, 0);
        }
      } catch (RuntimeException thrown) {
        errno = thrown(asks.device(), "report", thrown);
      }
    }
    bits.clear();
    into.writeTo(bits);
    bits.flip();
    answer(connection, errno, bits.remaining(), bits);
  }

  private void stop(TimedChannel connection, TrackerMessage asks, @Nullable DirtyTracker tracker)
      throws IOException {
    Optional<Errno> errno = Optional.of(Errno.ENOTTY);
    if (tracker != null) {
      try {
        errno = tracker.stop();
      } catch (RuntimeException thrown) {
        errno = thrown(asks.device(), "stop", thrown);
      }
    }
    answer(connection, errno, 0, ByteBuffer.allocate(0));
  }

  private void wrote(TrackerMessage asks, @Nullable DirtyTracker tracker) throws IOException {
    AddressRange written = range(asks.a(), asks.b());
    if (tracker != null) {
      count(asks.device(), 0, 0, 1);
      try {
        tracker.dmaWrite(written);
      } catch (RuntimeException thrown) {
        thrown(asks.device(), "dmaWrite", thrown);
      }
    }
  }

  private Optional<Errno> thrown(String device, String what, RuntimeException thrown) {
    fail("the tracker of " + device + " throws in " + what + ": " + thrown);
    return Optional.of(Errno.EIO);
  }

  private void count(String device, int starts, int reports, int writes) {
    asked.merge(
        device,
        new Asked(starts, reports, writes),
        (before, more) -> before.plus(more.starts, more.reports, more.writes));
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

  private static void answer(
      TimedChannel connection, Optional<Errno> errno, long value, ByteBuffer more)
      throws IOException {
    int length = TrackerMessage.ANSWER_BYTES + (errno.isPresent() ? 0 : more.remaining());
    ByteBuffer bytes = ByteBuffer.allocate(length).order(ByteOrder.LITTLE_ENDIAN);
    bytes.putInt(errno.map(Errno::number).orElse(0)).putInt(0).putLong(value);
    if (errno.isEmpty()) {
      bytes.put(more);
    }
    connection.send(bytes.flip(), PATIENCE);
  }

  /**
   * Waits until a QEMU has connected, which it does when its first device is opened.
   *
   * @return whether one has
   */
  public boolean awaitConnection(Duration patience) {
    try {
      control.get(patience.toNanos(), TimeUnit.NANOSECONDS);
      return true;
    } catch (InterruptedException stopped) {
      Thread.currentThread().interrupt();
      return false;
    } catch (ExecutionException | TimeoutException none) {
      return false;
    }
  }

  /**
   * Has a device write, and waits until the bytes are in the guest's RAM and its tracker is about
   * to be told: whatever QEMU asks from now on comes behind that.
   *
   * @return why nothing was written; empty if all was. {@code ENODEV}: there is no such device;
   *     {@code EFAULT}: not all of it is mapped for writing; {@code EBUSY}: the device is in a
   *     state in which it does not write (stopped, being copied, resuming); {@code EIO}: QEMU has
   *     given up this server.
   * @throws IOException if no QEMU is connected, or it does not answer in time
   */
  public Optional<Errno> dmaWrite(DmaWrite write) throws IOException {
    return dmaWrite(List.of(write)).get(0);
  }

  /** As {@link #dmaWrite(DmaWrite)}, one after another, with less waiting; an answer for each. */
  List<Optional<Errno>> dmaWrite(List<DmaWrite> writes) throws IOException {
    TimedChannel connection = control.getNow(null);
    if (connection == null) {
      throw new IOException("no QEMU is connected");
    }
    List<Optional<Errno>> answers = new ArrayList<>();
    synchronized (controlled) {
      for (int from = 0; from < writes.size(); from += MOST_AT_ONCE) {
        List<DmaWrite> some = writes.subList(from, Math.min(writes.size(), from + MOST_AT_ONCE));
        ByteBuffer bytes = ByteBuffer.allocate(some.size() * TrackerMessage.BYTES);
        some.forEach(write -> TrackerMessage.write(write).put(bytes));
        connection.send(bytes.flip(), PATIENCE);
        ByteBuffer replies = ByteBuffer.allocate(some.size() * TrackerMessage.ANSWER_BYTES);
        connection.receive(replies, Optional.of(PATIENCE));
        replies.order(ByteOrder.LITTLE_ENDIAN);
        while (replies.hasRemaining()) {
          answers.add(errno(replies.getInt()));
          replies.position(replies.position() + TrackerMessage.ANSWER_BYTES - Integer.BYTES);
        }
      }
    }
    return answers;
  }

  private static Optional<Errno> errno(int number) throws IOException {
    if (number == 0) {
      return Optional.empty();
    }
    for (Errno errno : Errno.values()) {
      if (errno.number() == number) {
        return Optional.of(errno);
      }
    }
    throw new IOException("an answer with errno " + number);
  }

  /** What QEMU asked of the tracker of a device until now. */
  public Asked asked(String device) {
    return asked.getOrDefault(device, Asked.NOTHING);
  }

  /** The first thing that a tracker or a peer did that it must not; empty if all went well. */
  public Optional<String> failure() {
    return Optional.ofNullable(failure.get());
  }

  /** Ends all connections, then closes the trackers. QEMU gets {@code EIO} from now on. */
  @Override
  public void close() throws IOException {
    isClosed = true;
    listener.close();
    connections.forEach(TimedChannel::close);
    threads.shutdown();
    try {
      if (!threads.awaitTermination(PATIENCE.toSeconds(), TimeUnit.SECONDS)) {
        threads.shutdownNow();
      }
    } catch (InterruptedException stopped) {
      threads.shutdownNow();
      Thread.currentThread().interrupt();
    }
    closeAll(trackers.values());
    Files.deleteIfExists(socket);
  }

  private void closeAll(Collection<DirtyTracker> all) {
    for (DirtyTracker tracker : all) {
      try {
        tracker.close();
      } catch (Exception thrown) {
        fail("a tracker throws in close: " + thrown);
      }
    }
  }
}
