package io.github.stopcopy.qemu.libvirt;

import io.github.stopcopy.core.error.InputException;
import java.io.StringReader;
import java.util.ArrayDeque;
import java.util.Deque;
import javax.xml.stream.XMLInputFactory;
import javax.xml.stream.XMLStreamConstants;
import javax.xml.stream.XMLStreamException;
import javax.xml.stream.XMLStreamReader;

/**
 * Reads XML text into elements. Text from anywhere may be given: document types, and with them
 * entities of one's own, are refused, nothing is fetched, and length and depth are bounded.
 */
final class XmlReader {

  /** How many characters a domain may have. */
  private static final int LONGEST = 4 << 20;

  private static final int DEEPEST = 64;

  /** A domain has a few hundred; what is not known of it is noted for each. */
  private static final int MOST_ELEMENTS = 100_000;

  /** A domain has a few; the parser's time for them grows with their square. */
  private static final int MOST_NAMESPACES = 1000;

  private XmlReader() {}

  /** The root element. */
  static XmlElement read(String source, String xml) throws InputException {
    if (xml.length() > LONGEST) {
      throw InputException.at(
          source, 0, "XML of " + xml.length() + " characters, expected at most " + LONGEST);
    }
    String text = xml.startsWith("\ufeff") ? xml.substring(1) : xml;
    if (text.isBlank()) {
      throw InputException.at(source, 0, "is empty, expected the XML of a domain");
    }
    if (text.split("xmlns", MOST_NAMESPACES + 2).length > MOST_NAMESPACES + 1) {
      throw InputException.at(
          source, 0, "XML with more than " + MOST_NAMESPACES + " namespaces, expected fewer");
    }
    try {
      return root(source, factory().createXMLStreamReader(new StringReader(text)));
    } catch (XMLStreamException e) {
      int line = e.getLocation() == null ? 0 : Math.max(0, e.getLocation().getLineNumber());
      throw InputException.at(
          source, line, "no valid XML: " + reason(e) + ", expected the XML of a domain");
    }
  }

  private static XMLInputFactory factory() {
    XMLInputFactory factory = XMLInputFactory.newDefaultFactory();
    factory.setProperty(XMLInputFactory.SUPPORT_DTD, false);
    factory.setProperty(XMLInputFactory.IS_SUPPORTING_EXTERNAL_ENTITIES, false);
    factory.setProperty(XMLInputFactory.IS_REPLACING_ENTITY_REFERENCES, false);
    factory.setXMLResolver((publicId, systemId, base, namespace) -> {
      throw new XMLStreamException("a reference to something outside");
    });
    return factory;
  }

  private static XmlElement root(String source, XMLStreamReader xml)
      throws XMLStreamException, InputException {
    Deque<XmlElement> open = new ArrayDeque<>();
    XmlElement root = null;
    int elements = 0;
    while (xml.hasNext()) {
      int event = xml.next();
      int line = xml.getLocation().getLineNumber();
      switch (event) {
        case XMLStreamConstants.START_ELEMENT -> {
          if (++elements > MOST_ELEMENTS) {
            throw InputException.at(
                source, line, "more than " + MOST_ELEMENTS + " elements, expected fewer");
          }
          if (open.size() == DEEPEST) {
            throw InputException.at(
                source,
                line,
                "<"
                    + xml.getLocalName()
                    + ">: more than "
                    + DEEPEST
                    + " elements in each other, expected fewer");
          }
          XmlElement element = element(source, xml, line);
          if (open.isEmpty()) {
            root = element;
          } else {
            open.peek().child(element);
          }
          open.push(element);
        }
        case XMLStreamConstants.END_ELEMENT -> open.pop();
        case XMLStreamConstants.CHARACTERS, XMLStreamConstants.CDATA -> {
          if (!open.isEmpty()) {
            open.peek().text(xml.getText());
          }
        }
        case XMLStreamConstants.DTD ->
            throw InputException.at(
                source, line, "a document type declaration, expected a domain without one");
        case XMLStreamConstants.ENTITY_REFERENCE ->
            throw InputException.at(
                source, line, "an entity that XML does not have, expected plain text");
        default -> {
          // comments and the like
        }
      }
    }
    if (root == null) {
      throw InputException.at(source, 0, "no element, expected the XML of a domain");
    }
    return root;
  }

  private static XmlElement element(String source, XMLStreamReader xml, int line) {
    String namespace = xml.getNamespaceURI();
    XmlElement element =
        new XmlElement(source, namespace == null ? "" : namespace, xml.getLocalName(), line);
    for (int i = 0; i < xml.getAttributeCount(); i++) {
      // libvirt's own attributes are in no namespace; those of others are nothing to it
      String attributeNamespace = xml.getAttributeNamespace(i);
      if (attributeNamespace == null || attributeNamespace.isEmpty()) {
        element.attribute(xml.getAttributeLocalName(i), xml.getAttributeValue(i));
      }
    }
    return element;
  }

  /** The parser's reason without the place, which stands in front of the message already. */
  private static String reason(XMLStreamException failure) {
    String message = String.valueOf(failure.getMessage());
    int at = message.indexOf("Message: ");
    String reason = (at < 0 ? message : message.substring(at + "Message: ".length())).strip();
    reason = reason.replaceFirst("^JAXP[0-9]+: *", "");
    return reason.endsWith(".") ? reason.substring(0, reason.length() - 1) : reason;
  }
}
