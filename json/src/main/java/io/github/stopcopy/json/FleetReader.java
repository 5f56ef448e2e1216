package io.github.stopcopy.json;

import io.github.stopcopy.core.error.InputException;
import io.github.stopcopy.core.host.HostFacts;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Reads a line of a fleet. */
final class FleetReader {

  private static final List<String> KEYS =
      List.of("id", "node", "args", "xml", "qemu-version", "host");

  private @Nullable String id;
  private @Nullable String node;
  private @Nullable String args;
  private @Nullable List<String> words;
  private @Nullable String xml;
  private @Nullable String release;
  private @Nullable HostFacts host;
  private @Nullable String hostOf;

  /** Reads all of it, or as much as comes before what is wrong. */
  static FleetLine read(String source, int line, String text) {
    FleetReader reader = new FleetReader();
    @Nullable InputException problem = null;
    try {
      JsonCursor.read(
          source,
          line,
          text,
          json -> {
            reader.read(json);
            return reader;
          });
    } catch (InputException wrong) {
      problem = wrong;
    }
    return new FleetLine(
        Optional.ofNullable(reader.id),
        Optional.ofNullable(reader.node),
        Optional.ofNullable(reader.args),
        Optional.ofNullable(reader.words),
        Optional.ofNullable(reader.xml),
        Optional.ofNullable(reader.release),
        Optional.ofNullable(reader.host),
        Optional.ofNullable(reader.hostOf),
        Optional.ofNullable(problem));
  }

  private void read(JsonCursor json) throws InputException {
    json.beginObject();
    for (String key = json.nextKey(); key != null; key = json.nextKey()) {
      switch (key) {
        case "id" -> id = json.text();
        case "node" -> node = json.text();
        case "args" -> args(json);
        case "xml" -> xml = json.text();
        case "qemu-version" -> release = json.text();
        case "host" -> host(json);
        default -> throw json.unknownKey(KEYS);
      }
    }
    int given = (args != null || words != null ? 1 : 0) + (xml != null ? 1 : 0);
    if (given > 1) {
      throw json.wrongMember("xml", "is given beside 'args', expected one of them");
    }
    if (given == 0 && (node == null || host == null || id != null)) {
      throw json.missing(
          "args", "it or 'xml', the VM; or 'node' and an object 'host', the facts of a node");
    }
  }

  private void args(JsonCursor json) throws InputException {
    if (!json.isList()) {
      args = json.text("a command line or a list of its words");
      return;
    }
    List<String> all = new ArrayList<>();
    while (json.nextElement()) {
      all.add(json.text());
    }
    words = all;
  }

  private void host(JsonCursor json) throws InputException {
    if (json.isObject()) {
      host = HostReader.read(json).facts();
    } else {
      hostOf = json.text("an object or the name of a node");
    }
  }
}
