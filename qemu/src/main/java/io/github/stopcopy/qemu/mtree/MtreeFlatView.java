package io.github.stopcopy.qemu.mtree;

import io.github.stopcopy.core.config.PlacedRegion;
import io.github.stopcopy.core.config.RegionKind;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * One flat view of {@code info mtree -f}.
 *
 * @param number the number printed, which means nothing (R-AS-104)
 * @param addressSpaces the address spaces that share the view, in the order of their creation
 * @param rootRegion the region that was rendered, empty for {@code (none)}
 * @param rows the rows in ascending order, without overlaps; none for {@code No rendered FlatView}
 */
public record MtreeFlatView(
    int number,
    List<AddressSpaceRef> addressSpaces,
    Optional<String> rootRegion,
    List<MtreeRow> rows) {

  /** Copies the lists. */
  public MtreeFlatView {
    addressSpaces = List.copyOf(addressSpaces);
    rows = List.copyOf(rows);
  }

  /** Whether an address space of this name shares the view. */
  public boolean isOf(String addressSpace) {
    for (AddressSpaceRef ref : addressSpaces) {
      if (ref.name().equals(addressSpace)) {
        return true;
      }
    }
    return false;
  }

  /**
   * The rows as regions, one for each row and in the same order. Rows of one name belong to one
   * region, and its kind shows in all of them: a read-only row of a ROM device or of RAM is still
   * that ROM device or RAM (R-OBS-9, R-AS-102).
   */
  public List<PlacedRegion> placedRegions() {
    Map<String, Set<RowType>> types = new HashMap<>();
    for (MtreeRow row : rows) {
      types.computeIfAbsent(row.name(), name -> EnumSet.noneOf(RowType.class)).add(row.type());
    }
    List<PlacedRegion> placed = new ArrayList<>(rows.size());
    for (MtreeRow row : rows) {
      RegionKind kind =
          row.type() == RowType.IO
              ? RegionKind.IO
              : kindOf(types.getOrDefault(row.name(), Set.of()));
      placed.add(
          new PlacedRegion(row.name(), kind, row.range(), row.offset(), row.type() == RowType.ROM));
    }
    return placed;
  }

  private static RegionKind kindOf(Set<RowType> types) {
    if (types.contains(RowType.ROMD)) {
      return RegionKind.ROM_DEVICE;
    } else if (types.contains(RowType.RAMD)) {
      return RegionKind.RAM_DEVICE;
    } else if (types.contains(RowType.RAM)) {
      return RegionKind.RAM;
    }
    return types.contains(RowType.IO) ? RegionKind.IO : RegionKind.ROM;
  }
}
