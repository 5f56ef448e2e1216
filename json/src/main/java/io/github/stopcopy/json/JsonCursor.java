package io.github.stopcopy.json;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonStreamContext;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.core.io.JsonEOFException;
import io.github.stopcopy.core.address.U64;
import io.github.stopcopy.core.error.Errno;
import io.github.stopcopy.core.error.InputException;
import io.github.stopcopy.core.property.PropertyInput;
import io.github.stopcopy.core.property.SizeText;
import java.io.IOException;
import java.io.StringWriter;
import java.util.Collection;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * Walks through a JSON text once. It stands on a value; the methods that read one check its type
 * and leave the cursor on its last token. Errors name the line and the path of the key.
 */
final class JsonCursor {

  private static final int DEEPEST = 32;
  private static final int LONGEST_NUMBER = 100;
  private static final int LONGEST_STRING = 32 << 20;
  private static final int LONGEST_SHOWN = 60;
  private static final int HIGHEST_ERRNO = 4095;
  private static final String SIZE_SUFFIXES = "BKMGTPE";

  /** Keys that people and tools may use for what the model does not read. */
  private static final Set<String> IGNORED = Set.of("note", "observed", "origin");

  private static final Set<String> IGNORED_BESIDE_ORIGIN = Set.of("note", "observed");

  private static final JsonFactory JSON =
      JsonFactory.builder()
          .streamReadConstraints(
              StreamReadConstraints.builder()
                  .maxNestingDepth(DEEPEST)
                  .maxNumberLength(LONGEST_NUMBER)
                  .maxStringLength(LONGEST_STRING)
                  .build())
          .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
          .build();

  private final JsonParser parser;
  private final String source;
  private final int firstLine;

  /** What holds the value whose path is empty, if that is not the whole text. */
  private @Nullable JsonStreamContext outside;

  /** Whether the parser found that the text is no JSON; it then cannot go on. */
  private boolean isBroken;

  private JsonCursor(JsonParser parser, String source, int firstLine) {
    this.parser = parser;
    this.source = source;
    this.firstLine = firstLine;
  }

  /** What is read from a text, with the cursor on its first token. */
  interface Reading<T> {
    T read(JsonCursor json) throws InputException;
  }

  /**
   * Reads a text that holds one value.
   *
   * @param source its name
   * @param firstLine the number of its first line
   * @throws InputException with source and line; that the text is no JSON is told before all else
   */
  static <T> T read(String source, int firstLine, String text, Reading<T> reading)
      throws InputException {
    if (text.isBlank()) {
      throw InputException.at(source, firstLine, "nothing here, expected a JSON object");
    }
    try (JsonParser parser = JSON.createParser(text)) {
      JsonCursor json = new JsonCursor(parser, source, firstLine);
      json.next();
      T value;
      try {
        value = reading.read(json);
      } catch (InputException first) {
        InputException wrong = json.located(first);
        if (!json.isBroken) {
          json.finish();
        }
        throw wrong;
      }
      json.finish();
      return value;
    } catch (IOException cannotHappen) {
      throw new IllegalStateException(cannotHappen);
    }
  }

  /** Whether a text only begins a JSON value. */
  static boolean isUnfinished(String text) {
    try (JsonParser parser = JSON.createParser(text)) {
      while (parser.nextToken() != null) {
        parser.skipChildren();
      }
      return false;
    } catch (JsonEOFException unfinished) {
      return true;
    } catch (IOException malformed) {
      return false;
    }
  }

  /** Goes to the end of the text; more than one value is refused. */
  private void finish() throws InputException {
    while (!parser.getParsingContext().inRoot()) {
      next();
    }
    JsonToken more = next();
    if (more != null) {
      throw wrong("Trailing token (of type " + more + ") found after the value");
    }
  }

  private @Nullable JsonToken next() throws InputException {
    try {
      return parser.nextToken();
    } catch (IOException malformed) {
      throw malformed(malformed);
    }
  }

  /** Whether the cursor stands on the beginning of an object. */
  boolean isObject() {
    return parser.hasToken(JsonToken.START_OBJECT);
  }

  boolean isList() {
    return parser.hasToken(JsonToken.START_ARRAY);
  }

  boolean isNull() {
    return parser.hasToken(JsonToken.VALUE_NULL);
  }

  /** From now on paths begin at the value on which the cursor stands. */
  void startPathsHere() {
    JsonStreamContext here = parser.getParsingContext();
    outside = isObject() ? here.getParent() : here;
  }

  /** Refuses anything but an object. */
  void beginObject() throws InputException {
    if (!isObject()) {
      throw wrongType("an object");
    }
  }

  /**
   * Goes to the value of the next key that is not ignored; null at the end of the object.
   *
   * @throws InputException if the text is no JSON
   */
  @Nullable String nextKey() throws InputException {
    return nextKey(IGNORED);
  }

  /** Such a key, or {@code origin}, of which readers of host facts take what they understand. */
  @Nullable String nextKeyOrOrigin() throws InputException {
    return nextKey(IGNORED_BESIDE_ORIGIN);
  }

  private @Nullable String nextKey(Set<String> ignored) throws InputException {
    while (next() == JsonToken.FIELD_NAME) {
      try {
        String key = parser.currentName();
        parser.nextToken();
        if (!ignored.contains(key)) {
          return key;
        }
      } catch (IOException malformed) {
        throw malformed(malformed);
      }
      skip();
    }
    return null;
  }

  /** The strings of an object by their keys; whatever else there is, is passed over. */
  Map<String, String> textsByKey() throws InputException {
    Map<String, String> texts = new HashMap<>();
    if (!isObject()) {
      skip();
      return texts;
    }
    while (next() == JsonToken.FIELD_NAME) {
      try {
        String key = parser.currentName();
        if (parser.nextToken() == JsonToken.VALUE_STRING) {
          texts.put(key, parser.getText());
        }
      } catch (IOException malformed) {
        throw malformed(malformed);
      }
      skip();
    }
    return texts;
  }

  /** Refuses anything but a list. */
  void beginList() throws InputException {
    if (!parser.hasToken(JsonToken.START_ARRAY)) {
      throw wrongType("a list");
    }
  }

  /** Goes to the next element of a list; false at its end. */
  boolean nextElement() throws InputException {
    return next() != JsonToken.END_ARRAY;
  }

  /** Goes to the last token of the value. */
  void skip() throws InputException {
    try {
      parser.skipChildren();
    } catch (IOException malformed) {
      throw malformed(malformed);
    }
  }

  String text() throws InputException {
    return text("a string");
  }

  /** A string of which more is expected than that it is one. */
  String text(String expected) throws InputException {
    if (!parser.hasToken(JsonToken.VALUE_STRING)) {
      throw wrongType(expected);
    }
    return tokenText();
  }

  /** A string that was perhaps read before. */
  String text(VmReader reader) throws InputException {
    if (!parser.hasToken(JsonToken.VALUE_STRING)) {
      throw wrongType("a string");
    }
    try {
      Optional<String> known =
          reader.known(parser.getTextCharacters(), parser.getTextOffset(), parser.getTextLength());
      return known.isPresent() ? known.get() : parser.getText();
    } catch (IOException malformed) {
      throw malformed(malformed);
    }
  }

  boolean bool() throws InputException {
    return switch (parser.currentToken()) {
      case VALUE_TRUE -> true;
      case VALUE_FALSE -> false;
      default -> throw wrongType("true or false");
    };
  }

  /** An unsigned 64-bit number: an integer, or a string of decimal or 0x digits. */
  long u64() throws InputException {
    try {
      return switch (parser.currentToken()) {
        case VALUE_NUMBER_INT -> integer();
        case VALUE_STRING -> U64.parse(tokenText());
        default -> throw wrongType("a number");
      };
    } catch (NumberFormatException outOfRange) {
      throw wrongNumber(outOfRange.getMessage());
    }
  }

  private long integer() throws InputException {
    try {
      if (parser.getNumberType() != JsonParser.NumberType.BIG_INTEGER) {
        long value = parser.getLongValue();
        if (value >= 0) {
          return value;
        }
      }
      return U64.of(parser.getBigIntegerValue());
    } catch (IOException tooLong) {
      throw malformed(tooLong);
    }
  }

  /** Bytes, unsigned: a number, or a string as QEMU takes it, such as {@code 4G}. */
  long size() throws InputException {
    if (!parser.hasToken(JsonToken.VALUE_STRING)) {
      return u64();
    }
    String text = tokenText();
    boolean hasUnit =
        !text.isEmpty()
            && !text.startsWith("0x")
            && !text.startsWith("0X")
            && SIZE_SUFFIXES.indexOf(Character.toUpperCase(text.charAt(text.length() - 1))) >= 0;
    if (!hasUnit) {
      return u64();
    }
    Optional<Long> size = SizeText.parse(text, 'B');
    if (size.isEmpty()) {
      throw wrongNumber(shown(text) + " is not a size");
    }
    return size.get();
  }

  /** A number between two bounds, both inclusive. */
  int integer(int least, int most) throws InputException {
    return between(u64(), least, most);
  }

  /** A size between two bounds, both inclusive. */
  int size(int least, int most) throws InputException {
    return between(size(), least, most);
  }

  private int between(long number, int least, int most) throws InputException {
    if (U64.less(number, least) || U64.less(most, number)) {
      throw wrong(
          "key '" + path() + "' is " + U64.decimal(number) + ", expected " + least + " to " + most);
    }
    return (int) number;
  }

  /** An error number; 0 stands for none. */
  Optional<Errno> errno() throws InputException {
    int number = integer(0, HIGHEST_ERRNO);
    if (number == 0) {
      return Optional.empty();
    }
    Optional<Errno> errno = Errno.ofNumber(number);
    if (errno.isEmpty()) {
      throw wrong("key '" + path() + "' is " + number + ", expected a Linux errno");
    }
    return errno;
  }

  /** The value of a device's property as QMP takes it. */
  PropertyInput property() throws InputException {
    try {
      return switch (parser.currentToken()) {
        case VALUE_TRUE -> new PropertyInput.TypedBoolean(true);
        case VALUE_FALSE -> new PropertyInput.TypedBoolean(false);
        case VALUE_NUMBER_INT -> new PropertyInput.TypedNumber(parser.getBigIntegerValue());
        case VALUE_STRING -> new PropertyInput.TypedText(parser.getText());
        default -> throw wrongType("a string, a whole number, true or false");
      };
    } catch (IOException malformed) {
      throw malformed(malformed);
    }
  }

  private String tokenText() throws InputException {
    try {
      return parser.getText();
    } catch (IOException malformed) {
      throw malformed(malformed);
    }
  }

  /** The path of the value on which the cursor stands, empty for the outermost. */
  private String path() {
    StringBuilder path = new StringBuilder();
    append(path, parser.getParsingContext());
    return path.toString();
  }

  @SuppressWarnings("ReferenceEquality") // a context is where it is
  private void append(StringBuilder path, @Nullable JsonStreamContext at) {
    if (at == null || at == outside) {
      return;
    }
    append(path, at.getParent());
    if (at.inObject() && at.hasCurrentName()) {
      path.append(path.isEmpty() ? "" : ".").append(at.getCurrentName());
    } else if (at.inArray() && at.hasCurrentIndex()) {
      path.append('[').append(at.getCurrentIndex()).append(']');
    }
  }

  /** The key of the value on which the cursor stands is none of these. */
  InputException unknownKey(Collection<String> known) {
    return unknown("key", "one of " + inOrder(known));
  }

  /**
   * The key of the value on which the cursor stands is none of those that there can be.
   *
   * @param what what the key is
   */
  InputException unknown(String what, String expected) {
    return wrong("unknown " + what + " '" + path() + "', expected " + expected);
  }

  /** An earlier key of the object whose string, number or truth value is read is none of these. */
  InputException unknownKey(String earlier, Collection<String> known) {
    String path = path();
    String before = path.substring(0, path.lastIndexOf('.') + 1);
    return wrong("unknown key '" + before + earlier + "', expected one of " + inOrder(known));
  }

  private static String inOrder(Collection<String> known) {
    return String.join(", ", new TreeSet<>(known));
  }

  /** The object that was read to its end lacks a key. */
  InputException missing(String key, String expected) {
    return wrongMember(key, "is missing, expected " + expected);
  }

  /** What is wrong with a key of the object that was read to its end. */
  InputException wrongMember(String key, String what) {
    String path = path();
    return wrong("key '" + (path.isEmpty() ? key : path + "." + key) + "' " + what);
  }

  /** The value on which the cursor stands is not what is expected. */
  InputException wrongType(String expected) throws InputException {
    String path = path();
    int line = line();
    String where = path.isEmpty() ? "the JSON" : "key '" + path + "'";
    return InputException.at(
        source, line, where + " is " + shortened(valueText()) + ", expected " + expected);
  }

  /** The text that was read is not what is expected. */
  InputException wrongText(String text, String expected) {
    return wrong("key '" + path() + "' is \"" + text + "\", expected " + expected);
  }

  /** What is wrong with the value on which the cursor stands. */
  InputException wrongValue(String what) {
    return wrong("key '" + path() + "' " + what);
  }

  private InputException wrongNumber(@Nullable String what) {
    return wrong("key '" + path() + "': " + what + ", expected 0 to 2^64-1");
  }

  private InputException wrong(String problem) {
    return InputException.at(source, line(), problem);
  }

  private int line() {
    return firstLine - 1 + Math.max(1, parser.currentTokenLocation().getLineNr());
  }

  /** A problem that another reader told, with the place in this text. */
  private InputException located(InputException wrong) {
    if (wrong.source().equals(source)) {
      return wrong;
    }
    String line = wrong.line() > 0 ? " line " + wrong.line() : "";
    String before = wrong.source().isEmpty() ? "" : wrong.source() + line + ": ";
    return InputException.at(source, line(), before + wrong.problem());
  }

  /** The value as JSON without white space; goes to its end. */
  private String valueText() throws InputException {
    try {
      if (parser.currentToken().isScalarValue() && !parser.hasToken(JsonToken.VALUE_STRING)) {
        return parser.getText();
      }
      StringWriter text = new StringWriter();
      try (JsonGenerator copy = JSON.createGenerator(text)) {
        copy.copyCurrentStructure(parser);
      }
      return text.toString();
    } catch (IOException malformed) {
      throw malformed(malformed);
    }
  }

  private static String shown(String text) {
    return "'" + shortened(text) + "'";
  }

  private static String shortened(String text) {
    return text.length() > LONGEST_SHOWN ? text.substring(0, LONGEST_SHOWN - 3) + "..." : text;
  }

  private InputException malformed(IOException problem) {
    if (!(problem instanceof JsonProcessingException malformed)) {
      throw new IllegalStateException(problem);
    }
    isBroken = true;
    boolean isPlaced = malformed.getLocation() != null;
    int line = isPlaced ? firstLine - 1 + malformed.getLocation().getLineNr() : line();
    String where = isPlaced ? " at column " + malformed.getLocation().getColumnNr() : "";
    return InputException.at(
        source, line, "no valid JSON" + where + ": " + ParserMessage.of(malformed));
  }
}
