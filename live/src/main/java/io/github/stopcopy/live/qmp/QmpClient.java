package io.github.stopcopy.live.qmp;

import io.github.stopcopy.core.error.InputException;
import java.io.IOException;
import java.net.SocketException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/**
 * A client of QEMU's QMP socket. {@link #ask} only looks: commands that do more than read are
 * refused; what changes something is {@link #cancelMigration} and {@link #execute}. Whatever the
 * peer does, each call ends: in time, with at most 16 MiB received for one message and 4 MiB of
 * events kept. After an {@link InputException} the connection is closed. Needs no thread of its
 * own; not thread-safe.
 *
 * {@snippet file="LiveQemuTest.java" region="qmp"}
 */
public final class QmpClient implements QmpSource, AutoCloseable {

  /** How long the peer may take for its greeting and for each answer, if nobody says. */
  public static final Duration USUAL_TIMEOUT = Duration.ofSeconds(10);

  /** How long the greeting may take at most: who does not greet serves another client. */
  private static final Duration LONGEST_GREETING = Duration.ofSeconds(5);

  private final String name;
  private final Duration timeout;
  private final Selector selector;
  private final SocketChannel channel;
  private final SelectionKey key;
  private final QmpFrames frames = new QmpFrames();
  private final EventQueue events = new EventQueue();
  private final byte[] received = new byte[1 << 16];
  private QmpValue greeting = QmpValue.NO_KEYS;
  private long lastId;
  private boolean isPeerGone;

  private QmpClient(String name, Duration timeout, Selector selector, SocketChannel channel)
      throws IOException {
    this.name = name;
    this.timeout = timeout;
    this.selector = selector;
    this.channel = channel;
    channel.configureBlocking(false);
    this.key = channel.register(selector, 0);
  }

  /**
   * Connects with the usual timeout.
   *
   * @throws InputException as {@link #connect(Path, Duration)}
   */
  public static QmpClient connect(Path socket) throws InputException {
    return connect(socket, USUAL_TIMEOUT);
  }

  /**
   * Connects, waits for the greeting and leaves the negotiation of capabilities.
   *
   * @param socket the Unix socket of {@code -qmp unix:...}
   * @param timeout how long the peer may take for its greeting, but at most 5 seconds, and later
   *     for each answer
   * @throws InputException if there is no socket, nobody listens, or there is no greeting of QEMU
   *     in time, as where another client holds the socket
   */
  public static QmpClient connect(Path socket, Duration timeout) throws InputException {
    String name = socket.toString();
    if (!Files.exists(socket)) {
      throw InputException.at(name, 0, "no such file, expected the socket of QEMU's -qmp option");
    }
    QmpClient client = null;
    try {
      Selector selector = Selector.open();
      client =
          new QmpClient(name, timeout, selector, SocketChannel.open(StandardProtocolFamily.UNIX));
      client.greet(UnixDomainSocketAddress.of(socket));
      return client;
    } catch (IOException | UnsupportedOperationException | IllegalArgumentException failed) {
      throw InputException.at(name, 0, "cannot be connected to: " + failed.getMessage());
    } finally {
      if (client != null && client.greeting.keys().isEmpty()) {
        client.close();
      }
    }
  }

  private void greet(UnixDomainSocketAddress address) throws InputException, IOException {
    Duration patience = timeout.compareTo(LONGEST_GREETING) < 0 ? timeout : LONGEST_GREETING;
    long deadline = deadline(patience);
    try {
      // where nobody takes connections and the queue is full, Linux lets one try again later
      if (!channel.connect(address)) {
        throw held(patience);
      }
    } catch (SocketException refused) {
      throw InputException.at(
          name, 0, "cannot be connected to: " + refused.getMessage() + "; is QEMU running?");
    }
    Optional<QmpValue> first = message(deadline);
    if (first.isEmpty()) {
      throw held(patience);
    }
    Optional<QmpValue> hello = first.get().get("QMP");
    if (hello.flatMap(qmp -> qmp.get("version")).isEmpty()) {
      throw broken("its first message is no greeting of QMP");
    }
    QmpAnswer answer = send(QmpCommand.of("qmp_capabilities"));
    if (answer.error().isPresent()) {
      throw broken("it refuses qmp_capabilities: " + answer.error().get());
    }
    greeting = hello.get();
  }

  private InputException held(Duration patience) {
    return InputException.at(
        name,
        0,
        "no greeting of QMP within "
            + patience.toMillis()
            + " ms: another client such as libvirt holds this socket, which serves one at a time;"
            + " ask through it, as with virsh qemu-monitor-command DOMAIN"
            + " '{\"execute\":\"query-status\"}', or record its answers that way (docs/live.md)");
  }

  @Override
  public String name() {
    return name;
  }

  /** What QEMU said of itself: an object with {@code version}. */
  public QmpValue greeting() {
    return greeting;
  }

  @Override
  public QmpAnswer ask(QmpCommand command) throws InputException {
    if (!command.isReadOnly()) {
      throw new IllegalArgumentException(command.name() + " does more than read");
    }
    return send(command);
  }

  /**
   * Sends {@code migrate_cancel}, the one command here that changes something: a running migration
   * ends and the VM goes on where it is; without one nothing happens.
   *
   * @throws InputException as {@link #ask} does
   */
  public QmpAnswer cancelMigration() throws InputException {
    return send(QmpCommand.of("migrate_cancel"));
  }

  /**
   * Sends a command that may change the VM, for who has started that QEMU and plays with it.
   * Whoever looks at a VM of others uses {@link #ask}.
   *
   * @throws InputException as {@link #ask} does
   */
  public QmpAnswer execute(QmpCommand command) throws InputException {
    return send(command);
  }

  private QmpAnswer send(QmpCommand command) throws InputException {
    long deadline = deadline(timeout);
    QmpValue id = QmpValue.of("stopcopy-" + ++lastId);
    Map<String, QmpValue> request = new LinkedHashMap<>(command.request().members());
    request.put("id", id);
    write(
        ByteBuffer.wrap((QmpValue.of(request) + "\n").getBytes(StandardCharsets.UTF_8)), deadline);
    while (true) {
      QmpValue message =
          message(deadline)
              .orElseThrow(() ->
                  broken(
                      "no answer to " + command.name() + " within " + timeout.toMillis() + " ms"));
      Optional<QmpAnswer> answer = QmpAnswer.of(message);
      if (answer.isPresent()) {
        if (!message.get("id").equals(Optional.of(id))) {
          throw broken("an answer to " + command.name() + " with another id");
        }
        return answer.get();
      }
      keepEvent(message);
    }
  }

  private void keepEvent(QmpValue message) throws InputException {
    events.add(
        QmpEvent.of(message)
            .orElseThrow(() -> broken("a message that is neither an answer nor an event")),
        message);
  }

  /**
   * The next event, oldest first.
   *
   * @param wait how long to wait for one that did not happen yet; zero: not at all
   * @return empty if none came
   * @throws InputException if QEMU has gone or sends something else
   */
  public Optional<QmpEvent> nextEvent(Duration wait) throws InputException {
    if (events.isEmpty()) {
      Optional<QmpValue> message = message(deadline(wait));
      if (message.isPresent()) {
        keepEvent(message.get());
      }
    }
    return events.poll();
  }

  /** Whether QEMU has closed the connection, as it does when it ends. */
  public boolean isPeerGone() {
    return isPeerGone;
  }

  /** How many events were dropped because nobody asked for them. */
  public long lostEvents() {
    return events.lost();
  }

  /** Closes the connection; QEMU then waits for the next client. */
  @Override
  public void close() {
    try {
      channel.close();
    } catch (IOException alreadyGone) {
      // nothing is lost: what was sent was answered
    }
    try {
      selector.close();
    } catch (IOException alreadyGone) {
      // as above
    }
  }

  /** The next message; empty if none came until then. */
  private Optional<QmpValue> message(long deadline) throws InputException {
    try {
      while (true) {
        Optional<byte[]> frame = frames.next();
        if (frame.isPresent()) {
          return Optional.of(QmpJson.read(frame.get()));
        }
        int count = read();
        if (count < 0) {
          isPeerGone = true;
          throw broken("the connection was closed");
        } else if (count > 0) {
          frames.add(received, count);
          if (isOver(deadline)) {
            return Optional.empty();
          }
        } else if (!await(SelectionKey.OP_READ, deadline)) {
          return Optional.empty();
        }
      }
    } catch (IOException failed) {
      throw broken("what it sends is not QMP: " + failed.getMessage());
    }
  }

  private int read() throws IOException {
    try {
      return channel.read(ByteBuffer.wrap(received));
    } catch (SocketException reset) {
      return -1;
    }
  }

  private void write(ByteBuffer bytes, long deadline) throws InputException {
    try {
      while (bytes.hasRemaining()) {
        if (channel.write(bytes) == 0 && !await(SelectionKey.OP_WRITE, deadline)) {
          throw broken("it takes no command within " + timeout.toMillis() + " ms");
        }
      }
    } catch (IOException failed) {
      isPeerGone = true;
      throw broken("the connection was closed: " + failed.getMessage());
    }
  }

  /** Waits until the channel is ready; false if it is not until then. */
  private boolean await(int operation, long deadline) throws IOException, InputException {
    long left = deadline - System.nanoTime();
    if (left <= 0) {
      return false;
    }
    key.interestOps(operation);
    selector.select(Math.max(1, left / 1_000_000));
    selector.selectedKeys().clear();
    if (Thread.currentThread().isInterrupted()) {
      throw broken("the wait for it was interrupted");
    }
    return true;
  }

  private static boolean isOver(long deadline) {
    return deadline - System.nanoTime() <= 0;
  }

  private static long deadline(Duration wait) {
    return System.nanoTime() + wait.toNanos();
  }

  private InputException broken(String problem) {
    close();
    return InputException.at(name, 0, problem + ", expected QEMU's QMP");
  }
}
