package io.github.stopcopy.standin;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A QEMU that goes is told from one that does not answer. */
class QtestTest {

  @TempDir private Path folder;
  private ServerSocketChannel server;

  @BeforeEach
  void listen() throws Exception {
    server = ServerSocketChannel.open(StandardProtocolFamily.UNIX);
    server.bind(UnixDomainSocketAddress.of(folder.resolve("qtest")));
  }

  @AfterEach
  void close() throws Exception {
    server.close();
  }

  private Qtest connect(Duration timeout) throws Exception {
    return Qtest.connect(folder.resolve("qtest"), timeout);
  }

  private static void say(SocketChannel qemu, String text) throws Exception {
    qemu.write(ByteBuffer.wrap(text.getBytes(StandardCharsets.US_ASCII)));
  }

  @Test
  void anAnswerIsReadBehindInterrupts() throws Exception {
    try (Qtest qtest = connect(Duration.ofSeconds(20));
        SocketChannel qemu = server.accept()) {
      say(qemu, "IRQ raise 4\nOK 0x17\n");
      assertThat(qtest.readInt(0x1000)).isEqualTo(0x17);
      assertThat(qtest.isPeerGone()).isFalse();
    }
  }

  @Test
  void aQemuThatEndsWhileItIsAskedIsGone() throws Exception {
    try (Qtest qtest = connect(Duration.ofSeconds(20))) {
      server.accept().close();
      assertThatThrownBy(() -> qtest.writeInt(0x1000, 1))
          .hasMessageContaining("qtest: the connection was closed");
      assertThat(qtest.isPeerGone()).isTrue();
    }
  }

  @Test
  void aQemuThatDoesNotAnswerIsNotGone() throws Exception {
    try (Qtest qtest = connect(Duration.ofMillis(50));
        SocketChannel qemu = server.accept()) {
      assertThatThrownBy(() -> qtest.writeInt(0x1000, 1)).hasMessage("qtest: no answer in time");
      assertThat(qemu.isOpen()).isTrue();
      assertThat(qtest.isPeerGone()).isFalse();
    }
  }

  @Test
  void aCommandThatQemuRefusesIsTold() throws Exception {
    try (Qtest qtest = connect(Duration.ofSeconds(20));
        SocketChannel qemu = server.accept()) {
      say(qemu, "FAIL Unknown command\n");
      assertThatThrownBy(() -> qtest.writeInt(0x1000, 1))
          .hasMessageContaining("FAIL Unknown command");
      assertThat(qtest.isPeerGone()).isFalse();
    }
  }
}
