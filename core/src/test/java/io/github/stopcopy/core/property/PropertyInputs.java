package io.github.stopcopy.core.property;

import io.github.stopcopy.core.error.Result;
import java.math.BigInteger;

/** Short forms for tests: inputs in both syntaxes, and what reading property {@code p} gives. */
final class PropertyInputs {

  private PropertyInputs() {}

  static PropertyInput.Text text(String text) {
    return new PropertyInput.Text(text);
  }

  static PropertyInput string(String text) {
    return new PropertyInput.TypedText(text);
  }

  static PropertyInput bool(boolean value) {
    return new PropertyInput.TypedBoolean(value);
  }

  static PropertyInput number(long value) {
    return new PropertyInput.TypedNumber(BigInteger.valueOf(value));
  }

  static PropertyInput number(String value) {
    return new PropertyInput.TypedNumber(new BigInteger(value));
  }

  static Object value(PropertyType type, PropertyInput input) {
    return type.read("vfio-pci", "p", input) instanceof Result.Ok<Object> ok
        ? ok.value()
        : "refused: " + error(type, input);
  }

  static String error(PropertyType type, PropertyInput input) {
    return type.read("vfio-pci", "p", input) instanceof Result.Failed<Object> failed
        ? failed.error().text()
        : "accepted";
  }
}
