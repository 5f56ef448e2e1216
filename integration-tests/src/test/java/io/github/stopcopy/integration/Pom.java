package io.github.stopcopy.integration;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import javax.xml.parsers.DocumentBuilderFactory;
import org.w3c.dom.Element;
import org.w3c.dom.Node;

/** A POM as written. */
record Pom(Element root) {

  /** An artifact that a POM names; what it does not say is empty. */
  record Dependency(String group, String artifact, String version, String scope) {}

  static Pom read(Path file) throws Exception {
    return new Pom(
        DocumentBuilderFactory.newInstance()
            .newDocumentBuilder()
            .parse(file.toFile())
            .getDocumentElement());
  }

  /** The text at a path of element names, empty if it is not there. */
  String text(String path) {
    List<Element> found = elements(root, path);
    return found.isEmpty() ? "" : found.get(0).getTextContent().strip();
  }

  /** The elements under the root. */
  List<String> sections() {
    List<String> names = new ArrayList<>();
    for (Node node = root.getFirstChild(); node != null; node = node.getNextSibling()) {
      if (node instanceof Element element) {
        names.add(element.getTagName());
      }
    }
    return names;
  }

  /** The artifacts in a section, e.g. {@code dependencies}. */
  List<Dependency> dependencies(String section) {
    List<Dependency> all = new ArrayList<>();
    for (Element element : elements(root, section + "/dependency")) {
      Pom one = new Pom(element);
      all.add(
          new Dependency(
              one.text("groupId"), one.text("artifactId"), one.text("version"), one.text("scope")));
    }
    return all;
  }

  private static List<Element> elements(Element from, String path) {
    List<Element> found = List.of(from);
    for (String name : path.split("/")) {
      List<Element> below = new ArrayList<>();
      for (Element parent : found) {
        for (Node node = parent.getFirstChild(); node != null; node = node.getNextSibling()) {
          if (node instanceof Element element && element.getTagName().equals(name)) {
            below.add(element);
          }
        }
      }
      found = below;
    }
    return found;
  }
}
