package io.github.stopcopy.qemu.mtree;

/** Takes off a line of {@code info mtree} what mail, lists and the monitor put before it. */
final class PastedLine {

  private static final String PROMPT = "(qemu)";
  private static final String QUOTES = "> \t|";

  private PastedLine() {}

  /** The line as QEMU prints it, as far as it is one of those; else as it is. */
  static String plain(String line) {
    if (RowText.isRow(line)) {
      return line;
    }
    String inside = inside(line);
    if (inside.startsWith(MtreeReader.VIEW)) {
      return inside;
    }
    if (inside.startsWith(PROMPT)) {
      String behind = inside.substring(PROMPT.length()).strip();
      return behind.startsWith(MtreeReader.VIEW) ? behind : inside;
    }
    for (String known : MtreeReader.LINES) {
      if (inside.startsWith(known.strip())) {
        return known.substring(0, known.indexOf(known.strip())) + inside;
      }
    }
    return RowText.looksLikeRow(inside) ? "  " + inside : inside.isEmpty() ? "" : line;
  }

  private static String inside(String line) {
    int at = 0;
    while (at < line.length() && QUOTES.indexOf(line.charAt(at)) >= 0) {
      at++;
    }
    return line.substring(at);
  }
}
