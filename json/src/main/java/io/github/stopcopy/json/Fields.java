package io.github.stopcopy.json;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.PrettyPrinter;
import com.fasterxml.jackson.core.util.DefaultIndenter;
import com.fasterxml.jackson.core.util.DefaultPrettyPrinter;
import com.fasterxml.jackson.core.util.Separators;
import io.github.stopcopy.core.address.U64;
import io.github.stopcopy.core.error.Errno;
import io.github.stopcopy.vfiopci.IovaRange;
import java.io.IOException;
import java.math.BigInteger;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** The outer object of an answer, and fields that several answers have. */
final class Fields {

  /** The length of {@code 0x} and 64 bits. */
  static final int MOST_DIGITS = 18;

  private static final JsonFactory JSON = new JsonFactory();

  private Fields() {}

  /** What an object holds. */
  interface Content {
    void write(JsonGenerator json) throws IOException;
  }

  /** The text of an object, in one line without its end. */
  static String object(Content content) {
    return object(content, null);
  }

  /** The text of an object in lines, for people to change, without the end of the last. */
  static String document(Content content) {
    Separators separators =
        Separators.createDefaultInstance()
            .withObjectFieldValueSpacing(Separators.Spacing.AFTER)
            .withObjectEmptySeparator("")
            .withArrayEmptySeparator("");
    DefaultPrettyPrinter lines =
        new DefaultPrettyPrinter(separators)
            .withObjectIndenter(new DefaultIndenter("  ", "\n"))
            .withArrayIndenter(new DefaultPrettyPrinter.NopIndenter());
    return object(content, lines);
  }

  private static String object(Content content, @Nullable PrettyPrinter lines) {
    TextWriter text = new TextWriter();
    try (JsonGenerator json = JSON.createGenerator(text)) {
      json.setPrettyPrinter(lines);
      json.writeStartObject();
      content.write(json);
      json.writeEndObject();
    } catch (IOException cannotHappen) {
      throw new IllegalStateException(cannotHappen);
    }
    return text.toString();
  }

  /** A list of strings; none if it is empty. */
  static void texts(JsonGenerator json, String key, List<String> texts) throws IOException {
    if (!texts.isEmpty()) {
      allTexts(json, key, texts);
    }
  }

  /** A list of strings, also an empty one. */
  static void allTexts(JsonGenerator json, String key, List<String> texts) throws IOException {
    json.writeArrayFieldStart(key);
    for (String text : texts) {
      json.writeString(text);
    }
    json.writeEndArray();
  }

  static void optional(JsonGenerator json, String key, Optional<String> text) throws IOException {
    if (text.isPresent()) {
      json.writeStringField(key, text.get());
    }
  }

  /** A number of bytes, which may be 2^64 and more. */
  static void bytes(JsonGenerator json, String key, BigInteger bytes) throws IOException {
    json.writeStringField(key, "0x" + bytes.toString(16));
  }

  /** The number of an error, 0 for none. */
  static void errno(JsonGenerator json, Optional<Errno> errno) throws IOException {
    json.writeNumberField("errno", errno.map(Errno::number).orElse(0));
  }

  /**
   * An address or a size.
   *
   * @param text room for {@link #MOST_DIGITS} characters
   */
  static void hex(JsonGenerator json, long value, char[] text) throws IOException {
    int length = 2 + (Long.SIZE - Long.numberOfLeadingZeros(value | 1) + 3) / 4;
    text[0] = '0';
    text[1] = 'x';
    long left = value;
    for (int i = length - 1; i >= 2; i--, left >>>= 4) {
      text[i] = Character.forDigit((int) left & 0xf, 16);
    }
    json.writeString(text, 0, length);
  }

  static void ranges(JsonGenerator json, List<IovaRange> ranges) throws IOException {
    json.writeArrayFieldStart("ranges");
    for (IovaRange range : ranges) {
      range(json, range.iova(), U64.hex(range.length()));
    }
    json.writeEndArray();
  }

  static void range(JsonGenerator json, long iova, String length) throws IOException {
    json.writeStartObject();
    json.writeStringField("iova", U64.hex(iova));
    json.writeStringField("length", length);
    json.writeEndObject();
  }
}
