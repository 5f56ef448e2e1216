package io.github.stopcopy.cli.patch;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Optional;

/**
 * Where the elements of an XML text stand. The text was read by an XML parser before, so it is well
 * formed; positions that a parser tells are not exact.
 */
final class XmlText {

  private static final List<String> SKIPPED =
      List.of("<!--", "-->", "<![CDATA[", "]]>", "<?", "?>");

  /**
   * An element; positions are indexes into the xml.
   *
   * @param path the names from the root on, with slashes between
   * @param start where its start tag begins
   * @param content where its content begins, behind the start tag
   * @param contentEnd where its end tag begins; like {@code content} for an empty tag
   * @param end behind all of it
   */
  record Element(String path, int start, int content, int contentEnd, int end) {

    /** Whether it is written as one tag. */
    boolean isEmptyTag() {
      return content == end;
    }

    boolean contains(Element other) {
      return start < other.start && other.end <= contentEnd;
    }
  }

  private record Open(String path, int start, int content) {}

  private final List<Element> elements = new ArrayList<>();

  XmlText(String xml) {
    Deque<Open> open = new ArrayDeque<>();
    int at = xml.indexOf('<');
    while (at >= 0) {
      int end = skipped(xml, at);
      if (end < 0) {
        end = tagEnd(xml, at);
        tag(xml, at, end, open);
      }
      at = xml.indexOf('<', end);
    }
  }

  /** Behind a comment, CDATA or instruction that begins here; less than 0 if none does. */
  private static int skipped(String xml, int at) {
    for (int i = 0; i < SKIPPED.size(); i += 2) {
      if (xml.startsWith(SKIPPED.get(i), at)) {
        String close = SKIPPED.get(i + 1);
        return xml.indexOf(close, at) + close.length();
      }
    }
    return -1;
  }

  /** Behind the tag, whose values may hold any character but their quote. */
  private static int tagEnd(String xml, int at) {
    char quote = 0;
    for (int i = at; i < xml.length(); i++) {
      char c = xml.charAt(i);
      if (quote != 0) {
        quote = c == quote ? 0 : quote;
      } else if (c == '\'' || c == '"') {
        quote = c;
      } else if (c == '>') {
        return i + 1;
      }
    }
    return xml.length();
  }

  private void tag(String xml, int at, int end, Deque<Open> open) {
    if (xml.charAt(at + 1) == '/') {
      Open start = open.pop();
      elements.add(new Element(start.path, start.start, start.content, at, end));
      return;
    }
    int nameEnd = at + 1;
    while ("> \t\r\n/".indexOf(xml.charAt(nameEnd)) < 0) {
      nameEnd++;
    }
    String name = xml.substring(at + 1, nameEnd);
    String path = open.isEmpty() ? name : open.peek().path + "/" + name;
    if (xml.charAt(end - 2) == '/') {
      elements.add(new Element(path, at, end, end, end));
    } else {
      open.push(new Open(path, at, end));
    }
  }

  /** The first element with this path below a domain. */
  Optional<Element> first(String path) {
    return elements.stream()
        .filter(element -> belowDomain(element).equals(path))
        .min((one, other) -> Integer.compare(one.start, other.start));
  }

  /** The element in another one, by its name. */
  Optional<Element> in(Element outer, String name) {
    return elements.stream()
        .filter(element -> outer.contains(element) && element.path.equals(outer.path + "/" + name))
        .findFirst();
  }

  /** {@code <domstatus>} has the domain in it. */
  private static String belowDomain(Element element) {
    int domain = ("/" + element.path + "/").indexOf("/domain/");
    return domain < 0 ? "" : element.path.substring(Math.min(element.path.length(), domain + 7));
  }
}
