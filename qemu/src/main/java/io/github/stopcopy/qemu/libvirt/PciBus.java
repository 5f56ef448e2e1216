package io.github.stopcopy.qemu.libvirt;

import java.util.Optional;

/** A PCI bus while addresses are given out: which of its slots are taken. */
final class PciBus {

  private static final int SLOTS = 32;
  private static final int FUNCTIONS = 8;

  private final int index;
  private final PciConnect takes;
  private final int firstSlot;
  private final int lastSlot;
  private final boolean[] taken = new boolean[SLOTS];
  private int portSlot = -1;
  private int portsInSlot = FUNCTIONS;

  private PciBus(int index, PciConnect takes, int firstSlot, int lastSlot) {
    this.index = index;
    this.takes = takes;
    this.firstSlot = firstSlot;
    this.lastSlot = lastSlot;
  }

  /** The root bus of a machine. */
  static PciBus root(boolean express) {
    return new PciBus(0, express ? PciConnect.ROOT_BUS : PciConnect.CONVENTIONAL, 1, SLOTS - 1);
  }

  /** The bus of a controller, by libvirt's name of its model. */
  static PciBus of(int index, String model) {
    return switch (model) {
      case "pcie-root-port", "pcie-switch-downstream-port" ->
          new PciBus(index, PciConnect.EXPRESS, 0, 0);
      case "pcie-switch-upstream-port" -> new PciBus(index, PciConnect.SWITCH, 0, SLOTS - 1);
      case "pcie-expander-bus" -> new PciBus(index, PciConnect.ROOT_BUS, 0, SLOTS - 1);
      case "dmi-to-pci-bridge" -> new PciBus(index, PciConnect.CONVENTIONAL, 0, SLOTS - 1);
      case "pci-expander-bus" -> new PciBus(index, PciConnect.CONVENTIONAL, 0, SLOTS - 1);
      default -> new PciBus(index, PciConnect.CONVENTIONAL, 1, SLOTS - 1);
    };
  }

  /** Marks a slot as taken; of a bus with one slot only, the bus. */
  void reserve(int slot) {
    taken[lastSlot == 0 ? 0 : slot] = true;
  }

  boolean isFree(int slot) {
    return !taken[slot];
  }

  /** Takes the first place for such a device, if this bus has one. */
  Optional<PciPlace> take(PciConnect wanted) {
    if (wanted == PciConnect.ROOT_PORT && takes == PciConnect.ROOT_BUS) {
      return port();
    }
    return wanted == takes
        ? slot().map(slot -> new PciPlace(index, slot, 0, false))
        : Optional.empty();
  }

  private Optional<PciPlace> port() {
    if (portsInSlot == FUNCTIONS) {
      Optional<Integer> slot = slot();
      if (slot.isEmpty()) {
        return Optional.empty();
      }
      portSlot = slot.get();
      portsInSlot = 0;
    }
    int function = portsInSlot++;
    return Optional.of(new PciPlace(index, portSlot, function, function == 0));
  }

  private Optional<Integer> slot() {
    for (int slot = firstSlot; slot <= lastSlot; slot++) {
      if (!taken[slot]) {
        taken[slot] = true;
        return Optional.of(slot);
      }
    }
    return Optional.empty();
  }
}
