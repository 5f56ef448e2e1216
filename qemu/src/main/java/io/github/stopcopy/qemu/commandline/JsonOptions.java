package io.github.stopcopy.qemu.commandline;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonLocation;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.core.exc.StreamConstraintsException;
import io.github.stopcopy.core.error.InputException;
import io.github.stopcopy.core.property.PropertyInput;
import io.github.stopcopy.core.property.PropertySetting;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/**
 * Reads the JSON form of an option. What is nested is kept under the names that QEMU's dotted form
 * uses: {@code {"a":{"b":[1]}}} is {@code a.b.0=1}.
 */
final class JsonOptions {

  private static final int DEEPEST = 32;

  /** Reads all JSON of this package. */
  static final JsonFactory JSON =
      JsonFactory.builder()
          .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
          .streamReadConstraints(
              StreamReadConstraints.builder().maxNestingDepth(DEEPEST).maxNumberLength(100).build())
          .build();

  private JsonOptions() {}

  static boolean isJson(String text) {
    return text.startsWith("{");
  }

  static List<PropertySetting> read(String text) throws InputException {
    List<PropertySetting> settings = new ArrayList<>();
    try (JsonParser parser = JSON.createParser(text)) {
      parser.nextToken();
      members(parser, "", settings);
      if (parser.nextToken() != null) {
        throw InputException.of(
            Quote.of(parser.getText()) + " behind the JSON object, expected nothing more");
      }
    } catch (IOException e) {
      throw broken("", e);
    }
    return settings;
  }

  /** Says where JSON is broken and what was expected, in words that are not the parser's. */
  static InputException broken(String source, IOException e) {
    if (!(e instanceof JsonProcessingException broken)) {
      return InputException.at(source, 0, "no valid JSON, expected one object or array");
    }
    JsonLocation place = broken.getLocation();
    boolean hasLines = place != null && !source.isEmpty();
    String at = place == null ? "" : " at character " + Math.max(1, place.getColumnNr());
    return InputException.at(
        source, hasLines ? place.getLineNr() : 0, "no valid JSON" + at + ": " + plainly(broken));
  }

  private static String plainly(JsonProcessingException broken) {
    String said = broken.getOriginalMessage();
    if (broken instanceof StreamConstraintsException) {
      return said.contains("depth")
          ? "nested too deep, expected at most " + DEEPEST + " levels"
          : "a number or text that is too long, expected a shorter one";
    } else if (said.startsWith("Unexpected end-of-input") || said.contains("end-of-input")) {
      return "the text ends too early, expected a closing }, ] or \"";
    } else if (said.startsWith("Duplicate field")) {
      return "a name that is there before, expected each name once";
    } else if (said.contains("double-quote to start field name")) {
      return "expected a name in double quotes";
    } else if (said.contains("comma to separate") || said.contains("expecting comma")) {
      return "expected a comma or the closing bracket";
    } else if (said.contains("colon")) {
      return "expected a colon behind the name";
    } else if (said.contains("Illegal unquoted character")) {
      return "a control character inside a text, expected it escaped";
    } else if (said.contains("escape")) {
      return "an escape that JSON does not have, expected one of \\\" \\\\ \\/ \\n \\r \\t \\uXXXX";
    }
    return "expected a text in double quotes, a whole number, true, false, { or [";
  }

  /** Reads the members of the object or array that has just begun. */
  private static void members(JsonParser parser, String prefix, List<PropertySetting> into)
      throws IOException, InputException {
    boolean array = parser.currentToken() == JsonToken.START_ARRAY;
    int index = 0;
    for (JsonToken token = parser.nextToken();
        token != JsonToken.END_OBJECT && token != JsonToken.END_ARRAY;
        token = parser.nextToken()) {
      String name = prefix + (array ? String.valueOf(index++) : parser.currentName());
      JsonToken value = array ? token : parser.nextToken();
      switch (value) {
        case START_OBJECT, START_ARRAY -> members(parser, name + ".", into);
        case VALUE_STRING ->
            into.add(new PropertySetting(name, new PropertyInput.TypedText(parser.getText())));
        case VALUE_TRUE, VALUE_FALSE ->
            into.add(
                new PropertySetting(
                    name, new PropertyInput.TypedBoolean(value == JsonToken.VALUE_TRUE)));
        case VALUE_NUMBER_INT ->
            into.add(
                new PropertySetting(
                    name, new PropertyInput.TypedNumber(parser.getBigIntegerValue())));
        default ->
            throw InputException.of(
                Quote.of(name)
                    + " is "
                    + parser.getText()
                    + ", expected a string, a whole number, true or false");
      }
    }
  }
}
