package io.github.stopcopy.standin;

import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;

/**
 * A client of QEMU's qtest socket, which reads and writes guest memory as a processor would. Each
 * command ends in time. Not thread-safe.
 */
final class Qtest implements AutoCloseable {

  private static final int LONGEST_LINE = 1 << 16;

  private final Duration timeout;
  private final Selector selector;
  private final SocketChannel channel;
  private final ByteBuffer received = ByteBuffer.allocate(LONGEST_LINE);
  private boolean isPeerGone;

  private Qtest(Duration timeout, Selector selector, SocketChannel channel) {
    this.timeout = timeout;
    this.selector = selector;
    this.channel = channel;
  }

  static Qtest connect(Path socket, Duration timeout) throws IOException {
    Selector selector = Selector.open();
    SocketChannel channel = SocketChannel.open(StandardProtocolFamily.UNIX);
    try {
      channel.connect(UnixDomainSocketAddress.of(socket));
      channel.configureBlocking(false);
      channel.register(selector, SelectionKey.OP_READ);
    } catch (IOException failed) {
      selector.close();
      channel.close();
      throw failed;
    }
    return new Qtest(timeout, selector, channel);
  }

  void writeInt(long address, int value) throws IOException {
    command("writel " + hex(address) + " " + hex(Integer.toUnsignedLong(value)));
  }

  void writeLong(long address, long value) throws IOException {
    command("writeq " + hex(address) + " " + hex(value));
  }

  void zero(long address, int bytes) throws IOException {
    command("memset " + hex(address) + " " + hex(bytes) + " 0x0");
  }

  int readInt(long address) throws IOException {
    String[] words = command("readl " + hex(address)).split(" ");
    if (words.length < 2) {
      throw new IOException("qtest: no value");
    }
    return (int) (long) Long.decode(words[1]);
  }

  /** Whether QEMU has closed the connection, as it does when it ends. */
  boolean isPeerGone() {
    return isPeerGone;
  }

  private static String hex(long value) {
    return "0x" + Long.toHexString(value);
  }

  private String command(String text) throws IOException {
    long deadline = System.nanoTime() + timeout.toNanos();
    ByteBuffer bytes = ByteBuffer.wrap((text + "\n").getBytes(StandardCharsets.US_ASCII));
    while (bytes.hasRemaining()) {
      if (write(bytes) == 0 && System.nanoTime() - deadline > 0) {
        throw new IOException("qtest: no room for a command in time");
      }
    }
    while (true) {
      String line = line(deadline);
      if (line.startsWith("OK")) {
        return line;
      } else if (line.startsWith("FAIL") || line.startsWith("ERR")) {
        throw new IOException("qtest: " + text + ": " + line);
      } // else an interrupt, which nobody here waits for
    }
  }

  private int write(ByteBuffer bytes) throws IOException {
    try {
      return channel.write(bytes);
    } catch (IOException failed) {
      throw gone(failed);
    }
  }

  /** Reads what is there; -1 if the peer has closed the connection. */
  private int read() throws IOException {
    try {
      return channel.read(received);
    } catch (IOException failed) {
      throw gone(failed);
    }
  }

  private IOException gone(IOException why) {
    isPeerGone = true;
    return new IOException("qtest: the connection was closed: " + why.getMessage(), why);
  }

  private String line(long deadline) throws IOException {
    while (true) {
      for (int i = 0; i < received.position(); i++) {
        if (received.get(i) == '\n') {
          String line = new String(received.array(), 0, i, StandardCharsets.US_ASCII);
          received.flip().position(i + 1);
          received.compact();
          return line;
        }
      }
      if (!received.hasRemaining()) {
        throw new IOException("qtest: a line of more than " + LONGEST_LINE + " bytes");
      }
      int count = read();
      if (count < 0) {
        isPeerGone = true;
        throw new IOException("qtest: the connection was closed");
      } else if (count == 0) {
        long left = deadline - System.nanoTime();
        if (left <= 0) {
          throw new IOException("qtest: no answer in time");
        }
        selector.select(Math.max(1, left / 1_000_000));
        selector.selectedKeys().clear();
        if (Thread.currentThread().isInterrupted()) {
          throw new IOException("qtest: interrupted");
        }
      }
    }
  }

  @Override
  public void close() {
    try {
      channel.close();
      selector.close();
    } catch (IOException alreadyGone) {
      // nothing is lost
    }
  }
}
