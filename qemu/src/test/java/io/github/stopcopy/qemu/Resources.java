package io.github.stopcopy.qemu;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Files beside the tests. */
public final class Resources {

  private static final JsonFactory JSON = new JsonFactory();

  private Resources() {}

  public static String text(String name) {
    try (InputStream in = Resources.class.getResourceAsStream(name)) {
      if (in == null) {
        throw new IllegalArgumentException("no resource " + name);
      }
      return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  public static List<String> lines(String name) {
    return text(name).lines().toList();
  }

  /** The distinct command lines of the recorded cases. */
  public static List<List<String>> recordedArgv() {
    return lines("commandline/argv.jsonl").stream().map(Resources::strings).toList();
  }

  /** An array of strings. */
  public static List<String> strings(String json) {
    return object("{\"a\":" + json + "}").getOrDefault("a", List.of());
  }

  /** An object whose values are strings or arrays of strings; a string is a list of one. */
  public static Map<String, List<String>> object(String json) {
    Map<String, List<String>> members = new LinkedHashMap<>();
    try (JsonParser parser = JSON.createParser(json)) {
      parser.nextToken();
      while (parser.nextToken() == JsonToken.FIELD_NAME) {
        String name = parser.currentName();
        List<String> values = new ArrayList<>();
        if (parser.nextToken() == JsonToken.START_ARRAY) {
          while (parser.nextToken() != JsonToken.END_ARRAY) {
            values.add(parser.getText());
          }
        } else {
          values.add(parser.getText());
        }
        members.put(name, values);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return members;
  }
}
