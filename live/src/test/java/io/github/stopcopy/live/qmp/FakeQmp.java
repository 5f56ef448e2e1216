package io.github.stopcopy.live.qmp;

import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;

/** A peer on a Unix socket that does as it is told by a test, for one client. */
final class FakeQmp implements AutoCloseable {

  static final String GREETING =
      "{\"QMP\": {\"version\": {\"qemu\": {\"micro\": 3, \"minor\": 1, \"major\": 11},"
          + " \"package\": \"\"}, \"capabilities\": [\"oob\"]}}\r\n";

  /** What the peer does once somebody is there. */
  interface Behaviour {
    void serve(Peer peer) throws IOException;
  }

  /** The peer's end of the connection. */
  static final class Peer {
    private final SocketChannel channel;

    private Peer(SocketChannel channel) {
      this.channel = channel;
    }

    void send(String text) throws IOException {
      send(text.getBytes(StandardCharsets.UTF_8));
    }

    void send(byte[] bytes) throws IOException {
      ByteBuffer buffer = ByteBuffer.wrap(bytes);
      while (buffer.hasRemaining()) {
        channel.write(buffer);
      }
    }

    /** Takes a command; empty once the client has gone. */
    String receive() throws IOException {
      StringBuilder line = new StringBuilder();
      ByteBuffer one = ByteBuffer.allocate(1);
      while (channel.read(one.clear()) > 0) {
        char next = (char) one.get(0);
        if (next == '\n') {
          break;
        }
        line.append(next);
      }
      return line.toString();
    }

    /** Takes a command and answers it with this, under its own id. */
    void answer(String value) throws IOException {
      String command = receive();
      String id = command.replaceFirst(".*\"id\":\"([^\"]*)\".*", "$1");
      send("{\"return\": " + value + ", \"id\": \"" + id + "\"}\r\n");
    }

    /** Greets and lets the client have its way. */
    void greet() throws IOException {
      send(GREETING);
      answer("{}");
    }
  }

  private final ServerSocketChannel server;
  private final Thread thread;
  private final Path socket;

  FakeQmp(Path socket, Behaviour behaviour) throws IOException {
    this.socket = socket;
    server = ServerSocketChannel.open(StandardProtocolFamily.UNIX);
    server.bind(UnixDomainSocketAddress.of(socket));
    thread =
        new Thread(() -> {
          try (SocketChannel channel = server.accept()) {
            behaviour.serve(new Peer(channel));
          } catch (IOException gone) {
            // the client has had enough
          }
        });
    thread.setDaemon(true);
    thread.start();
  }

  Path socket() {
    return socket;
  }

  @Override
  public void close() throws IOException {
    server.close();
    thread.interrupt();
  }
}
