package io.github.stopcopy.cli.html;

/** What a page says of things that are too many for it. */
final class LeftOut {

  private LeftOut() {}

  /** Writes an element that says how many there are more; nothing if there are none. */
  static void write(HtmlWriter html, String element, int count, String what) {
    if (count > 0) {
      html.element(element, "and " + count + " more " + what + ", left out here", "class", "soft");
    }
  }
}
