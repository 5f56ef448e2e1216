package io.github.stopcopy.qemu.libvirt;

import java.util.Optional;

/** The ids that libvirt gives to devices. */
final class Aliases {

  private Aliases() {}

  /** The alias that stands in the XML: of a running domain, or one of the user's own. */
  static Optional<String> of(XmlElement device) {
    return device
        .first("alias")
        .flatMap(alias -> alias.optional("name"))
        .filter(name -> !name.isEmpty());
  }
}
