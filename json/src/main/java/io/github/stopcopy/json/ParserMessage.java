package io.github.stopcopy.json;

import com.fasterxml.jackson.core.JsonProcessingException;
import java.util.regex.Pattern;

/** The messages of the parser, as users can read them. */
final class ParserMessage {

  /** Names of features, limits and classes in the parser's messages. */
  private static final Pattern FOR_PROGRAMMERS =
      Pattern.compile(
          ", from `[^`]*`|: enable `[^`]*` to allow| \\(not recognized as one since Feature"
              + " [^)]*\\)");

  /** How the parser begins to tell that many names of keys have one hash. */
  private static final String COLLISIONS = "Longest collision chain in symbol table";

  private ParserMessage() {}

  /** What the parser says, without what only means something to those who write with it. */
  static String of(JsonProcessingException malformed) {
    String message = malformed.getOriginalMessage();
    if (message.startsWith(COLLISIONS)) {
      return "too many keys that are made to slow down their look-up, expected other names";
    }
    int end = message.indexOf('\n');
    String line = end < 0 ? message : message.substring(0, end);
    int inside = line.indexOf("[Source:");
    int opened = inside < 0 ? -1 : line.lastIndexOf('(', inside);
    if (opened > 0) {
      line = line.substring(0, opened).strip();
    }
    line = FOR_PROGRAMMERS.matcher(line).replaceAll("");
    return line.length() > 200 ? line.substring(0, 200) : line;
  }
}
