package io.github.stopcopy.qemu.libvirt;

import com.fasterxml.jackson.core.io.JsonStringEncoder;
import java.util.LinkedHashMap;
import java.util.Map;

/** A device or object as libvirt gives it to QEMU: in JSON, with typed values. */
final class QemuDevice {

  private final int line;
  private final String id;
  private final Map<String, Object> members = new LinkedHashMap<>();

  private QemuDevice(int line, String kind, String type, String id) {
    this.line = line;
    this.id = id;
    members.put(kind, type);
    members.put("id", id);
  }

  static QemuDevice device(XmlElement element, String driver, String id) {
    return new QemuDevice(element.line(), "driver", driver, id);
  }

  static QemuDevice object(XmlElement element, String type, String id) {
    return new QemuDevice(element.line(), "qom-type", type, id);
  }

  /** Where in the XML it comes from. */
  int line() {
    return line;
  }

  String id() {
    return id;
  }

  /** Sets a property to a string, a boolean or a whole number. */
  QemuDevice with(String property, Object value) {
    members.put(property, value);
    return this;
  }

  void without(String property) {
    members.remove(property);
  }

  String toJson() {
    StringBuilder json = new StringBuilder("{");
    for (Map.Entry<String, Object> member : members.entrySet()) {
      json.append(json.length() > 1 ? "," : "");
      string(json, member.getKey());
      json.append(':');
      if (member.getValue() instanceof String text) {
        string(json, text);
      } else {
        json.append(member.getValue());
      }
    }
    return json.append('}').toString();
  }

  private static void string(StringBuilder json, String text) {
    json.append('"').append(JsonStringEncoder.getInstance().quoteAsString(text)).append('"');
  }
}
