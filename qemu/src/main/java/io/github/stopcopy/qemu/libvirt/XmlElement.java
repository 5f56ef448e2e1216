package io.github.stopcopy.qemu.libvirt;

import io.github.stopcopy.core.address.U64;
import io.github.stopcopy.core.error.InputException;
import java.math.BigInteger;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/** An element of the XML. Its values are read as libvirt's documentation says they are written. */
final class XmlElement {

  private static final BigInteger MOST_BYTES = BigInteger.ONE.shiftLeft(61);
  private static final int LONGEST_SHOWN = 60;

  private final String source;
  private final String namespace;
  private final String name;
  private final int line;
  private final Map<String, String> attributes = new LinkedHashMap<>();
  private final List<XmlElement> children = new ArrayList<>();
  private final StringBuilder text = new StringBuilder();

  XmlElement(String source, String namespace, String name, int line) {
    this.source = source;
    this.namespace = namespace;
    this.name = name;
    this.line = line;
  }

  /** The same with children of its own, which can be added to. */
  XmlElement copy() {
    XmlElement copy = new XmlElement(source, namespace, name, line);
    copy.attributes.putAll(attributes);
    copy.text.append(text);
    for (XmlElement child : children) {
      copy.children.add(child.copy());
    }
    return copy;
  }

  /** The first child of this name in the same namespace, a new one if there is none. */
  XmlElement childOrNew(String childName) {
    return first(childName)
        .orElseGet(() -> {
          XmlElement added = new XmlElement(source, namespace, childName, line);
          children.add(added);
          return added;
        });
  }

  void attribute(String attribute, String value) {
    attributes.put(attribute, value);
  }

  void child(XmlElement element) {
    children.add(element);
  }

  void text(String more) {
    text.append(more);
  }

  String source() {
    return source;
  }

  String namespace() {
    return namespace;
  }

  String name() {
    return name;
  }

  /** The line, counted from 1. */
  int line() {
    return line;
  }

  Map<String, String> attributes() {
    return attributes;
  }

  List<XmlElement> children() {
    return children;
  }

  /** The children of this name in the same namespace. */
  List<XmlElement> all(String childName) {
    List<XmlElement> found = new ArrayList<>();
    for (XmlElement child : children) {
      if (child.name.equals(childName) && child.namespace.equals(namespace)) {
        found.add(child);
      }
    }
    return found;
  }

  /** The first descendant along these names in the same namespace. */
  Optional<XmlElement> first(String... path) {
    XmlElement at = this;
    for (String step : path) {
      List<XmlElement> found = at.all(step);
      if (found.isEmpty()) {
        return Optional.empty();
      }
      at = found.get(0);
    }
    return Optional.of(at);
  }

  String text() {
    return text.toString().strip();
  }

  Optional<String> optional(String attribute) {
    return Optional.ofNullable(attributes.get(attribute));
  }

  boolean has(String attribute, String value) {
    return value.equals(attributes.get(attribute));
  }

  String required(String attribute) throws InputException {
    String value = attributes.get(attribute);
    if (value == null) {
      throw wrong("has no " + attribute + "=, expected one");
    }
    return value;
  }

  /** An attribute of two possible values; empty if it is not there. */
  Optional<Boolean> flag(String attribute, String yes, String no) throws InputException {
    String value = attributes.get(attribute);
    if (value == null) {
      return Optional.empty();
    }
    if (!value.equals(yes) && !value.equals(no)) {
      throw wrong(attribute + "='" + shown(value) + "', expected " + yes + " or " + no);
    }
    return Optional.of(value.equals(yes));
  }

  /** A number in an attribute, decimal or hexadecimal. */
  int number(String attribute, int least, int most) throws InputException {
    return (int) number(attribute + "=", required(attribute), least, most);
  }

  /** The same where libvirt takes decimal digits only. */
  int decimal(String attribute, int least, int most) throws InputException {
    String value = required(attribute);
    if (value.contains("x") || value.contains("X")) {
      throw wrong(attribute + "='" + shown(value) + "', expected a whole number in decimal digits");
    }
    return number(attribute, least, most);
  }

  /** The same, or another number if the attribute is not there. */
  int numberOr(String attribute, int otherwise, int least, int most) throws InputException {
    return attributes.containsKey(attribute) ? number(attribute, least, most) : otherwise;
  }

  /** The number that is the text of this element. */
  int textNumber(int least, int most) throws InputException {
    return (int) number("", text(), least, most);
  }

  /** The unsigned 64-bit number in an attribute. */
  long address(String attribute) throws InputException {
    return number(attribute + "=", required(attribute), 0, U64.MAX);
  }

  private long number(String label, String value, long least, long most) throws InputException {
    long number;
    try {
      number = U64.parse(value);
    } catch (NumberFormatException e) {
      throw wrong(label + "'" + shown(value) + "', expected a whole number");
    }
    if (U64.less(number, least) || U64.less(most, number)) {
      throw wrong(
          label
              + "'"
              + shown(value)
              + "', expected a number from "
              + least
              + " to "
              + Long.toUnsignedString(most));
    }
    return number;
  }

  /** The size in bytes that this element holds with its {@code unit}, KiB if it has none. */
  long bytes() throws InputException {
    BigInteger unit = unit(attributes.getOrDefault("unit", "KiB"));
    String value = text();
    if (!value.matches("[0-9]{1,40}")) {
      throw wrong("'" + shown(value) + "', expected a whole number");
    }
    BigInteger bytes = new BigInteger(value).multiply(unit);
    if (bytes.signum() == 0 || bytes.compareTo(MOST_BYTES) > 0) {
      throw wrong("'" + shown(value) + "', expected a size from one byte to 2 EiB");
    }
    return bytes.longValueExact();
  }

  private BigInteger unit(String text) throws InputException {
    String lower = text.toLowerCase(Locale.ROOT);
    if (lower.equals("b") || lower.equals("byte") || lower.equals("bytes")) {
      return BigInteger.ONE;
    }
    int power = lower.isEmpty() ? -1 : "kmgtpe".indexOf(lower.charAt(0));
    String rest = power < 0 ? "?" : lower.substring(1);
    if (rest.isEmpty() || rest.equals("ib")) {
      return BigInteger.ONE.shiftLeft(10 * (power + 1));
    } else if (rest.equals("b")) {
      return BigInteger.TEN.pow(3 * (power + 1));
    }
    throw wrong("unit='" + shown(text) + "', expected one such as b, KiB, MiB, GiB or TiB");
  }

  /** What is wrong about this element. */
  InputException wrong(String problem) {
    return InputException.at(source, line, "<" + name + ">: " + problem);
  }

  /** A remark about this element. */
  String note(String remark) {
    return source + ":" + line + ": " + remark;
  }

  private static String shown(String text) {
    return text.length() <= LONGEST_SHOWN ? text : text.substring(0, LONGEST_SHOWN - 3) + "...";
  }
}
