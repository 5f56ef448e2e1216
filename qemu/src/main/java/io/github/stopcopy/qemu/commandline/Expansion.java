package io.github.stopcopy.qemu.commandline;

import java.util.List;
import java.util.Optional;

/**
 * One place where a shell puts something in: a variable or what a command prints.
 *
 * @param shown the text as it stands there
 * @param name the variable, empty if it is none
 * @param otherwise what is put in if the variable is not set, as {@code ${NAME:-text}} says
 * @param isArray whether all words of an array are asked for, a word each
 */
record Expansion(String shown, String name, Optional<String> otherwise, boolean isArray) {

  private static final Expansion NONE = new Expansion("", "", Optional.empty(), false);

  /** The expansion that begins there; one without length if the character is a plain one. */
  static Expansion at(String text, int from) {
    if (text.charAt(from) == '`') {
      int end = text.indexOf('`', from + 1);
      return open(text, from, end < 0 ? text.length() : end + 1);
    }
    if (from + 1 == text.length()) {
      return NONE;
    }
    char next = text.charAt(from + 1);
    if (next == '(') {
      return open(text, from, closing(text, from + 1, '(', ')'));
    } else if (next == '{') {
      return braces(text, from, closing(text, from + 1, '{', '}'));
    } else if (isNamePart(next) && !Character.isDigit(next)) {
      int end = from + 1;
      while (end < text.length() && isNamePart(text.charAt(end))) {
        end++;
      }
      String name = text.substring(from + 1, end);
      return new Expansion(text.substring(from, end), name, Optional.empty(), false);
    }
    return Character.isDigit(next) && next < 0x80 || "?*@#$!-".indexOf(next) >= 0
        ? open(text, from, from + 2)
        : NONE;
  }

  int length() {
    return shown.length();
  }

  /** What is put in, as far as the text says. */
  Optional<List<String>> value(ShellVariables variables) {
    Optional<List<String>> held = name.isEmpty() ? Optional.empty() : variables.find(name);
    return held.or(() -> otherwise.map(List::of));
  }

  private static Expansion open(String text, int from, int end) {
    return new Expansion(text.substring(from, end), "", Optional.empty(), false);
  }

  private static Expansion braces(String text, int from, int end) {
    String shown = text.substring(from, end);
    int at = from + 2;
    while (at < end && isNamePart(text.charAt(at))) {
      at++;
    }
    String name = text.substring(from + 2, at);
    String rest = at < end ? text.substring(at, end - 1) : "";
    if (rest.isEmpty() || rest.equals("[0]")) {
      return new Expansion(shown, name, Optional.empty(), false);
    } else if (rest.equals("[@]") || rest.equals("[*]")) {
      return new Expansion(shown, name, Optional.empty(), true);
    } else if (rest.startsWith(":-") || rest.startsWith("-")) {
      String other = rest.substring(rest.startsWith(":") ? 2 : 1);
      boolean plain = other.indexOf('$') < 0 && other.indexOf('`') < 0 && other.indexOf('"') < 0;
      return new Expansion(shown, name, plain ? Optional.of(other) : Optional.empty(), false);
    }
    return open(text, from, end);
  }

  private static int closing(String text, int from, char opening, char closing) {
    int depth = 0;
    for (int at = from; at < text.length(); at++) {
      char c = text.charAt(at);
      depth += c == opening ? 1 : c == closing ? -1 : 0;
      if (depth == 0) {
        return at + 1;
      }
    }
    return text.length();
  }

  private static boolean isNamePart(char c) {
    return c == '_' || c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9';
  }
}
