package io.github.stopcopy.cli;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
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
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * A QEMU on a socket that answers as one was recorded, one act after another: with each look of a
 * watch behind the first the next act begins, and behind the last it ends.
 */
final class RecordedQmp implements AutoCloseable {

  static final Path RECORDS = Path.of("src", "test", "resources", "live");

  /** Begins an event that happens only once a look is over. */
  static final String AFTERWARDS = "afterwards ";

  private static final String GREETING =
      "{\"QMP\": {\"version\": {\"qemu\": {\"micro\": 3, \"minor\": 1, \"major\": 11}},"
          + " \"capabilities\": []}}\r\n";

  /**
   * How QEMU answers for a while.
   *
   * @param record all answers
   * @param migrate what {@code query-migrate} answers instead; empty: as recorded
   * @param events what happens as it begins
   */
  record Act(Path record, String migrate, String... events) {}

  private final ServerSocketChannel server;
  private final Path socket;
  private final Deque<Act> acts;
  private final List<String> commands = new ArrayList<>();
  private final JsonMapper json = new JsonMapper();
  private final Thread thread;

  RecordedQmp(Path socket, Act... acts) throws IOException {
    this.socket = socket;
    this.acts = new ArrayDeque<>(List.of(acts));
    server = ServerSocketChannel.open(StandardProtocolFamily.UNIX);
    server.bind(UnixDomainSocketAddress.of(socket));
    thread = new Thread(this::serve);
    thread.setDaemon(true);
    thread.start();
  }

  static Path record(String name) {
    return RECORDS.resolve(name + ".record");
  }

  String socket() {
    return socket.toString();
  }

  /** What was sent so far. */
  List<String> commands() {
    synchronized (commands) {
      return List.copyOf(commands);
    }
  }

  private void serve() {
    try (SocketChannel channel = server.accept()) {
      send(channel, GREETING);
      BufferedReader lines =
          new BufferedReader(Channels.newReader(channel, StandardCharsets.UTF_8));
      Act act = acts.removeFirst();
      Map<JsonNode, JsonNode> answers = answers(act);
      int looks = 0;
      boolean isReading = false;
      List<String> later = new ArrayList<>();
      String line = lines.readLine();
      while (line != null) {
        ObjectNode request = (ObjectNode) json.readTree(line);
        JsonNode id = request.remove("id");
        String name = request.get("execute").asText();
        synchronized (commands) {
          commands.add(name);
        }
        // the reading of a whole VM begins with its version; any other question begins a look
        isReading |= name.equals("query-version");
        boolean isLook = name.equals("query-status") && !isReading;
        isReading &= !name.equals("query-status");
        if (isLook && looks++ > 0) {
          if (acts.isEmpty()) {
            return;
          }
          act = acts.removeFirst();
          answers = answers(act);
          for (String event : act.events()) {
            if (event.startsWith(AFTERWARDS)) {
              later.add(event.substring(AFTERWARDS.length()));
            } else {
              send(channel, event + "\r\n");
            }
          }
        }
        JsonNode answer = answers.get(request);
        if (name.equals("query-migrate") && !act.migrate().isEmpty()) {
          answer = json.readTree("{\"return\":" + act.migrate() + "}");
        } else if (answer == null) {
          answer = json.readTree("{\"return\":{}}");
        }
        send(channel, ((ObjectNode) answer.deepCopy()).set("id", id) + "\r\n");
        if (name.equals("human-monitor-command")) { // with which a look ends
          for (String event : later) {
            send(channel, event + "\r\n");
          }
          later.clear();
        }
        line = lines.readLine();
      }
    } catch (IOException gone) {
      // the client has had enough
    }
  }

  private Map<JsonNode, JsonNode> answers(Act act) throws IOException {
    Map<JsonNode, JsonNode> answers = new HashMap<>();
    for (String line : Files.readAllLines(act.record())) {
      JsonNode exchange = json.readTree(line);
      answers.put(exchange.get("request"), exchange.get("answer"));
    }
    return answers;
  }

  private static void send(SocketChannel channel, String text) throws IOException {
    ByteBuffer bytes = ByteBuffer.wrap(text.getBytes(StandardCharsets.UTF_8));
    while (bytes.hasRemaining()) {
      channel.write(bytes);
    }
  }

  @Override
  public void close() throws IOException {
    server.close();
  }
}
