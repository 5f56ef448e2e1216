package io.github.stopcopy.live.qmp;

import java.io.IOException;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * A value of JSON: an object, a list, a text, a number, true, false or null. Immutable; two are
 * equal if they hold the same, whatever the order of keys.
 */
public final class QmpValue {

  /** The object without keys. */
  public static final QmpValue NO_KEYS = new QmpValue(Map.of());

  /** The null of JSON. */
  static final QmpValue NULL = new QmpValue(Optional.empty());

  /** A map, list, string, big integer, big decimal, boolean, or the empty optional for null. */
  private final Object content;

  private QmpValue(Object content) {
    this.content = content;
  }

  /**
   * Reads a text that holds one value.
   *
   * @throws IOException if it holds no JSON or too much of it, with a message in one line
   */
  public static QmpValue parse(String json) throws IOException {
    return QmpJson.read(json.getBytes(StandardCharsets.UTF_8));
  }

  /** A text. */
  public static QmpValue of(String text) {
    return new QmpValue(text);
  }

  /** A number. */
  public static QmpValue of(long number) {
    return of(BigInteger.valueOf(number));
  }

  /** A number. */
  public static QmpValue of(BigInteger number) {
    return new QmpValue(number);
  }

  static QmpValue of(BigDecimal number) {
    return new QmpValue(number);
  }

  /** True or false. */
  public static QmpValue of(boolean value) {
    return new QmpValue(value);
  }

  /** A list. */
  public static QmpValue of(List<QmpValue> elements) {
    return new QmpValue(List.copyOf(elements));
  }

  /** An object whose keys keep their order. */
  public static QmpValue of(Map<String, QmpValue> members) {
    return new QmpValue(Collections.unmodifiableMap(new LinkedHashMap<>(members)));
  }

  /** The value of a key; empty if this is no object or has no such key. */
  public Optional<QmpValue> get(String key) {
    return Optional.ofNullable(members().get(key));
  }

  /** The text of a key; empty if there is none. */
  public Optional<String> text(String key) {
    return get(key).flatMap(QmpValue::text);
  }

  /** The number of a key, from -2^63 to 2^64-1 in 64 bits; empty if there is none. */
  public Optional<Long> number(String key) {
    return get(key).flatMap(QmpValue::number);
  }

  /** The truth value of a key; empty if there is none. */
  public Optional<Boolean> bool(String key) {
    return get(key).flatMap(QmpValue::bool);
  }

  /** The list of a key; no elements if there is none. */
  public List<QmpValue> list(String key) {
    return get(key).map(QmpValue::elements).orElse(List.of());
  }

  /** The keys in their order; none if this is no object. */
  public Set<String> keys() {
    return members().keySet();
  }

  /** The elements; none if this is no list. */
  public List<QmpValue> elements() {
    List<QmpValue> elements = new ArrayList<>();
    if (content instanceof List<?> list) {
      list.forEach(element -> elements.add((QmpValue) element));
    }
    return elements;
  }

  /** Whether this is an object. */
  public boolean isObject() {
    return content instanceof Map;
  }

  /** Whether this is a list. */
  public boolean isList() {
    return content instanceof List;
  }

  /** The text; empty if this is none. */
  public Optional<String> text() {
    return content instanceof String text ? Optional.of(text) : Optional.empty();
  }

  /** The truth value; empty if this is none. */
  public Optional<Boolean> bool() {
    return content instanceof Boolean value ? Optional.of(value) : Optional.empty();
  }

  /** The number, from -2^63 to 2^64-1 in 64 bits; empty if this is none or another. */
  public Optional<Long> number() {
    boolean fits =
        content instanceof BigInteger number
            && number.bitLength() <= (number.signum() < 0 ? Long.SIZE - 1 : Long.SIZE);
    return fits ? Optional.of(((BigInteger) content).longValue()) : Optional.empty();
  }

  Map<String, QmpValue> members() {
    Map<String, QmpValue> members = new LinkedHashMap<>();
    if (content instanceof Map<?, ?> map) {
      map.forEach((key, value) -> members.put((String) key, (QmpValue) value));
    }
    return members;
  }

  Object content() {
    return content;
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof QmpValue value && content.equals(value.content);
  }

  @Override
  public int hashCode() {
    return content.hashCode();
  }

  /** The value as JSON in one line. */
  @Override
  public String toString() {
    return QmpJson.write(this);
  }
}
