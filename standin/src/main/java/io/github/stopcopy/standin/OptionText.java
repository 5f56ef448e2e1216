package io.github.stopcopy.standin;

import io.github.stopcopy.live.qmp.QmpValue;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * The value of one option of a command line, {@code name,key=value} or JSON, to be changed and
 * written again in the same form. A text's first part may lack its key; so may a switch. Not
 * thread-safe.
 */
final class OptionText {

  /** One part; a text's part without {@code =} has no key. */
  private record Part(String key, QmpValue value) {}

  private final boolean isJson;
  private final String implied;
  private final List<Part> parts = new ArrayList<>();

  private OptionText(boolean isJson, String implied) {
    this.isJson = isJson;
    this.implied = implied;
  }

  /**
   * Reads a value.
   *
   * @param implied the key of a first part that has none, e.g. {@code driver}
   */
  static OptionText parse(String text, String implied) {
    OptionText option = new OptionText(text.startsWith("{"), implied);
    if (option.isJson) {
      try {
        QmpValue members = QmpValue.parse(text);
        for (String key : members.keys()) {
          option.parts.add(new Part(key, members.get(key).orElseThrow()));
        }
        return option;
      } catch (IOException malformed) {
        return option; // the reader of the command line has refused it before
      }
    }
    int at = 0;
    while (at < text.length()) {
      StringBuilder part = new StringBuilder();
      while (at < text.length()) {
        char c = text.charAt(at++);
        if (c == ',') {
          if (at == text.length() || text.charAt(at) != ',') {
            break;
          }
          at++;
        }
        part.append(c);
      }
      option.addPart(part.toString(), option.parts.isEmpty() ? implied : "");
    }
    return option;
  }

  private void addPart(String part, String implied) {
    int equals = part.indexOf('=');
    String key = equals < 0 ? implied : part.substring(0, equals);
    parts.add(new Part(key, QmpValue.of(part.substring(equals + 1))));
  }

  /** A text of keys and values in turn, the first of which is written without its key. */
  static OptionText of(String... keysAndValues) {
    OptionText option = new OptionText(false, keysAndValues[0]);
    for (int i = 0; i < keysAndValues.length; i += 2) {
      option.parts.add(new Part(keysAndValues[i], QmpValue.of(keysAndValues[i + 1])));
    }
    return option;
  }

  /** The text of a key, the last one; empty too if it is no text. */
  Optional<String> get(String key) {
    Optional<String> found = Optional.empty();
    for (Part part : parts) {
      if (part.key.equals(key)) {
        found =
            part.value
                .text()
                .or(() -> part.value.number().map(String::valueOf))
                .or(() -> part.value.bool().map(on -> on ? "on" : "off"));
      }
    }
    return found;
  }

  boolean has(String key) {
    return parts.stream().anyMatch(part -> part.key.equals(key));
  }

  /** Sets a key where it stands, or at the end. */
  OptionText put(String key, String value) {
    for (int i = 0; i < parts.size(); i++) {
      if (parts.get(i).key.equals(key)) {
        parts.set(i, new Part(key, QmpValue.of(value)));
        return this;
      }
    }
    parts.add(new Part(key, QmpValue.of(value)));
    return this;
  }

  /** Calls a key something else. */
  void rename(String from, String to) {
    parts.replaceAll(part -> part.key.equals(from) ? new Part(to, part.value) : part);
  }

  /** Drops keys; answers whether one of them was there. */
  boolean drop(Collection<String> keys) {
    return parts.removeIf(part -> keys.contains(part.key));
  }

  /** Keeps some keys only. */
  void keep(Collection<String> keys) {
    parts.removeIf(part -> !keys.contains(part.key));
  }

  /** As an option's value. */
  @Override
  public String toString() {
    if (isJson) {
      Map<String, QmpValue> members = new LinkedHashMap<>();
      parts.forEach(part -> members.put(part.key, part.value));
      return QmpValue.of(members).toString();
    }
    StringBuilder text = new StringBuilder();
    for (int i = 0; i < parts.size(); i++) {
      Part part = parts.get(i);
      String value = part.value.text().orElse("").replace(",", ",,");
      boolean isBare = part.key.isEmpty() || i == 0 && part.key.equals(implied);
      text.append(i == 0 ? "" : ",").append(isBare ? "" : part.key + "=").append(value);
    }
    return text.toString();
  }
}
