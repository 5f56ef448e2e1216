package com.example.snippets;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.stopcopy.core.error.InputException;
import io.github.stopcopy.core.host.HostFacts;
import io.github.stopcopy.core.plugin.Plugins;
import io.github.stopcopy.live.LiveQemu;
import io.github.stopcopy.live.qmp.QmpAnswer;
import io.github.stopcopy.live.qmp.QmpClient;
import io.github.stopcopy.live.qmp.QmpCommand;
import io.github.stopcopy.live.qmp.QmpEvent;
import io.github.stopcopy.live.qmp.QmpRecord;
import io.github.stopcopy.live.watch.Watch;
import io.github.stopcopy.live.watch.WatchChange;
import io.github.stopcopy.migration.Verdict;
import java.io.BufferedReader;
import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A running QEMU is asked and watched. */
class LiveQemuTest {

  private static final Path RECORD =
      Path.of("../cli/src/test/resources/live/q35-11.1-viommu.record");

  @TempDir private Path folder;

  private final List<Object> logged = new ArrayList<>();

  private void log(Object... words) {
    logged.addAll(List.of(words));
  }

  @Test
  void isAsked() throws Exception {
    Path socket = serve(9);
    HostFacts known = HostFacts.CAPABLE;
    // @start region=live
    try (QmpClient client = QmpClient.connect(socket)) {
      LiveQemu qemu = LiveQemu.read(client, Plugins.load()); // only reads
      Verdict verdict = qemu.check(known, Plugins.load()).decide();
      boolean agrees = qemu.compare(verdict).agrees(); // with QEMU's own blocked-reasons
      log(verdict.kind(), agrees);
    }
    // @end
    assertThat(logged.toString()).isEqualTo("[blocked, true]");
    LiveQemu recorded =
        LiveQemu.read(QmpRecord.read("record", Files.readString(RECORD)), Plugins.load());
    assertThat(recorded.vfioDevices()).containsExactly("0000:01:00.0", "0000:01:00.1");
  }

  @Test
  void answersCommands() throws Exception {
    Path socket = serve(9);
    // @start region=qmp
    try (QmpClient client = QmpClient.connect(socket)) {
      QmpAnswer status = client.ask(QmpCommand.of("query-status"));
      log(status.value(), status.error());
      Optional<QmpEvent> event = client.nextEvent(Duration.ofMillis(100));
      log(event);
    }
    // @end
    assertThat(logged.get(0).toString()).contains("\"status\":\"running\"");
  }

  @Test
  void isWatched() throws Exception {
    Path socket = serve(2);
    HostFacts known = HostFacts.CAPABLE;
    Plugins plugins = Plugins.load();
    // @start region=watch
    try (QmpClient client = QmpClient.connect(socket)) {
      Watch watch = new Watch(client, plugins, qemu -> qemu.check(known, plugins).decide());
      Optional<WatchChange> change = watch.next(Duration.ofSeconds(5));
      while (!(change.orElse(null) instanceof WatchChange.Gone)) {
        change.ifPresent(this::log);
        change = watch.next(Duration.ofSeconds(5));
      }
    }
    // @end
    assertThat(logged).hasAtLeastOneElementOfType(WatchChange.VerdictChanged.class);
  }

  /** A QEMU that answers as one was recorded, and ends when it is asked so often how it is. */
  private Path serve(int questions) throws Exception {
    QmpRecord record = QmpRecord.read("record", Files.readString(RECORD));
    Path socket = folder.resolve("qmp");
    ServerSocketChannel server = ServerSocketChannel.open(StandardProtocolFamily.UNIX);
    server.bind(UnixDomainSocketAddress.of(socket));
    Thread thread = new Thread(() -> answer(server, record, questions));
    thread.setDaemon(true);
    thread.start();
    return socket;
  }

  private static void answer(ServerSocketChannel server, QmpRecord record, int questions) {
    String greeting = "{\"QMP\": {\"version\": {}, \"capabilities\": []}}";
    try (server;
        SocketChannel channel = server.accept()) {
      send(channel, greeting);
      BufferedReader lines =
          new BufferedReader(Channels.newReader(channel, StandardCharsets.UTF_8));
      int asked = 0;
      String line = lines.readLine();
      while (line != null && asked <= questions) {
        String id = line.replaceFirst(".*\"id\":\"([^\"]*)\".*", "$1");
        String request = line.replaceFirst(",\"id\":\"[^\"]*\"", "");
        asked += request.contains("query-status") ? 1 : 0;
        send(channel, found(record, request).replaceFirst("}$", ",\"id\":\"" + id + "\"}"));
        line = lines.readLine();
      }
    } catch (IOException | InputException gone) {
      // the client has had enough
    }
  }

  private static String found(QmpRecord record, String request) throws InputException {
    for (QmpCommand command : record.answers().keySet()) {
      if (command.toString().equals(request)) {
        return "{\"return\":"
            + record.ask(command).value().map(Object::toString).orElse("{}")
            + "}";
      }
    }
    return "{\"return\":{}}";
  }

  private static void send(SocketChannel channel, String text) throws IOException {
    channel.write(ByteBuffer.wrap((text + "\r\n").getBytes(StandardCharsets.UTF_8)));
  }
}
