package io.github.stopcopy.live;

import io.github.stopcopy.core.host.HostDevice;
import io.github.stopcopy.core.host.HostDevice.Bar;
import io.github.stopcopy.core.host.HostDevice.BarKind;
import io.github.stopcopy.core.host.HostDevice.Fact;
import io.github.stopcopy.core.host.HostDeviceBuilder;
import io.github.stopcopy.live.qmp.QmpValue;
import io.github.stopcopy.qemu.mtree.MtreeDump;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** What {@code query-pci} tells of assigned devices: their BARs and PCI ids. */
final class BarFacts {

  private static final int MOST_DEEP = 32;
  private static final long NOT_PLACED = -1;
  private static final int LAST_BAR = 5;

  /** What was found of each device, by its id, or by bus number, slot and function. */
  private final Map<String, QmpValue> devices = new HashMap<>();

  private final MtreeDump layout;
  private final List<String> unplaced = new ArrayList<>();

  BarFacts(QmpValue pci, MtreeDump layout) {
    this.layout = layout;
    pci.elements().forEach(bus -> collect(bus.list("devices"), 0));
  }

  private void collect(List<QmpValue> found, int depth) {
    for (QmpValue device : found) {
      device
          .text("qdev_id")
          .filter(id -> !id.isEmpty())
          .ifPresent(id -> devices.putIfAbsent(id, device));
      devices.putIfAbsent(
          place(device.number("bus"), device.number("slot"), device.number("function")), device);
      if (depth < MOST_DEEP) {
        device.get("pci_bridge").ifPresent(bridge -> collect(bridge.list("devices"), depth + 1));
      }
    }
  }

  private static String place(Optional<Long> bus, Optional<Long> slot, Optional<Long> function) {
    return bus + " " + slot + " " + function;
  }

  /** The BARs that firmware has not placed, as texts. */
  List<String> unplaced() {
    return unplaced;
  }

  /** The facts of a device with what is shown here in place of what nobody said. */
  HostDevice complete(LiveDevice device, HostDevice facts) {
    Optional<QmpValue> shown = shown(device);
    if (shown.isEmpty()) {
      return facts;
    }
    HostDeviceBuilder builder = facts.toBuilder();
    QmpValue id = shown.get().get("id").orElse(QmpValue.NO_KEYS);
    Optional<Long> vendor = id.number("vendor");
    Optional<Long> model = id.number("device");
    if (facts.pciId().isEmpty() && vendor.isPresent() && model.isPresent()) {
      builder.pciId(String.format("%04x:%04x", vendor.get() & 0xffff, model.get() & 0xffff));
    }
    String name = device.vfioName().orElse("");
    for (QmpValue region : shown.get().list("regions")) {
      long number = region.number("bar").orElse(NOT_PLACED);
      long size = region.number("size").orElse(0L);
      if (number < 0 || number > LAST_BAR || size <= 0) {
        continue;
      }
      if (region.number("address").orElse(NOT_PLACED) == NOT_PLACED) { // not mapped by the guest
        unplaced.add("BAR " + number + " of " + name);
      }
      if (!facts.given().contains(Fact.BARS)) {
        builder.bar((int) number, bar(name, number, region, size));
      }
    }
    return builder.build();
  }

  private Optional<QmpValue> shown(LiveDevice device) {
    QmpValue number = device.properties().get("busnr");
    Optional<Long> bus = number == null ? Optional.empty() : number.number();
    Optional<Long> devfn = device.devfn();
    String place = place(bus, devfn.map(at -> at >> 3), devfn.map(at -> at & 7));
    return device.id().map(devices::get).or(() -> Optional.ofNullable(devices.get(place)));
  }

  private Bar bar(String device, long number, QmpValue region, long size) {
    boolean isIo = region.text("type").orElse("").equals("io");
    boolean isWide = region.bool("mem_type_64").orElse(false);
    BarKind kind = isIo ? BarKind.IO : isWide ? BarKind.MEM64 : BarKind.MEM32;
    String mapped = device + " BAR " + number + " mmaps[";
    boolean isMapped =
        region.number("address").orElse(NOT_PLACED) == NOT_PLACED
            || layout.views().stream()
                .flatMap(view -> view.rows().stream())
                .anyMatch(row -> row.name().startsWith(mapped));
    return new Bar(size, kind, region.bool("prefetch").orElse(false), isMapped);
  }
}
