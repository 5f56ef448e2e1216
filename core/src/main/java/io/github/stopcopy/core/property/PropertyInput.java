package io.github.stopcopy.core.property;

import java.math.BigInteger;

/** The value a user gives to a property, in one of QEMU's two syntaxes (R-PROP-1). */
public sealed interface PropertyInput {

  /** Text after {@code name=}. */
  record Text(String text) implements PropertyInput {}

  /** A boolean in JSON. */
  record TypedBoolean(boolean value) implements PropertyInput {}

  /** A whole number in JSON. */
  record TypedNumber(BigInteger value) implements PropertyInput {}

  /** A string in JSON. */
  record TypedText(String text) implements PropertyInput {}

  /** The value as 8.1's {@code device_add} turns it into text: true and false become on and off. */
  default Text asText() {
    if (this instanceof Text text) {
      return text;
    } else if (this instanceof TypedBoolean bool) {
      return new Text(bool.value() ? "on" : "off");
    } else if (this instanceof TypedNumber number) {
      return new Text(number.value().toString());
    }
    return new Text(((TypedText) this).text());
  }
}
