package io.github.stopcopy.standin;

import io.github.stopcopy.core.error.Errno;
import io.github.stopcopy.core.spi.DirtyTracker;
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
      TrackerMessage hello = TrackerMessage.receive(connection, Optional.of(PATIENCE));
      if (hello.operation() == TrackerMessage.CONTROL) {
        stays = control.complete(connection);
        if (!stays) {
          throw new IOException("a second connection for writes");
        }
      } else if (hello.operation() == TrackerMessage.TRACK) {
        if (!isTracking.compareAndSet(false, true)) {
          throw new IOException("a second connection for tracking");
        }
        new TrackerDialogue(connection, trackers, told()).run();
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

  private TrackerDialogue.Told told() {
    return new TrackerDialogue.Told() {
      @Override
      public void count(String device, int starts, int reports, int writes) {
        asked.merge(
            device,
            new Asked(starts, reports, writes),
            (before, more) -> before.plus(more.starts, more.reports, more.writes));
      }

      @Override
      public void fail(String what) {
        TrackerServer.this.fail(what);
      }
    };
  }

  private void fail(String what) {
    failure.compareAndSet(null, what);
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
