package io.github.stopcopy.core.memory;

import io.github.stopcopy.core.address.AddressRange;
import io.github.stopcopy.core.address.ByteSize;
import io.github.stopcopy.core.address.U64;
import io.github.stopcopy.core.config.PlacedRegion;
import io.github.stopcopy.core.config.RegionKind;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Shows placed regions in a container region and replaces them by others in one transaction.
 * Regions keep their identity by name and kind, so that what did not change is not removed and
 * added again. Not thread-safe.
 */
@SuppressWarnings("ReferenceEquality") // regions are who they are
public final class MemoryMap {

  private static final int BEHIND_OTHERS = -1;

  private final GuestMemory memory;
  private final MemoryRegion.Container root;
  private final Map<RegionKind, Map<String, MemoryRegion>> regions =
      new EnumMap<>(RegionKind.class);
  private Collection<Shown> shown = new ArrayList<>();
  private final Map<String, MemoryRegion> placed = new HashMap<>();

  /** To find what is shown; null until somebody looks. */
  private @Nullable Index index;

  private long shownSoFar;

  /** A row and its window; two of equal rows are two. */
  private static final class Shown {
    private final PlacedRegion row;
    private final MemoryRegion.Alias alias;
    private long number;

    Shown(PlacedRegion row, MemoryRegion.Alias alias) {
      this.row = row;
      this.alias = alias;
    }
  }

  /** What is shown, by its first address and by the device whose BAR it is part of. */
  private static final class Index {
    private final NavigableMap<Long, List<Shown>> byAddress = new TreeMap<>(U64::compare);
    private final Map<String, Set<Shown>> byOwner = new HashMap<>();

    void add(Shown one) {
      byAddress.computeIfAbsent(one.row.range().first(), first -> new ArrayList<>(1)).add(one);
      ownerOf(one.row.name())
          .ifPresent(
              device -> byOwner.computeIfAbsent(device, none -> new LinkedHashSet<>()).add(one));
    }

    void remove(Shown one) {
      byAddress.computeIfPresent(
          one.row.range().first(),
          (first, here) -> {
            here.remove(one);
            return here.isEmpty() ? null : here;
          });
      ownerOf(one.row.name())
          .ifPresent(device ->
              byOwner.computeIfPresent(
                  device,
                  (name, rows) -> {
                    rows.remove(one);
                    return rows.isEmpty() ? null : rows;
                  }));
    }
  }

  /** A map that shows its regions in {@code root}, beside what else may be there. */
  public MemoryMap(GuestMemory memory, MemoryRegion.Container root) {
    this.memory = memory;
    this.root = root;
  }

  /**
   * Makes {@code region} the one that rows with its name and kind mean.
   *
   * @throws IllegalArgumentException if it is of no kind that a row can have
   */
  void declare(MemoryRegion region) {
    regionsOf(kindOf(region)).put(region.name(), region);
  }

  /** Shows a region at an address beside the rows, until rows of that name are shown. */
  public void place(MemoryRegion region, long address) {
    declare(region);
    MemoryRegion alias = memory.alias(region.name(), region, 0, region.size());
    placed.put(region.name(), alias);
    root.add(address, alias);
  }

  /** Shows these rows instead of those shown before, in one transaction. Rows must not overlap. */
  public void show(List<PlacedRegion> rows) {
    memory.begin();
    try {
      List<Shown> before = shown instanceof List<Shown> list ? list : List.copyOf(shown);
      for (int i = 0; i < before.size(); i++) {
        root.remove(before.get(i).alias);
      }
      shown = new ArrayList<>(rows.size());
      index = null;
      int next = 0;
      for (int i = 0; i < rows.size(); i++) {
        PlacedRegion row = rows.get(i);
        MemoryRegion elsewhere = placed.remove(row.name());
        if (elsewhere != null) {
          root.remove(elsewhere);
        }
        while (next < before.size() && isBelow(before.get(next), row)) {
          next++;
        }
        if (next < before.size() && stays(before.get(next), row)) {
          add(before.get(next), 0);
        } else {
          show(row, 0);
        }
      }
    } finally {
      memory.end();
    }
  }

  private static boolean isBelow(Shown old, PlacedRegion row) {
    return U64.less(old.row.range().first(), row.range().first());
  }

  /** Whether a row was shown already, by a window to what it means now. */
  private boolean stays(Shown old, PlacedRegion row) {
    return old.row.equals(row) && old.alias.target() == region(row);
  }

  /** The rows that are shown, in the order in which they were, also where another hides them. */
  public List<PlacedRegion> rows() {
    return shown.stream().map(one -> one.row).toList();
  }

  /**
   * Shows some rows instead of some that were, in one transaction. They lie behind all other rows,
   * as what a PCI bus shows lies behind the machine's own memory.
   *
   * @param gone rows that are shown
   * @param come must not overlap each other
   */
  public void replace(List<PlacedRegion> gone, List<PlacedRegion> come) {
    memory.begin();
    try {
      for (PlacedRegion row : gone) {
        hide(row);
      }
      come.forEach(row -> show(row, BEHIND_OTHERS));
    } finally {
      memory.end();
    }
  }

  /**
   * The rows that are parts of a device's BARs, as {@link #rows} has them: those whose names say
   * so.
   */
  public List<PlacedRegion> rowsOf(String device) {
    Set<Shown> found = index().byOwner.getOrDefault(device, Set.of());
    return found.stream().map(one -> one.row).toList();
  }

  /** The rows that lie in a range with all of their addresses, as {@link #rows} has them. */
  public List<PlacedRegion> rowsWithin(AddressRange range) {
    List<Shown> found = new ArrayList<>();
    index().byAddress.subMap(range.first(), true, range.last(), true).values().stream()
        .flatMap(List::stream)
        .filter(one -> range.contains(one.row.range()))
        .forEach(found::add);
    found.sort(Comparator.comparingLong(one -> one.number));
    return found.stream().map(one -> one.row).toList();
  }

  private void hide(PlacedRegion row) {
    Index known = index();
    List<Shown> here = known.byAddress.getOrDefault(row.range().first(), List.of());
    for (Shown old : List.copyOf(here)) {
      if (old.row.equals(row)) {
        root.remove(old.alias);
        shown.remove(old);
        known.remove(old);
      }
    }
  }

  private Index index() {
    Index known = index;
    if (known == null) {
      known = new Index();
      index = known;
      shown = new LinkedHashSet<>(shown);
      shown.forEach(known::add);
    }
    return known;
  }

  private void show(PlacedRegion row, int priority) {
    MemoryRegion region = region(row);
    MemoryRegion.Alias alias =
        memory.alias(
            row.name(),
            region,
            row.offsetInRegion(),
            region.sizeIfLast(row.range().last() - row.range().first()));
    alias.setReadonly(row.readonly() && !region.isReadonly());
    add(new Shown(row, alias), priority);
  }

  private void add(Shown one, int priority) {
    root.add(one.row.range().first(), one.alias, priority);
    one.number = shownSoFar++;
    shown.add(one);
    if (index != null) {
      index.add(one);
    }
  }

  private MemoryRegion region(PlacedRegion row) {
    long last = U64.addSaturated(row.offsetInRegion(), row.range().last() - row.range().first());
    Map<String, MemoryRegion> alike = regionsOf(row.kind());
    MemoryRegion known = alike.get(row.name());
    if (known != null) {
      boolean tooSmall = known.size().isZero() || U64.less(known.size().lastOffset(), last);
      if (tooSmall) {
        known.setSize(ByteSize.ofLastOffset(last));
      }
      return known;
    }
    ByteSize needed = ByteSize.ofLastOffset(last);
    MemoryRegion made =
        switch (row.kind()) {
          case RAM -> memory.ram(row.name(), needed);
          case ROM -> memory.rom(row.name(), needed);
          case ROM_DEVICE -> memory.romDevice(row.name(), needed);
          case RAM_DEVICE -> memory.ramDevice(row.name(), needed);
          case IO -> memory.io(row.name(), needed);
        };
    ownerOf(row.name()).ifPresent(made::setOwner);
    alike.put(row.name(), made);
    return made;
  }

  private Map<String, MemoryRegion> regionsOf(RegionKind kind) {
    return regions.computeIfAbsent(kind, none -> new HashMap<>(4));
  }

  /** BARs of assigned devices are named {@code DEVICE BAR n ...}; the device owns their region. */
  private static Optional<String> ownerOf(String regionName) {
    int bar = regionName.indexOf(" BAR ");
    return bar > 0 ? Optional.of(regionName.substring(0, bar)) : Optional.empty();
  }

  private static RegionKind kindOf(MemoryRegion region) {
    if (region instanceof MemoryRegion.Ram) {
      return RegionKind.RAM;
    } else if (region instanceof MemoryRegion.Rom) {
      return RegionKind.ROM;
    } else if (region instanceof MemoryRegion.RomDevice) {
      return RegionKind.ROM_DEVICE;
    } else if (region instanceof MemoryRegion.RamDevice) {
      return RegionKind.RAM_DEVICE;
    } else if (region instanceof MemoryRegion.Io) {
      return RegionKind.IO;
    }
    throw new IllegalArgumentException(region.name() + " is of no kind that a row can have");
  }
}
