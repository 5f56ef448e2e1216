package io.github.stopcopy.qemu.libvirt;

import io.github.stopcopy.core.error.InputException;
import java.math.BigInteger;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/** Reads {@code qemu:override}: properties that libvirt sets on a device as it is told. */
final class Overrides {

  /** The namespace of what libvirt hands to QEMU as it is. */
  static final String NAMESPACE = "http://libvirt.org/schemas/domain/qemu/1.0";

  private final List<XmlElement> devices;
  private final Set<String> applied = new HashSet<>();
  private final List<String> notes;

  Overrides(XmlElement domain, List<String> notes) {
    this.notes = notes;
    this.devices =
        domain.children().stream()
            .filter(e -> e.namespace().equals(NAMESPACE) && e.name().equals("override"))
            .flatMap(e -> e.all("device").stream())
            .toList();
  }

  /** The same device, changed. */
  QemuDevice apply(QemuDevice device) throws InputException {
    for (XmlElement override : devices) {
      if (override.required("alias").equals(device.id())) {
        applied.add(device.id());
        for (XmlElement frontend : override.all("frontend")) {
          for (XmlElement property : frontend.all("property")) {
            apply(property, device);
          }
        }
      }
    }
    return device;
  }

  private static void apply(XmlElement property, QemuDevice device) throws InputException {
    String name = property.required("name");
    if (name.equals("id") || name.equals("driver")) {
      throw property.wrong("name='" + name + "', expected a property that can be overridden");
    }
    switch (property.required("type")) {
      case "string" -> device.with(name, property.required("value"));
      case "bool" -> device.with(name, property.flag("value", "true", "false").orElse(false));
      case "unsigned" ->
          device.with(name, new BigInteger(Long.toUnsignedString(property.address("value"))));
      case "signed" -> device.with(name, signed(property));
      case "remove" -> device.without(name);
      default ->
          throw property.wrong(
              "type='"
                  + property.required("type")
                  + "', expected string, signed, unsigned, bool or remove");
    }
  }

  private static long signed(XmlElement property) throws InputException {
    String value = property.required("value");
    if (value.matches("-?[0-9]{1,40}")) {
      BigInteger number = new BigInteger(value);
      if (number.bitLength() < Long.SIZE) {
        return number.longValue();
      }
    }
    throw property.wrong("value= is no signed number below 2^63, expected one");
  }

  /** Tells which overrides met no device. */
  void tell() throws InputException {
    for (XmlElement override : devices) {
      if (!applied.contains(override.required("alias"))) {
        notes.add(
            override.note(
                "qemu:override of '"
                    + override.required("alias")
                    + "' meets no device that matters here."));
      }
    }
  }
}
