package io.github.stopcopy.cli.html;

import io.github.stopcopy.core.guard.VisibleText;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Consumer;

/**
 * Writes elements that are well-formed in HTML and XML alike. Text of others is shown and never
 * obeyed: it is escaped, what is not visible stands there as {@code \\uXXXX}, and a text without
 * end is cut. Each id stands once. Misuse is an {@link IllegalStateException}. Not thread-safe.
 */
final class HtmlWriter {

  /** The longest text of one piece, in characters. */
  static final int LONGEST_TEXT = 2000;

  /** How much of a longer one is shown. */
  private static final int LONGEST_CUT = 1900;

  /** So long a page may become before lists on it end, in characters. */
  static final int LONGEST_PAGE = 4 << 20;

  /** Elements inside a line; around others the line may end. */
  private static final Set<String> INLINE =
      Set.of("a", "b", "code", "span", "small", "strong", "tspan", "text", "title", "desc");

  private static final int DEEPEST_HEADING = 6;

  private final StringBuilder html = new StringBuilder();
  private final Deque<String> open = new ArrayDeque<>();
  private final Set<String> ids = new HashSet<>();
  private final String prefix;
  private int level;

  /** A writer of a whole page. */
  HtmlWriter() {
    this("", 1);
  }

  /**
   * A writer of a part.
   *
   * @param prefix stands before each id
   * @param level the level of the heading that the part stands under
   */
  HtmlWriter(String prefix, int level) {
    this.prefix = prefix;
    this.level = level;
  }

  /** What was written and is whole; only a writer makes one. */
  static final class Fragment {

    private final String html;
    private final Set<String> ids;

    private Fragment(String html, Set<String> ids) {
      this.html = html;
      this.ids = ids;
    }

    int length() {
      return html.length();
    }
  }

  /** Whether the page is as long as it may become; lists end then. */
  boolean isFull() {
    return html.length() >= LONGEST_PAGE;
  }

  /**
   * Begins an element.
   *
   * @param attributes names and values in turn
   */
  HtmlWriter open(String element, String... attributes) {
    tag(element, attributes).append('>');
    open.push(element);
    return this;
  }

  /** Ends the element that was begun last. */
  HtmlWriter close() {
    html.append("</").append(open.pop()).append('>');
    return this;
  }

  /** An element without content, of SVG or a void one of HTML. */
  HtmlWriter empty(String element, String... attributes) {
    tag(element, attributes).append("/>");
    return this;
  }

  /** A rectangle of SVG; lengths are in its units. */
  HtmlWriter rectangle(int x, int y, int width, int height, String style) {
    return empty(
        "rect",
        "x",
        String.valueOf(x),
        "y",
        String.valueOf(y),
        "width",
        String.valueOf(width),
        "height",
        String.valueOf(height),
        "class",
        style);
  }

  /** An element that holds text. */
  HtmlWriter element(String element, String text, String... attributes) {
    return open(element, attributes).text(text).close();
  }

  /** Text. */
  HtmlWriter text(String text) {
    escape(text);
    return this;
  }

  /** Text over several lines, as in {@code pre}. */
  HtmlWriter lines(List<String> lines) {
    for (String line : lines) {
      escape(line);
      html.append('\n');
    }
    return this;
  }

  /**
   * Styles of our own.
   *
   * @throws IllegalArgumentException if HTML and XML would not read them alike
   */
  HtmlWriter style(String css) {
    if (css.indexOf('<') >= 0 || css.indexOf('&') >= 0) {
      throw new IllegalArgumentException("styles with < or &");
    }
    open("style");
    html.append(css);
    return close();
  }

  /** What another writer wrote. */
  HtmlWriter fragment(Fragment fragment) {
    fragment.ids.forEach(this::remember);
    html.append(fragment.html);
    return this;
  }

  /** The id under this name, which has not been used. */
  String newId(String name) {
    return remember(prefix + name);
  }

  private String remember(String id) {
    if (!ids.add(id)) {
      throw new IllegalStateException("a second element with the id " + id);
    }
    return id;
  }

  /**
   * A section with a heading.
   *
   * @param name names its id
   */
  HtmlWriter section(String name, String title, Consumer<HtmlWriter> body) {
    String id = newId(name);
    String heading = newId(name + "-title");
    open("section", "id", id, "aria-labelledby", heading);
    int outside = level;
    level = Math.min(DEEPEST_HEADING, level + 1);
    element("h" + level, title, "id", heading);
    body.accept(this);
    level = outside;
    return close();
  }

  /**
   * Writes each of a list, as long as the page is not full.
   *
   * @param most how many at most
   * @return how many were left out
   */
  <T> int each(List<T> list, int most, Consumer<T> body) {
    int written = 0;
    while (written < list.size() && written < most && !isFull()) {
      body.accept(list.get(written));
      written++;
    }
    return list.size() - written;
  }

  /**
   * All that was written.
   *
   * @throws IllegalStateException if an element is open
   */
  Fragment end() {
    if (!open.isEmpty()) {
      throw new IllegalStateException("<" + open.peek() + "> is open");
    }
    return new Fragment(html.toString(), ids);
  }

  /** The page, with the line that says it is one. */
  String page() {
    return "<!DOCTYPE html>" + end().html + "\n";
  }

  private StringBuilder tag(String element, String... attributes) {
    if (!INLINE.contains(element)) {
      html.append('\n');
    }
    html.append('<').append(element);
    for (int i = 0; i < attributes.length; i += 2) {
      html.append(' ').append(attributes[i]).append("=\"");
      escape(attributes[i + 1]);
      html.append('"');
    }
    return html;
  }

  /** As much of a text as is shown, and how much is not. */
  static String cut(String text) {
    return text.length() <= LONGEST_TEXT
        ? text
        : text.substring(0, LONGEST_CUT)
            + " \u2026 ("
            + (text.length() - LONGEST_CUT)
            + " more characters)";
  }

  private void escape(String text) {
    String shown = VisibleText.of(cut(text));
    for (int i = 0; i < shown.length(); i++) {
      char c = shown.charAt(i);
      switch (c) {
        case '<' -> html.append("&lt;");
        case '>' -> html.append("&gt;");
        case '&' -> html.append("&amp;");
        case '"' -> html.append("&quot;");
        case '\'' -> html.append("&#39;");
        // No characters of XML.
        case '\ufffe', '\uffff' -> html.append("\\u").append(Integer.toHexString(c));
        default -> html.append(c);
      }
    }
  }
}
