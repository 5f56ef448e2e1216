package io.github.stopcopy.live.qmp;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.stopcopy.core.error.InputException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The client and peers that keep to the protocol, and peers that do not. */
@Timeout(60) // a hang is a failure
class QmpClientTest {

  private static final Duration PATIENCE = Duration.ofMillis(300);
  private static final QmpCommand STATUS = QmpCommand.of("query-status");
  private static final String STOPPED =
      "{\"timestamp\": {\"seconds\": 1700000000, \"microseconds\": 250000}, \"event\":"
          + " \"STOP\"}\r\n";

  @TempDir private Path folder;

  private FakeQmp peer(FakeQmp.Behaviour behaviour) throws IOException {
    return new FakeQmp(folder.resolve("qmp"), behaviour);
  }

  private static QmpClient connect(FakeQmp peer) throws InputException {
    return QmpClient.connect(peer.socket(), PATIENCE);
  }

  @Test
  void asksAndIsAnswered() throws Exception {
    try (FakeQmp peer =
            peer(qemu -> {
              qemu.greet();
              qemu.answer("{\"status\": \"running\", \"running\": true}");
            });
        QmpClient client = connect(peer)) {
      QmpAnswer answer = client.ask(STATUS);
      assertThat(answer.value().orElseThrow().text("status")).contains("running");
      assertThat(client.greeting().get("version")).isPresent();
    }
  }

  @Test
  void anErrorOfQemuIsAnAnswer() throws Exception {
    try (FakeQmp peer =
            peer(qemu -> {
              qemu.greet();
              qemu.receive();
              qemu.send(
                  "{\"error\": {\"class\": \"GenericError\", \"desc\": \"no\"}, \"id\":"
                      + " \"stopcopy-2\"}");
            });
        QmpClient client = connect(peer)) {
      assertThat(client.ask(STATUS).error()).contains("no");
    }
  }

  @Test
  void eventsBetweenAnswersAreKept() throws Exception {
    try (FakeQmp peer =
            peer(qemu -> {
              qemu.greet();
              qemu.send(STOPPED);
              qemu.answer("{}");
              qemu.send("{\"event\": \"RESUME\", \"data\": {\"a\": 1}}");
              qemu.receive();
            });
        QmpClient client = connect(peer)) {
      assertThat(client.ask(STATUS).value()).isPresent();
      QmpEvent first = client.nextEvent(Duration.ZERO).orElseThrow();
      assertThat(first.name()).isEqualTo("STOP");
      assertThat(first.time()).contains(Instant.ofEpochSecond(1700000000, 250_000_000));
      QmpEvent second = client.nextEvent(Duration.ofSeconds(30)).orElseThrow();
      assertThat(second.name()).isEqualTo("RESUME");
      assertThat(second.data().number("a")).contains(1L);
      assertThat(client.nextEvent(Duration.ofMillis(1))).isEmpty();
    }
  }

  /** A monitor with {@code pretty=on} takes several lines. */
  @Test
  void anAnswerMayTakeSeveralLines() throws Exception {
    try (FakeQmp peer =
            peer(qemu -> {
              qemu.greet();
              qemu.receive();
              qemu.send("{\n  \"return\": {\n    \"status\": \"a } \\\" {\"\n  },\n");
              qemu.send("  \"id\": \"stopcopy-2\"\n}\n");
            });
        QmpClient client = connect(peer)) {
      assertThat(client.ask(STATUS).value().orElseThrow().text("status")).contains("a } \" {");
    }
  }

  @Test
  void R_LIVE_L2_whoDoesNotGreetServesAnotherClient() throws Exception {
    try (FakeQmp peer = peer(FakeQmp.Peer::receive)) {
      assertThatThrownBy(() -> connect(peer))
          .isInstanceOf(InputException.class)
          .hasMessageContaining("another client such as libvirt holds this socket")
          .hasMessageContaining("virsh qemu-monitor-command DOMAIN");
    }
  }

  @Test
  void aPeerThatNeverAnswersIsAnErrorInTime() throws Exception {
    try (FakeQmp peer =
            peer(qemu -> {
              qemu.greet();
              qemu.receive();
              qemu.receive();
            });
        QmpClient client = connect(peer)) {
      assertThatThrownBy(() -> client.ask(STATUS))
          .isInstanceOf(InputException.class)
          .hasMessageContaining("no answer to query-status within 300 ms");
      assertThat(client.isPeerGone()).isFalse();
    }
  }

  @Test
  void aPeerThatSendsEventsForeverIsAnErrorInTime() throws Exception {
    try (FakeQmp peer =
            peer(qemu -> {
              qemu.greet();
              qemu.receive();
              while (true) {
                qemu.send(STOPPED);
              }
            });
        QmpClient client = connect(peer)) {
      assertThatThrownBy(() -> client.ask(STATUS))
          .isInstanceOf(InputException.class)
          .hasMessageContaining("no answer to query-status");
    }
  }

  @Test
  void ofTooManyEventsTheOldestAreDropped() throws Exception {
    String long100k = "x".repeat(100_000);
    try (FakeQmp peer =
            peer(qemu -> {
              qemu.greet();
              for (int i = 0; i < 100; i++) {
                qemu.send("{\"event\": \"E" + i + "\", \"data\": {\"t\": \"" + long100k + "\"}}\n");
              }
              qemu.answer("{}");
              qemu.receive();
            });
        QmpClient client = QmpClient.connect(peer.socket(), Duration.ofSeconds(30))) {
      assertThat(client.ask(STATUS).value()).isPresent();
      assertThat(client.lostEvents()).isBetween(50L, 70L);
      assertThat(client.nextEvent(Duration.ZERO).orElseThrow().name())
          .isEqualTo("E" + client.lostEvents());
    }
  }

  @Test
  void aMessageWithoutEndIsAnErrorBeforeMemoryEnds() throws Exception {
    byte[] piece = "x".repeat(1 << 16).getBytes(java.nio.charset.StandardCharsets.UTF_8);
    try (FakeQmp peer =
            peer(qemu -> {
              qemu.greet();
              qemu.receive();
              qemu.send("{\"return\": \"");
              while (true) {
                qemu.send(piece);
              }
            });
        QmpClient client = QmpClient.connect(peer.socket(), Duration.ofSeconds(30))) {
      assertThatThrownBy(() -> client.ask(STATUS))
          .isInstanceOf(InputException.class)
          .hasMessageContaining("more than " + QmpFrames.LONGEST + " bytes");
    }
  }

  @Test
  void aPeerThatClosesMidwayIsGone() throws Exception {
    try (FakeQmp peer =
            peer(qemu -> {
              qemu.greet();
              qemu.receive();
              qemu.send("{\"return\": {\"sta");
            });
        QmpClient client = connect(peer)) {
      assertThatThrownBy(() -> client.ask(STATUS))
          .isInstanceOf(InputException.class)
          .hasMessageContaining("the connection was closed");
      assertThat(client.isPeerGone()).isTrue();
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "SSH-2.0-OpenSSH_9.2\r\n",
        "{\"return\": }",
        "{\"return\": {\"a\": 01}, \"id\": \"stopcopy-2\"}",
        "[1, 2]",
        "{\"neither\": 1}",
        "{\"return\": {}, \"id\": \"another\"}",
        "{\"return\": {}}",
        "}",
      })
  void whatIsNotTheProtocolIsAnError(String nonsense) throws Exception {
    try (FakeQmp peer =
            peer(qemu -> {
              qemu.greet();
              qemu.receive();
              qemu.send(nonsense);
              qemu.receive();
            });
        QmpClient client = connect(peer)) {
      assertThatThrownBy(() -> client.ask(STATUS))
          .isInstanceOf(InputException.class)
          .hasMessageContaining("expected QEMU's QMP")
          .message()
          .doesNotContain("\n");
      assertThatThrownBy(() -> client.ask(STATUS)).isInstanceOf(InputException.class);
    }
  }

  @Test
  void nestedWithoutEndIsAnError() throws Exception {
    String deep = "{\"return\": " + "[".repeat(100_000) + "]".repeat(100_000) + "}";
    try (FakeQmp peer =
            peer(qemu -> {
              qemu.greet();
              qemu.receive();
              qemu.send(deep);
              qemu.receive();
            });
        QmpClient client = QmpClient.connect(peer.socket(), Duration.ofSeconds(30))) {
      assertThatThrownBy(() -> client.ask(STATUS))
          .isInstanceOf(InputException.class)
          .hasMessageContaining("expected QEMU's QMP");
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"{\"hello\": 1}", "{\"QMP\": {}}", "HTTP/1.1 400 Bad Request\r\n"})
  void anotherGreetingIsAnError(String greeting) throws Exception {
    try (FakeQmp peer =
        peer(other -> {
          other.send(greeting);
          other.receive();
        })) {
      assertThatThrownBy(() -> connect(peer))
          .isInstanceOf(InputException.class)
          .hasMessageContaining("expected QEMU's QMP");
    }
  }

  @Test
  void noSocketIsAnError() throws Exception {
    assertThatThrownBy(() -> QmpClient.connect(folder.resolve("none")))
        .isInstanceOf(InputException.class)
        .hasMessageContaining("no such file, expected the socket of QEMU's -qmp option");
    Path file = Files.writeString(folder.resolve("file"), "");
    assertThatThrownBy(() -> QmpClient.connect(file))
        .isInstanceOf(InputException.class)
        .hasMessageContaining("cannot be connected to");
    Path longName = Files.createDirectory(folder.resolve("x".repeat(120)));
    assertThatThrownBy(() -> QmpClient.connect(longName))
        .isInstanceOf(InputException.class)
        .hasMessageContaining("cannot be connected to");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "migrate",
        "quit",
        "stop",
        "cont",
        "qom-set",
        "device_add",
        "device_del",
        "object-add",
        "calc-dirty-rate",
        "trace-event-set-state",
        "migrate_cancel",
        "migrate-set-capabilities",
        "human-monitor-command",
        "system_reset"
      })
  void R_LIVE_L1_whatDoesMoreThanReadIsNeverSent(String name) throws Exception {
    try (FakeQmp peer =
            peer(qemu -> {
              qemu.greet();
              qemu.receive();
            });
        QmpClient client = connect(peer)) {
      assertThatThrownBy(() -> client.ask(QmpCommand.of(name)))
          .isInstanceOf(IllegalArgumentException.class);
    }
  }

  @Test
  void R_LIVE_L1_ofTheMonitorOnlyTheLayoutIsAsked() {
    assertThat(QmpCommand.mtree().isReadOnly()).isTrue();
    assertThat(QmpCommand.of("human-monitor-command").with("command-line", "quit").isReadOnly())
        .isFalse();
    assertThat(QmpCommand.mtree().with("cpu-index", "0").isReadOnly()).isFalse();
  }

  @Test
  void cancellingIsTheOneThingThatChangesSomething() throws Exception {
    StringBuilder sent = new StringBuilder();
    try (FakeQmp peer =
            peer(qemu -> {
              qemu.greet();
              sent.append(qemu.receive());
              qemu.send("{\"return\": {}, \"id\": \"stopcopy-2\"}");
            });
        QmpClient client = connect(peer)) {
      assertThat(client.cancelMigration().error()).isEqualTo(Optional.empty());
      assertThat(sent).contains("\"execute\":\"migrate_cancel\"");
    }
  }
}
