package io.github.stopcopy.live.qmp;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadConstraints;
import java.io.IOException;
import java.io.StringWriter;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Reads and writes the JSON of QMP, within bounds. */
final class QmpJson {

  private static final int DEEPEST = 64;

  /** How many values an answer may have; one of a large VM has some ten thousand. */
  private static final int MOST_VALUES = 1 << 20;

  private static final JsonFactory JSON =
      JsonFactory.builder()
          .streamReadConstraints(
              StreamReadConstraints.builder()
                  .maxNestingDepth(DEEPEST)
                  .maxNumberLength(100)
                  .maxStringLength(QmpFrames.LONGEST)
                  .build())
          .build();

  private final JsonParser parser;
  private int values;

  private QmpJson(JsonParser parser) {
    this.parser = parser;
  }

  /**
   * Reads bytes that hold one value.
   *
   * @throws IOException if they hold no JSON or too much of it, with a message in one line
   */
  static QmpValue read(byte[] bytes) throws IOException {
    try (JsonParser parser = JSON.createParser(bytes)) {
      parser.nextToken();
      QmpValue value = new QmpJson(parser).value();
      if (parser.nextToken() != null) {
        throw new IOException("more than one value");
      }
      return value;
    } catch (JsonProcessingException malformed) {
      throw new IOException(malformed.getOriginalMessage(), malformed);
    }
  }

  /** Goes no deeper than the parser lets it. */
  private QmpValue value() throws IOException {
    if (++values > MOST_VALUES) {
      throw new IOException("more than " + MOST_VALUES + " values");
    }
    JsonToken token = parser.currentToken();
    if (token == null) {
      throw new IOException("nothing");
    }
    return switch (token) {
      case START_OBJECT -> object();
      case START_ARRAY -> list();
      case VALUE_STRING -> QmpValue.of(parser.getText());
      case VALUE_NUMBER_INT -> QmpValue.of(parser.getBigIntegerValue());
      case VALUE_NUMBER_FLOAT -> QmpValue.of(parser.getDecimalValue());
      case VALUE_TRUE -> QmpValue.of(true);
      case VALUE_FALSE -> QmpValue.of(false);
      default -> QmpValue.NULL;
    };
  }

  private QmpValue object() throws IOException {
    Map<String, QmpValue> members = new LinkedHashMap<>();
    while (parser.nextToken() == JsonToken.FIELD_NAME) {
      String key = parser.currentName();
      parser.nextToken();
      members.put(key, value());
    }
    return QmpValue.of(members);
  }

  private QmpValue list() throws IOException {
    List<QmpValue> elements = new ArrayList<>();
    while (parser.nextToken() != JsonToken.END_ARRAY) {
      elements.add(value());
    }
    return QmpValue.of(elements);
  }

  /** A value in one line, without its end. */
  static String write(QmpValue value) {
    StringWriter text = new StringWriter();
    try (JsonGenerator json = JSON.createGenerator(text)) {
      write(json, value);
    } catch (IOException cannotHappen) {
      throw new IllegalStateException(cannotHappen);
    }
    return text.toString();
  }

  private static void write(JsonGenerator json, QmpValue value) throws IOException {
    Object content = value.content();
    if (value.isObject()) {
      json.writeStartObject();
      for (Map.Entry<String, QmpValue> member : value.members().entrySet()) {
        json.writeFieldName(member.getKey());
        write(json, member.getValue());
      }
      json.writeEndObject();
    } else if (value.isList()) {
      json.writeStartArray();
      for (QmpValue element : value.elements()) {
        write(json, element);
      }
      json.writeEndArray();
    } else if (content instanceof String text) {
      json.writeString(text);
    } else if (content instanceof BigInteger number) {
      json.writeNumber(number);
    } else if (content instanceof BigDecimal number) {
      json.writeNumber(number);
    } else if (content instanceof Boolean truth) {
      json.writeBoolean(truth);
    } else if (content instanceof Optional) {
      json.writeNull();
    }
  }
}
