package io.github.stopcopy.cli.html;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.StringReader;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import javax.xml.parsers.DocumentBuilderFactory;
import org.w3c.dom.Document;
import org.w3c.dom.Element;
import org.w3c.dom.NodeList;
import org.xml.sax.InputSource;

/** A page as a browser would take it apart; what is not well-formed fails. */
public record PageReader(Document document) {

  /** Reads a page. */
  public static PageReader read(String page) throws Exception {
    assertThat(page).startsWith("<!DOCTYPE html>\n<html lang=\"en\">");
    DocumentBuilderFactory factory = DocumentBuilderFactory.newInstance();
    factory.setNamespaceAware(false);
    return new PageReader(
        factory.newDocumentBuilder().parse(new InputSource(new StringReader(page))));
  }

  /** All elements of these names, or all with {@code *}, in the order of the page. */
  public List<Element> elements(String name) {
    NodeList found = document.getElementsByTagName(name);
    List<Element> elements = new ArrayList<>();
    for (int i = 0; i < found.getLength(); i++) {
      elements.add((Element) found.item(i));
    }
    return elements;
  }

  /** The names of all elements, in the order of the page. */
  public List<String> shape() {
    return elements("*").stream().map(Element::getTagName).toList();
  }

  /** The texts of all elements of a name. */
  public List<String> texts(String name) {
    return elements(name).stream().map(each -> each.getTextContent().strip()).toList();
  }

  /** Holds what must be so of every page. */
  public void assertSound() {
    Set<String> ids = new HashSet<>();
    for (Element each : elements("*")) {
      if (each.hasAttribute("id")) {
        assertThat(ids.add(each.getAttribute("id"))).as(each.getAttribute("id")).isTrue();
      }
      for (int i = 0; i < each.getAttributes().getLength(); i++) {
        String name = each.getAttributes().item(i).getNodeName();
        assertThat(name).doesNotStartWith("on").isNotIn("style", "src");
      }
    }
    for (Element each : elements("*")) {
      for (String id : each.getAttribute("aria-labelledby").split(" ")) {
        assertThat(id.isEmpty() || ids.contains(id)).as(id).isTrue();
      }
    }
    for (Element link : elements("a")) {
      assertThat(link.getAttribute("href")).startsWith("#");
      assertThat(ids).contains(link.getAttribute("href").substring(1));
    }
    assertThat(elements("th")).allMatch(each -> each.hasAttribute("scope"));
    assertThat(elements("svg"))
        .allMatch(each -> each.getAttribute("role").equals("img"))
        .allMatch(each -> !each.getAttribute("aria-labelledby").isEmpty());
    assertThat(elements("script")).isEmpty();
    assertThat(elements("h1")).hasSize(1);
    assertThat(elements("main")).hasSize(1);
    assertThat(elements("meta"))
        .anyMatch(each -> each.getAttribute("content").startsWith("default-src 'none';"));
  }
}
