package io.github.stopcopy.migration.scenario;

import io.github.stopcopy.core.address.AddressRange;
import io.github.stopcopy.core.event.EventList;
import io.github.stopcopy.core.memory.AddressSpace;
import io.github.stopcopy.core.memory.FlatRange;
import io.github.stopcopy.core.memory.MemoryRegion;
import io.github.stopcopy.vfiopci.DmaMapping;
import io.github.stopcopy.vfiopci.event.VfioEvent;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;

/**
 * What QEMU did in one step. Lists are empty and optionals missing where there is nothing to tell.
 *
 * @param step the name of the step
 * @param exitCode the exit code, if QEMU ended in this step
 * @param errors lines on standard error that are no warnings, hints included
 * @param warnings lines that are warnings
 * @param commandError the error of the step's command
 * @param dmaLoggingStart which devices were asked to log what
 * @param containerDirty how tracking by containers was switched
 * @param deviceStates every device state asked for; none at boot
 * @param iommuSections the translated sections that appeared
 * @param query what {@code query-migrate} said afterwards, where it was asked
 * @param dmaMap the mappings of each container just before a migration; empty if not asked or
 *     unknown
 * @param memory what each address space shows, at a snapshot
 * @param dirtyPages which RAM a sync found dirty: whole target pages, ascending, by their RAM
 *     addresses ({@link io.github.stopcopy.core.memory.RamDirtyLog})
 * @param unknown what cannot be known without a memory dump
 * @param events everything that happened, in order
 */
public record StepAnswer(
    String step,
    OptionalInt exitCode,
    List<String> errors,
    List<String> warnings,
    Optional<String> commandError,
    List<VfioEvent.DmaLoggingStart> dmaLoggingStart,
    List<VfioEvent.ContainerDirty> containerDirty,
    List<VfioEvent.DeviceState> deviceStates,
    List<AddressRange> iommuSections,
    Optional<MigrationQuery> query,
    Optional<Map<Integer, List<DmaMapping>>> dmaMap,
    List<AddressSpaceView> memory,
    List<AddressRange> dirtyPages,
    List<String> unknown,
    EventList events) {

  /**
   * What {@code query-migrate} says.
   *
   * @param status where the migration stands
   * @param errorDescription why it failed
   * @param blockedReasons why another would be refused, oldest first
   */
  public record MigrationQuery(
      String status, Optional<String> errorDescription, List<String> blockedReasons) {}

  /**
   * What an address space shows.
   *
   * @param name its name
   * @param root the name of its root region
   * @param rows what is where, ascending
   */
  public record AddressSpaceView(String name, String root, List<Row> rows) {

    /** Copies the rows. */
    public AddressSpaceView {
      rows = List.copyOf(rows);
    }

    /** What an address space shows now. */
    static AddressSpaceView of(AddressSpace space) {
      List<Row> rows = new ArrayList<>();
      for (FlatRange range : space.view().ranges()) {
        rows.add(Row.of(range));
      }
      return new AddressSpaceView(space.name(), space.root().name(), rows);
    }
  }

  /**
   * A run of addresses that one region serves.
   *
   * @param first the first address
   * @param last the last address, inclusive
   * @param type as {@code info mtree -f} prints it: {@code ram}, {@code rom}, {@code ramd}, {@code
   *     romd} or {@code i/o} (R-AS-10, R-AS-102)
   * @param name the name of the region
   * @param offset where in the region the run begins, in bytes
   */
  public record Row(long first, long last, String type, String name, long offset) {

    private static Row of(FlatRange range) {
      return new Row(
          range.range().first(),
          range.range().last(),
          type(range),
          range.region().name(),
          range.offsetInRegion());
    }

    private static String type(FlatRange range) {
      MemoryRegion region = range.region();
      if (range.readonly()) {
        return "rom";
      } else if (region instanceof MemoryRegion.RamDevice) {
        return "ramd";
      } else if (region instanceof MemoryRegion.RomDevice && range.romdMode()) {
        return "romd";
      }
      return region.isRam() ? "ram" : "i/o";
    }
  }
}
