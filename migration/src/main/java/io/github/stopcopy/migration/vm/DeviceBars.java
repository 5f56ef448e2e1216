package io.github.stopcopy.migration.vm;

import io.github.stopcopy.core.address.AddressRange;
import io.github.stopcopy.core.address.U64;
import io.github.stopcopy.core.config.PlacedRegion;
import io.github.stopcopy.core.config.RegionKind;
import io.github.stopcopy.core.error.InputException;
import io.github.stopcopy.core.host.HostDevice;
import io.github.stopcopy.core.host.HostDevice.Bar;
import io.github.stopcopy.core.host.HostDevice.BarKind;
import io.github.stopcopy.core.host.HostDevice.Msix;
import io.github.stopcopy.core.host.HostFacts;
import io.github.stopcopy.core.memory.MemoryMap;
import io.github.stopcopy.vfiopci.device.VfioPciDevice;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Where the guest has put the BARs of assigned devices. A BAR that a memory dump shows keeps the
 * parts seen there; of another the host facts say what it is made of.
 */
final class DeviceBars {

  private static final long LAST_32 = 0xffffffffL;
  private static final long MSIX_ENTRY_SIZE = 16;

  private record Register(String device, int number) {
    String regionName() {
      return device + " BAR " + number;
    }
  }

  /**
   * A BAR that was looked at.
   *
   * @param parts what it shows, placed by their offset in it
   * @param address where it is; empty: it is off
   */
  private record Placed(List<PlacedRegion> parts, Optional<Long> address) {
    List<PlacedRegion> rows() {
      return address.map(at -> shifted(parts, at)).orElse(List.of());
    }
  }

  private final HostFacts host;
  private final MemoryMap map;
  private final Map<Register, Placed> known = new HashMap<>();

  DeviceBars(HostFacts host, MemoryMap map) {
    this.host = host;
    this.map = map;
  }

  /**
   * Moves a BAR to an address or turns it off.
   *
   * @throws InputException if there is no such BAR in memory, or it cannot be there
   */
  void move(VfioPciDevice device, int number, Optional<Long> at) throws InputException {
    Bar bar = bar(device, number);
    if (at.isPresent()) {
      check(device, number, bar, at.get());
    }
    Register register = new Register(device.name(), number);
    Placed before = placed(device, register, bar);
    Placed after = new Placed(before.parts(), at);
    map.replace(before.rows(), after.rows());
    known.put(register, after);
  }

  /** Takes away what the BARs of a device show, which leaves the VM. */
  void remove(VfioPciDevice device) {
    host.device(device.name())
        .bars()
        .forEach((number, bar) -> {
          Register register = new Register(device.name(), number);
          if (isInMemory(bar)) {
            Placed before = placed(device, register, bar);
            map.replace(before.rows(), List.of());
          }
          known.remove(register);
        });
    map.replace(map.rowsOf(device.name()), List.of());
  }

  private Bar bar(VfioPciDevice device, int number) throws InputException {
    Bar bar = host.device(device.name()).bars().get(number);
    if (bar == null) {
      throw InputException.of(
          "the host facts of " + device.name() + " have no BAR " + number + ", expected its size");
    }
    if (!isInMemory(bar)) {
      throw InputException.of(
          new Register(device.name(), number).regionName()
              + (bar.kind() == BarKind.IO
                  ? " is of I/O ports, expected one in memory"
                  : " has " + U64.decimal(bar.size()) + " bytes, expected a power of two"));
    }
    return bar;
  }

  private static boolean isInMemory(Bar bar) {
    return bar.kind() != BarKind.IO && Long.bitCount(bar.size()) == 1;
  }

  private static void check(VfioPciDevice device, int number, Bar bar, long at)
      throws InputException {
    boolean aligned = (at & bar.size() - 1) == 0;
    if (!aligned || bar.kind() == BarKind.MEM32 && U64.less(LAST_32, at + (bar.size() - 1))) {
      throw InputException.of(
          new Register(device.name(), number).regionName()
              + " at "
              + U64.hex(at)
              + ", expected a multiple of its size, "
              + U64.hex(bar.size())
              + (bar.kind() == BarKind.MEM64 ? "" : ", below 4 GiB"));
    }
  }

  private Placed placed(VfioPciDevice device, Register register, Bar bar) {
    Placed before = known.get(register);
    if (before != null) {
      return before;
    }
    for (PlacedRegion row : map.rowsOf(register.device())) {
      if (isOf(row, register)) {
        return seen(U64.alignDown(row.range().first(), bar.size()), bar);
      }
    }
    return new Placed(described(device, register, bar), Optional.empty());
  }

  private static boolean isOf(PlacedRegion row, Register register) {
    String name = register.regionName();
    return row.name().equals(name) || row.name().startsWith(name + " ");
  }

  /** All that a dump shows inside a BAR, whatever its name: the MSI-X table says no device. */
  private Placed seen(long address, Bar bar) {
    AddressRange whole = new AddressRange(address, address + (bar.size() - 1));
    List<PlacedRegion> inside = new ArrayList<>();
    for (PlacedRegion row : map.rowsWithin(whole)) {
      if (row.kind() == RegionKind.IO || row.kind() == RegionKind.RAM_DEVICE) {
        inside.add(row);
      }
    }
    return new Placed(shifted(inside, -address), Optional.of(address));
  }

  private static List<PlacedRegion> shifted(List<PlacedRegion> rows, long distance) {
    List<PlacedRegion> moved = new ArrayList<>();
    for (PlacedRegion row : rows) {
      AddressRange range =
          new AddressRange(row.range().first() + distance, row.range().last() + distance);
      moved.add(
          new PlacedRegion(row.name(), row.kind(), range, row.offsetInRegion(), row.readonly()));
    }
    return moved;
  }

  /** What a BAR shows by the host facts: the pages of the MSI-X table are not mapped. */
  private List<PlacedRegion> described(VfioPciDevice device, Register register, Bar bar) {
    List<PlacedRegion> parts = new ArrayList<>();
    HostDevice facts = host.device(register.device());
    Optional<AddressRange> table =
        facts.msix().flatMap(msix -> msixTable(msix, register.number(), bar));
    boolean mapped = bar.mmap() && !device.values().bool("x-no-mmap");
    long last = bar.size() - 1;
    if (table.isEmpty()) {
      addPart(parts, register, mapped, 0, last);
      return parts;
    }
    long pageMask = host.pageSize() - 1L;
    long holeFirst = table.get().first() & ~pageMask;
    long holeLast = U64.min(table.get().last() | pageMask, last);
    if (holeFirst > 0) {
      addPart(parts, register, mapped, 0, holeFirst - 1);
    }
    if (holeFirst < table.get().first()) {
      addPart(parts, register, false, holeFirst, table.get().first() - 1);
    }
    parts.add(new PlacedRegion("msix-table", RegionKind.IO, table.get(), 0, false));
    if (U64.less(table.get().last(), holeLast)) {
      addPart(parts, register, false, table.get().last() + 1, holeLast);
    }
    if (U64.less(holeLast, last)) {
      addPart(parts, register, mapped, holeLast + 1, last);
    }
    return parts;
  }

  private static void addPart(
      List<PlacedRegion> parts, Register register, boolean mapped, long first, long last) {
    AddressRange range = new AddressRange(first, last);
    if (!mapped) {
      parts.add(new PlacedRegion(register.regionName(), RegionKind.IO, range, first, false));
      return;
    }
    long number = parts.stream().filter(part -> part.kind() == RegionKind.RAM_DEVICE).count();
    String name = register.regionName() + " mmaps[" + number + "]";
    parts.add(new PlacedRegion(name, RegionKind.RAM_DEVICE, range, 0, false));
  }

  private static Optional<AddressRange> msixTable(Msix msix, int number, Bar bar) {
    long size = msix.vectors() * MSIX_ENTRY_SIZE;
    boolean inside =
        msix.bar() == number
            && size > 0
            && U64.less(msix.offset(), bar.size())
            && U64.lessOrEqual(size, bar.size() - msix.offset());
    return inside
        ? Optional.of(new AddressRange(msix.offset(), msix.offset() + size - 1))
        : Optional.empty();
  }
}
