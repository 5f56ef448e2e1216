package io.github.stopcopy.qemu.commandline;

import io.github.stopcopy.core.error.InputException;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * One {@code name=value} of an option's value.
 *
 * @param name the name
 * @param value the value, with {@code ,,} already one comma; if only a name stood there, {@code P}
 *     means on and {@code noP} means {@code P} off (R-PROP-2)
 */
record KeyValue(String name, String value) {

  /**
   * Splits QEMU's {@code a,b=c,d=e}.
   *
   * @param implied the name of a first part without {@code =}, or null if there is none
   */
  static List<KeyValue> parse(String text, @Nullable String implied) throws InputException {
    List<KeyValue> parts = new ArrayList<>();
    int at = 0;
    while (at < text.length()) {
      int end = at;
      while (end < text.length() && text.charAt(end) != '=' && text.charAt(end) != ',') {
        end++;
      }
      boolean hasValue = end < text.length() && text.charAt(end) == '=';
      if (hasValue || at == 0 && implied != null) {
        String name = hasValue ? text.substring(at, end) : implied;
        int from = hasValue ? end + 1 : 0;
        int last = endOfValue(text, from);
        String value = text.substring(from, last);
        parts.add(
            new KeyValue(
                named(name, text), value.indexOf(',') < 0 ? value : value.replace(",,", ",")));
        at = last + 1;
      } else {
        parts.add(bare(named(text.substring(at, end), text)));
        at = end + 1;
      }
    }
    return parts;
  }

  /** Where a value ends: at a single comma, or with the text. */
  private static int endOfValue(String text, int from) {
    int at = text.indexOf(',', from);
    while (at >= 0 && at + 1 < text.length() && text.charAt(at + 1) == ',') {
      at = text.indexOf(',', at + 2);
    }
    return at < 0 ? text.length() : at;
  }

  private static KeyValue bare(String name) {
    return name.length() > 2 && name.startsWith("no")
        ? new KeyValue(name.substring(2), "off")
        : new KeyValue(name, "on");
  }

  private static String named(@Nullable String name, String text) throws InputException {
    if (name == null || name.isEmpty()) {
      throw InputException.of("a part of " + Quote.of(text) + " has no name, expected name=value");
    }
    return name;
  }
}
