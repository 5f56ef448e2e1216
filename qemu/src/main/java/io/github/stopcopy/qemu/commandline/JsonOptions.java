package io.github.stopcopy.qemu.commandline;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.StreamReadFeature;
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

  private static final JsonFactory JSON =
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
    } catch (JsonProcessingException e) {
      throw InputException.of(
          "no valid JSON: " + e.getOriginalMessage().replaceFirst(", from `[^`]*`", ""));
    } catch (IOException e) {
      throw InputException.of("no valid JSON: " + e.getMessage());
    }
    return settings;
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
