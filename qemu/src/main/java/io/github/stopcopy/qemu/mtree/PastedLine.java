package io.github.stopcopy.qemu.mtree;

import java.util.List;

/**
 * Takes off a line of {@code info mtree} what mail, lists and the monitor put before it. The
 * monitor's prompt with what was typed there, and the fences of Markdown, are an empty line.
 */
final class PastedLine {

  private static final List<String> PROMPTS = List.of("(qemu)", "qm>", "(QEMU)");
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
    for (String prompt : PROMPTS) {
      if (inside.startsWith(prompt)) {
        String behind = inside.substring(prompt.length()).strip();
        return behind.startsWith(MtreeReader.VIEW) ? behind : "";
      }
    }
    if (inside.startsWith("```") || inside.startsWith("~~~")) {
      return "";
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
