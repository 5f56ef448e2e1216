package io.github.stopcopy.cli.json;

import com.fasterxml.jackson.databind.JsonNode;
import io.github.stopcopy.core.address.U64;
import io.github.stopcopy.core.error.Errno;
import io.github.stopcopy.core.error.InputException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.Iterator;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * Reads the keys of a JSON object, each with the type it must have, and remembers which were asked
 * for, so that keys nobody knows can be refused. Errors name the key with its path.
 */
final class JsonObject {

  private static final Set<String> IGNORED = Set.of("note", "observed", "origin");

  private final JsonNode node;
  private final String path;
  private final Set<String> known = new HashSet<>();

  private JsonObject(JsonNode node, String path) {
    this.node = node;
    this.path = path;
  }

  /** The object, or an error if the node is something else. */
  static JsonObject of(JsonNode node, String path) throws InputException {
    if (!node.isObject()) {
      throw wrong(path, node, "an object");
    }
    return new JsonObject(node, path);
  }

  /** The path of a key. */
  String path(String key) {
    return path.isEmpty() ? key : path + "." + key;
  }

  /** All keys, none of which is refused any more. */
  List<String> keys() {
    List<String> keys = new ArrayList<>();
    for (Iterator<String> names = node.fieldNames(); names.hasNext(); ) {
      String name = names.next();
      known.add(name);
      if (!IGNORED.contains(name)) {
        keys.add(name);
      }
    }
    return keys;
  }

  /** The node under a key, also an explicit null. */
  Optional<JsonNode> get(String key) {
    known.add(key);
    return Optional.ofNullable(node.get(key));
  }

  Optional<JsonObject> object(String key) throws InputException {
    Optional<JsonNode> value = get(key);
    return value.isPresent() ? Optional.of(of(value.get(), path(key))) : Optional.empty();
  }

  Optional<String> text(String key) throws InputException {
    Optional<JsonNode> value = get(key);
    if (value.isPresent() && !value.get().isTextual()) {
      throw wrong(path(key), value.get(), "a string");
    }
    return value.map(JsonNode::textValue);
  }

  String requiredText(String key) throws InputException {
    return required(key, text(key), "a string");
  }

  boolean bool(String key, boolean otherwise) throws InputException {
    Optional<JsonNode> value = get(key);
    if (value.isPresent() && !value.get().isBoolean()) {
      throw wrong(path(key), value.get(), "true or false");
    }
    return value.map(JsonNode::booleanValue).orElse(otherwise);
  }

  /** An unsigned 64-bit number: an integer, or a string of decimal or 0x digits. */
  Optional<Long> u64(String key) throws InputException {
    Optional<JsonNode> value = get(key);
    return value.isPresent() ? Optional.of(u64(value.get(), path(key))) : Optional.empty();
  }

  /** A number between two bounds, both inclusive. */
  Optional<Integer> integer(String key, int least, int most) throws InputException {
    Optional<Long> value = u64(key);
    if (value.isEmpty()) {
      return Optional.empty();
    }
    long number = value.get();
    if (U64.less(number, least) || U64.less(most, number)) {
      throw InputException.of(
          "key '"
              + path(key)
              + "' is "
              + U64.decimal(number)
              + ", expected "
              + least
              + " to "
              + most);
    }
    return Optional.of((int) number);
  }

  /** An error number; 0 stands for none. */
  Optional<Errno> errno(String key) throws InputException {
    Optional<Integer> number = integer(key, 0, 4095);
    return number.isPresent() ? errno(number.get(), path(key)) : Optional.empty();
  }

  static Optional<Errno> errno(int number, String path) throws InputException {
    if (number == 0) {
      return Optional.empty();
    }
    Optional<Errno> errno = Errno.ofNumber(number);
    if (errno.isEmpty()) {
      throw InputException.of("key '" + path + "' is " + number + ", expected a Linux errno");
    }
    return errno;
  }

  /** The elements of a list, none if the key is missing. */
  List<JsonNode> list(String key) throws InputException {
    Optional<JsonNode> value = get(key);
    return value.isPresent() ? list(value.get(), path(key)) : List.of();
  }

  /** The strings of a list, none if the key is missing. */
  List<String> texts(String key) throws InputException {
    List<String> texts = new ArrayList<>();
    for (JsonNode element : list(key)) {
      if (!element.isTextual()) {
        throw wrong(path(key), element, "strings");
      }
      texts.add(element.textValue());
    }
    return texts;
  }

  static List<JsonNode> list(JsonNode value, String path) throws InputException {
    if (!value.isArray()) {
      throw wrong(path, value, "a list");
    }
    List<JsonNode> elements = new ArrayList<>();
    value.forEach(elements::add);
    return elements;
  }

  static long u64(JsonNode value, String path) throws InputException {
    try {
      if (value.isIntegralNumber()) {
        return U64.of(value.bigIntegerValue());
      }
      if (value.isTextual()) {
        return U64.parse(value.textValue());
      }
    } catch (NumberFormatException outOfRange) {
      throw InputException.of(
          "key '" + path + "': " + outOfRange.getMessage() + ", expected 0 to 2^64-1");
    }
    throw wrong(path, value, "a number");
  }

  /** Refuses keys that were not asked for. */
  void refuseOtherKeys() throws InputException {
    for (Iterator<String> names = node.fieldNames(); names.hasNext(); ) {
      String name = names.next();
      if (!known.contains(name) && !IGNORED.contains(name)) {
        throw InputException.of(
            "unknown key '"
                + path(name)
                + "', expected one of "
                + String.join(", ", known.stream().sorted().toList()));
      }
    }
  }

  <T> T required(String key, Optional<T> value, String expected) throws InputException {
    if (value.isEmpty()) {
      throw InputException.of("key '" + path(key) + "' is missing, expected " + expected);
    }
    return value.get();
  }

  static InputException wrong(String path, JsonNode value, String expected) {
    String text = value.toString();
    String shown = text.length() > 60 ? text.substring(0, 57) + "..." : text;
    String where = path.isEmpty() ? "the JSON" : "key '" + path + "'";
    return InputException.of(where + " is " + shown + ", expected " + expected);
  }
}
