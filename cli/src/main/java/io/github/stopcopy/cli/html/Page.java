package io.github.stopcopy.cli.html;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Objects;
import java.util.function.Consumer;

/**
 * What all pages have around their sections: the styles, a line that lets nothing else be loaded,
 * the answer at the top, links to the sections.
 */
final class Page {

  private final String title;
  private final String version;
  private final Consumer<HtmlWriter> head;
  private final List<Section> sections = new ArrayList<>();
  private final List<HtmlWriter.Fragment> parts = new ArrayList<>();

  /**
   * A part of a page that its links lead to.
   *
   * @param name names its id
   * @param title its heading
   * @param body writes it
   */
  private record Section(String name, String title, Consumer<HtmlWriter> body) {}

  /**
   * A page without sections.
   *
   * @param title what browsers call it
   * @param version of the command
   * @param head writes the answer, with the heading of the page
   */
  Page(String title, String version, Consumer<HtmlWriter> head) {
    this.title = title;
    this.version = version;
    this.head = head;
  }

  /** Adds a section behind the others. */
  void add(String name, String sectionTitle, Consumer<HtmlWriter> body) {
    sections.add(new Section(name, sectionTitle, body));
  }

  /** Adds a part that no link at the top leads to, behind all sections. */
  void add(HtmlWriter.Fragment part) {
    parts.add(part);
  }

  /** The whole page. */
  String write() {
    String css = styles();
    HtmlWriter html = new HtmlWriter();
    html.open("html", "lang", "en").open("head").empty("meta", "charset", "utf-8");
    // Nothing is loaded, run or sent, whatever came through.
    html.empty(
        "meta",
        "http-equiv",
        "Content-Security-Policy",
        "content",
        "default-src 'none'; style-src 'sha256-"
            + digest(css)
            + "'; base-uri 'none'; form-action 'none'");
    html.empty("meta", "name", "viewport", "content", "width=device-width, initial-scale=1");
    html.empty("meta", "name", "referrer", "content", "no-referrer");
    html.empty("meta", "name", "generator", "content", version);
    html.element("title", title).style(css).close().open("body");
    html.element("a", "Skip to the answer", "class", "skip", "href", "#" + html.newId("answer"));
    html.open("header", "id", "answer");
    head.accept(html);
    html.close();
    if (sections.size() > 1) {
      links(html);
    }
    html.open("main");
    for (Section section : sections) {
      html.section(section.name, section.title, section.body);
    }
    parts.forEach(html::fragment);
    html.close();
    html.element("footer", "Made by " + version + ". This page loads nothing and sends nothing.");
    return html.close().close().page();
  }

  private void links(HtmlWriter html) {
    html.open("nav", "aria-label", "Sections").open("ul");
    for (Section section : sections) {
      html.open("li").element("a", section.title, "href", "#" + section.name).close();
    }
    html.close().close();
  }

  private static String styles() {
    try (InputStream css = Page.class.getResourceAsStream("page.css")) {
      return new String(Objects.requireNonNull(css).readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException unreadable) {
      throw new UncheckedIOException(unreadable);
    }
  }

  private static String digest(String css) {
    try {
      MessageDigest digest = MessageDigest.getInstance("SHA-256");
      return Base64.getEncoder()
          .encodeToString(digest.digest(css.getBytes(StandardCharsets.UTF_8)));
    } catch (NoSuchAlgorithmException impossible) {
      throw new IllegalStateException("every Java has SHA-256", impossible);
    }
  }
}
