package io.github.stopcopy.standin;

import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedSelectorException;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.SocketChannel;
import java.time.Duration;
import java.util.Optional;

/**
 * A connection whose waits end. One thread at a time; {@link #close} from any, which ends the waits
 * of the others.
 */
final class TimedChannel implements AutoCloseable {

  private final SocketChannel channel;
  private final Selector selector;
  private final SelectionKey key;

  TimedChannel(SocketChannel channel) throws IOException {
    this.channel = channel;
    selector = Selector.open();
    try {
      channel.configureBlocking(false);
      key = channel.register(selector, 0);
    } catch (IOException failed) {
      selector.close();
      throw failed;
    }
  }

  /** Fills a buffer and flips it; {@code patience} is for all of it, empty waits for ever. */
  void receive(ByteBuffer into, Optional<Duration> patience) throws IOException {
    long deadline = deadline(patience);
    while (into.hasRemaining()) {
      int count = channel.read(into);
      if (count < 0) {
        throw new EOFException("the connection was closed");
      } else if (count == 0) {
        await(SelectionKey.OP_READ, deadline, patience.isPresent());
      }
    }
    into.flip();
  }

  /** Sends all of a buffer. */
  void send(ByteBuffer from, Duration patience) throws IOException {
    long deadline = deadline(Optional.of(patience));
    while (from.hasRemaining()) {
      if (channel.write(from) == 0) {
        await(SelectionKey.OP_WRITE, deadline, true);
      }
    }
  }

  private static long deadline(Optional<Duration> patience) {
    return System.nanoTime() + patience.orElse(Duration.ZERO).toNanos();
  }

  private void await(int operation, long deadline, boolean ends) throws IOException {
    long left = deadline - System.nanoTime();
    if (ends && left <= 0) {
      throw new IOException("nothing came or went in time");
    }
    try {
      key.interestOps(operation);
      selector.select(ends ? Math.max(1, left / 1_000_000) : 0);
      selector.selectedKeys().clear();
    } catch (ClosedSelectorException | java.nio.channels.CancelledKeyException closed) {
      throw new IOException("the connection was closed here", closed);
    }
    if (Thread.currentThread().isInterrupted()) {
      throw new IOException("interrupted");
    }
  }

  @Override
  public void close() {
    try {
      channel.close();
    } catch (IOException alreadyGone) {
      // nothing is lost
    }
    try {
      selector.close();
    } catch (IOException alreadyGone) {
      // as above
    }
  }
}
