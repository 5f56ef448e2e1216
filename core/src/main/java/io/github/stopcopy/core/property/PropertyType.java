package io.github.stopcopy.core.property;

import io.github.stopcopy.core.address.U64;
import io.github.stopcopy.core.error.QemuError;
import io.github.stopcopy.core.error.Result;
import java.math.BigInteger;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * What values a property takes, and how QEMU reads and refuses them (R-PROP-2 .. R-PROP-8). The
 * value that {@link #read} gives is a {@code Boolean}, an {@link OnOffAuto}, a {@code Long}
 * (unsigned but for {@link Signed}) or a {@code String}.
 */
public sealed interface PropertyType {

  /** Reads a value; the error is QEMU's text. */
  Result<Object> read(String device, String property, PropertyInput input);

  /** How the type is called in documentation. */
  String label();

  /** On or off (R-PROP-2). */
  record Bool() implements PropertyType {
    @Override
    public Result<Object> read(String device, String property, PropertyInput input) {
      if (input instanceof PropertyInput.TypedBoolean typed) {
        return Result.ok(typed.value());
      }
      if (!(input instanceof PropertyInput.Text text)) {
        return wrongType(property, "boolean");
      }
      Optional<Boolean> value = parse(text.text());
      return value.isPresent()
          ? Result.ok(value.get())
          : refused("Parameter '" + property + "' expects 'on' or 'off'");
    }

    /** The words that QEMU takes for on and off, also for options that are no properties. */
    public static Optional<Boolean> parse(String text) {
      return switch (text) {
        case "on", "yes", "true", "y" -> Optional.of(true);
        case "off", "no", "false", "n" -> Optional.of(false);
        default -> Optional.empty();
      };
    }

    @Override
    public String label() {
      return "bool";
    }
  }

  /** On, off or auto (R-PROP-3). */
  record Switch() implements PropertyType {
    @Override
    public Result<Object> read(String device, String property, PropertyInput input) {
      Optional<String> text = textOf(input);
      if (text.isEmpty()) {
        return wrongType(property, "string");
      }
      return switch (text.get()) {
        case "on" -> Result.ok(OnOffAuto.ON);
        case "off" -> Result.ok(OnOffAuto.OFF);
        case "auto" -> Result.ok(OnOffAuto.AUTO);
        default -> notAccepted(property, text.get());
      };
    }

    @Override
    public String label() {
      return "OnOffAuto";
    }
  }

  /** One of some words (R-PROP-4). */
  record Choice(List<String> words) implements PropertyType {
    @Override
    public Result<Object> read(String device, String property, PropertyInput input) {
      Optional<String> text = textOf(input);
      if (text.isEmpty()) {
        return wrongType(property, "string");
      }
      return words.contains(text.get()) ? Result.ok(text.get()) : notAccepted(property, text.get());
    }

    @Override
    public String label() {
      return String.join("/", words);
    }
  }

  /** An unsigned number of so many bits (R-PROP-5). */
  record Unsigned(int bits) implements PropertyType {
    @Override
    public Result<Object> read(String device, String property, PropertyInput input) {
      BigInteger value;
      if (input instanceof PropertyInput.TypedNumber number) {
        value = number.value();
      } else if (input instanceof PropertyInput.Text text) {
        Optional<BigInteger> read =
            CInteger.read(text.text()).filter(given -> given.abs().bitLength() <= 64);
        if (read.isEmpty()) {
          return refused("Parameter '" + property + "' expects integer");
        }
        value = U64.toBigInteger(read.get().longValue());
      } else {
        return refused("Parameter '" + property + "' expects uint64");
      }
      if (value.signum() < 0 || value.bitLength() > 64) {
        return refused("Parameter '" + property + "' expects uint64");
      }
      if (value.bitLength() > bits) {
        return refused("Parameter '" + property + "' expects uint" + bits + "_t");
      }
      return Result.ok(value.longValue());
    }

    @Override
    public String label() {
      return "uint" + bits;
    }
  }

  /** A whole number of so many bits with a sign; JSON must hold a number. */
  record Signed(int bits) implements PropertyType {
    @Override
    public Result<Object> read(String device, String property, PropertyInput input) {
      Optional<BigInteger> value = Optional.empty();
      if (input instanceof PropertyInput.TypedNumber number) {
        value = Optional.of(number.value()).filter(given -> given.bitLength() < 64);
        if (value.isEmpty()) {
          return wrongType(property, "integer");
        }
      } else if (input instanceof PropertyInput.Text text) {
        value = CInteger.read(text.text()).filter(given -> given.bitLength() < 64);
        if (value.isEmpty()) {
          return refused("Parameter '" + property + "' expects integer");
        }
      } else {
        return wrongType(property, "integer");
      }
      return value.get().bitLength() < bits
          ? Result.ok(value.get().longValue())
          : refused("Parameter '" + property + "' expects int" + bits + "_t");
    }

    @Override
    public String label() {
      return "int" + bits;
    }
  }

  /** What can be read from a running QEMU and never be set. */
  record ReadOnly(String label) implements PropertyType {
    @Override
    public Result<Object> read(String device, String property, PropertyInput input) {
      return refused("Property '" + device + "." + property + "' is not writable");
    }
  }

  /** A list, which only JSON can express; a single value is refused. */
  record Array() implements PropertyType {
    @Override
    public Result<Object> read(String device, String property, PropertyInput input) {
      return wrongType(property, "array");
    }

    @Override
    public String label() {
      return "array";
    }
  }

  /** A number of bytes, with a suffix if written as text (R-PROP-6). */
  record Size() implements PropertyType {
    @Override
    public Result<Object> read(String device, String property, PropertyInput input) {
      if (input instanceof PropertyInput.TypedNumber number) {
        return number.value().signum() < 0 || number.value().bitLength() > 64
            ? refused("Parameter '" + property + "' expects uint64")
            : Result.ok(number.value().longValue());
      }
      if (input instanceof PropertyInput.Text text) {
        Optional<Long> bytes = SizeText.parse(text.text(), 'B');
        if (bytes.isPresent()) {
          return Result.ok(bytes.get());
        }
      }
      return refused("Parameter '" + property + "' expects size");
    }

    @Override
    public String label() {
      return "size";
    }
  }

  /** Any text. */
  record Text() implements PropertyType {
    @Override
    public Result<Object> read(String device, String property, PropertyInput input) {
      Optional<String> text = textOf(input);
      return text.isPresent() ? Result.ok(text.get()) : wrongType(property, "string");
    }

    @Override
    public String label() {
      return "string";
    }
  }

  /**
   * Text in a form of its own, kept as text in lower case: host addresses, UUIDs, PCI slots
   * (R-PROP-7, R-PROP-8).
   */
  record Formatted(String label, Pattern form) implements PropertyType {
    @Override
    public Result<Object> read(String device, String property, PropertyInput input) {
      String text = input.asText().text();
      if (input instanceof PropertyInput.TypedBoolean) {
        return wrongType(property, "string");
      }
      return form.matcher(text).matches()
          ? Result.ok(text.toLowerCase(Locale.ROOT))
          : refused("Property '" + device + "." + property + "' doesn't take value '" + text + "'");
    }
  }

  private static Optional<String> textOf(PropertyInput input) {
    if (input instanceof PropertyInput.Text text) {
      return Optional.of(text.text());
    }
    return input instanceof PropertyInput.TypedText text
        ? Optional.of(text.text())
        : Optional.empty();
  }

  private static Result<Object> refused(String text) {
    return Result.failed(QemuError.of(text));
  }

  private static Result<Object> notAccepted(String property, String value) {
    return refused("Parameter '" + property + "' does not accept value '" + value + "'");
  }

  private static Result<Object> wrongType(String property, String expected) {
    return refused("Invalid parameter type for '" + property + "', expected: " + expected);
  }
}
