package io.github.stopcopy.qemu.libvirt;

import java.util.Optional;

/** Tells which network interfaces are devices of the host. */
final class Interfaces {

  private Interfaces() {}

  /** Whether it is a device of the host: by its own type, or as libvirt's network chose one. */
  static boolean isHostdev(XmlElement nic) {
    return nic.has("type", "hostdev") || assigned(nic).isPresent();
  }

  /** What the network chose for the running domain, as the status of libvirt has it. */
  static Optional<XmlElement> assigned(XmlElement nic) {
    return nic.first("actual").filter(actual -> actual.has("type", "hostdev"));
  }

  /**
   * Whether the network could choose a device of the host when the domain starts. It did not where
   * the XML shows what it chose instead, and cannot for the side that stays during a migration.
   */
  static boolean mayBecomeHostdev(XmlElement nic) {
    return nic.has("type", "network")
        && nic.first("actual").isEmpty()
        && nic.first("target").filter(target -> target.optional("dev").isPresent()).isEmpty()
        && nic.first("teaming").filter(teaming -> teaming.has("type", "persistent")).isEmpty()
        && nic.first("source")
            .filter(source ->
                source.optional("bridge").isPresent() || source.optional("dev").isPresent())
            .isEmpty();
  }
}
