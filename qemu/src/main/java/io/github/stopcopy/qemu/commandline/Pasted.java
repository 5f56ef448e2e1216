package io.github.stopcopy.qemu.commandline;

/** Takes off a text what mail and Markdown put around it. */
final class Pasted {

  private Pasted() {}

  /** The text without the marks of a quoted mail and without fences; its lines stay as many. */
  static String plain(String text) {
    boolean quoted =
        text.indexOf('>') >= 0
            && text.lines().allMatch(line -> line.isBlank() || line.stripLeading().startsWith(">"));
    if (!quoted && !text.contains("```") && !text.contains("~~~")) {
      return text;
    }
    StringBuilder plain = new StringBuilder(text.length());
    text.lines()
        .forEach(line -> {
          String rest = quoted ? line.substring(endOfMarks(line)) : line;
          boolean fence = rest.strip().matches("(```|~~~)[A-Za-z]*");
          plain.append(fence ? "" : rest).append('\n');
        });
    return plain.toString();
  }

  /** Behind the last of the marks that a line begins with, white space between them. */
  private static int endOfMarks(String line) {
    int end = 0;
    for (int at = 0; at < line.length(); at++) {
      char c = line.charAt(at);
      if (c == '>') {
        end = at + 1;
      } else if (!Character.isWhitespace(c)) {
        break;
      }
    }
    return end;
  }
}
