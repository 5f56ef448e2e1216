package io.github.stopcopy.cli.stories;

import io.github.stopcopy.core.address.PciAddress;
import io.github.stopcopy.core.spi.GuestAction;
import io.github.stopcopy.core.spi.GuestAction.ContextMode;
import java.util.HashMap;
import java.util.Map;
import java.util.NavigableMap;
import java.util.TreeMap;

/**
 * What a guest wrote for an Intel vIOMMU and what of it is in effect: everything is read anew at
 * each event of R-VIO-23, nothing in between.
 */
final class NaiveIommu {

  private static final long PAGE = 4096;

  private final StoryViommu viommu;
  private final Map<PciAddress, Table> tables = new HashMap<>();
  private boolean translates;

  private static final class Table {
    private ContextMode mode = ContextMode.ABSENT;
    private int bits;
    private final NavigableMap<Long, Long> pages = new TreeMap<>();
    private ContextMode modeInEffect = ContextMode.ABSENT;
    private int bitsInEffect;
    private Map<Long, Long> pagesInEffect = Map.of();
    private boolean hasSpace;
  }

  NaiveIommu(StoryViommu viommu) {
    this.viommu = viommu;
  }

  void guest(GuestAction action) {
    if (action instanceof GuestAction.WriteContext write) {
      Table table = table(write.device());
      table.mode = write.mode();
      table.bits = write.addressBits();
    } else if (action instanceof GuestAction.Map map) {
      for (int i = 0; i < map.pages(); i++) {
        table(map.device()).pages.put(map.iova() + i * PAGE, map.guestAddress() + i * PAGE);
      }
    } else if (action instanceof GuestAction.Unmap unmap) {
      for (int i = 0; i < unmap.pages(); i++) {
        table(unmap.device()).pages.remove(unmap.iova() + i * PAGE);
      }
      readAll();
    } else if (action instanceof GuestAction.Disable) {
      if (translates) {
        readAll();
      }
      translates = false;
    } else {
      readAll();
      translates |= action instanceof GuestAction.Enable && viommu.isOn("dma-translation", true);
    }
  }

  /**
   * A device gets behind it: its table is walked; its context only if it was never there before.
   */
  void attached(PciAddress device) {
    Table table = table(device);
    if (!table.hasSpace) {
      table.hasSpace = true;
      readContext(table);
    }
    table.pagesInEffect = Map.copyOf(table.pages);
  }

  /** Whether a device's requests are translated now (R-VIO-21). */
  boolean isTranslated(PciAddress device) {
    Table table = table(device);
    boolean passes =
        table.modeInEffect == ContextMode.PASSTHROUGH
            && table.bitsInEffect <= viommu.addressBits()
            && viommu.isOn("pt", true);
    return translates && !passes;
  }

  /** Where a device's pages lead now, by IOVA. */
  Map<Long, Long> translations(PciAddress device) {
    Map<Long, Long> reachable = new TreeMap<>();
    Table table = table(device);
    if (isTranslated(device)
        && table.modeInEffect == ContextMode.TRANSLATE
        && table.bitsInEffect <= viommu.addressBits()) {
      table.pagesInEffect.forEach((iova, target) -> {
        if (iova < 1L << table.bitsInEffect && target < 1L << viommu.addressBits()) {
          reachable.put(iova, target);
        }
      });
    }
    return reachable;
  }

  private void readAll() {
    for (Table table : tables.values()) {
      readContext(table);
      table.pagesInEffect = Map.copyOf(table.pages);
    }
  }

  private static void readContext(Table table) {
    table.modeInEffect = table.mode;
    table.bitsInEffect = table.bits;
  }

  private Table table(PciAddress device) {
    return tables.computeIfAbsent(device, key -> new Table());
  }
}
