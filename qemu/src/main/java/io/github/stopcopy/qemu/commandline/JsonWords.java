package io.github.stopcopy.qemu.commandline;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import io.github.stopcopy.core.error.InputException;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/** Reads the words of a command line from a JSON array of strings. */
final class JsonWords {

  private JsonWords() {}

  static boolean isArray(String text) {
    String start = text.stripLeading();
    return start.startsWith("[") && start.substring(1).stripLeading().startsWith("\"");
  }

  static List<Word> read(String source, String text) throws InputException {
    List<Word> words = new ArrayList<>();
    try (JsonParser parser = JsonOptions.JSON.createParser(text)) {
      parser.nextToken();
      JsonToken token = parser.nextToken();
      while (token != JsonToken.END_ARRAY) {
        int line = parser.currentTokenLocation().getLineNr();
        if (token != JsonToken.VALUE_STRING) {
          throw InputException.at(
              source,
              line,
              "word "
                  + (words.size() + 1)
                  + " of the array is no string, expected an array of words only");
        }
        if (parser.getText().indexOf('\0') >= 0) {
          throw InputException.at(
              source, line, "a word holds the character 0x0, expected the words of a command line");
        }
        words.add(new Word(parser.getText(), source, line));
        token = parser.nextToken();
      }
      if (parser.nextToken() != null) {
        throw InputException.at(
            source,
            parser.currentTokenLocation().getLineNr(),
            "more behind the array, expected one array of words");
      }
    } catch (IOException e) {
      throw JsonOptions.broken(source, e);
    }
    return words;
  }
}
