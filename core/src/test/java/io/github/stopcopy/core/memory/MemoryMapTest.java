package io.github.stopcopy.core.memory;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.github.stopcopy.core.address.AddressRange;
import io.github.stopcopy.core.address.ByteSize;
import io.github.stopcopy.core.config.PlacedRegion;
import io.github.stopcopy.core.config.RegionKind;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Showing placed regions and replacing them by others. */
class MemoryMapTest {

  private final GuestMemory memory = new GuestMemory(false, true);
  private final MemoryRegion.Container system = memory.container("system", ByteSize.WHOLE_SPACE);
  private final AddressSpace space = memory.addressSpace("memory", system);
  private final MemoryMap map = new MemoryMap(memory, system);
  private final List<String> log = new ArrayList<>();

  MemoryMapTest() {
    memory.register(
        new MemoryListener() {
          @Override
          public void begin() {
            log.add("begin");
          }

          @Override
          public void regionAdd(MemorySection section) {
            log.add("add " + section.range() + " " + section.region().name());
          }

          @Override
          public void regionDel(MemorySection section) {
            log.add("del " + section.range() + " " + section.region().name());
          }
        },
        space);
    log.clear();
  }

  private static PlacedRegion row(
      String name, RegionKind kind, long first, long last, long offset, boolean readonly) {
    return new PlacedRegion(name, kind, new AddressRange(first, last), offset, readonly);
  }

  private static PlacedRegion ram(long first, long last, long offset) {
    return row("pc.ram", RegionKind.RAM, first, last, offset, false);
  }

  private FlatRange at(long address) {
    return space.view().at(address).orElseThrow();
  }

  @Test
  void rowsAreReplacedInOneTransactionAndOnlyChangesAreTold() {
    PlacedRegion bios = row("pc.bios", RegionKind.ROM, 0xfffc0000L, 0xffffffffL, 0, false);
    map.show(List.of(ram(0, 0xbffff, 0), bios));
    log.clear();
    map.show(
        List.of(ram(0, 0x9ffff, 0), row("vga", RegionKind.IO, 0xa0000, 0xbffff, 0, false), bios));
    assertThat(log)
        .containsExactly(
            "begin",
            "del [0x0,0xbffff] pc.ram",
            "add [0x0,0x9ffff] pc.ram",
            "add [0xa0000,0xbffff] vga");
  }

  @Test
  void someRowsAreReplacedByRowsBehindTheOthers() {
    PlacedRegion bar = row("1 BAR 0", RegionKind.RAM_DEVICE, 0x8000, 0x8fff, 0, false);
    map.show(List.of(ram(0, 0x3fff, 0), bar));
    log.clear();
    PlacedRegion moved = row("1 BAR 0", RegionKind.RAM_DEVICE, 0x3000, 0x4fff, 0, false);
    map.replace(List.of(bar), List.of(moved));

    assertThat(log)
        .containsExactly("begin", "del [0x8000,0x8fff] 1 BAR 0", "add [0x4000,0x4fff] 1 BAR 0");
    assertThat(at(0x3000).region().name()).isEqualTo("pc.ram");
    assertThat(at(0x4000).offsetInRegion()).isEqualTo(0x1000);
    assertThat(map.rows()).containsExactly(ram(0, 0x3fff, 0), moved);

    map.show(List.of(ram(0, 0x3fff, 0)));
    assertThat(space.view().at(0x4000)).as("shown rows go").isEmpty();
  }

  @Test
  void rowsThatAreNotShownAreNotMissedAndEqualOnesGoTogether() {
    PlacedRegion bar = row("1 BAR 0", RegionKind.RAM_DEVICE, 0x8000, 0x8fff, 0, false);
    PlacedRegion part = row("1 BAR 0", RegionKind.RAM_DEVICE, 0x8000, 0x87ff, 0, false);
    map.replace(List.of(bar), List.of(bar));
    map.replace(List.of(), List.of(part, ram(0, 0x3fff, 0)));
    map.replace(List.of(), List.of(bar));
    assertThat(map.rows()).containsExactly(bar, part, ram(0, 0x3fff, 0), bar);
    map.replace(List.of(bar), List.of());
    assertThat(map.rows()).containsExactly(part, ram(0, 0x3fff, 0));
    assertThat(at(0x8000).range().last()).isEqualTo(0x87ff);
    map.replace(List.of(part, ram(0, 0x3fff, 0)), List.of());
    assertThat(map.rows()).isEmpty();
    assertThat(space.view().ranges()).isEmpty();
  }

  @Test
  void theSameRowsAgainTellNothing() {
    List<PlacedRegion> rows =
        List.of(
            ram(0, 0xfff, 0),
            row("pc.ram", RegionKind.RAM, 0x1000, 0x1fff, 0x1000, true),
            row("flash", RegionKind.ROM_DEVICE, 0x8000, 0x8fff, 0, false));
    map.show(rows);
    log.clear();
    map.show(new ArrayList<>(rows));
    assertThat(log).containsExactly("begin");
  }

  @Test
  void rowsOfOneNameShowOneRegion() {
    map.show(List.of(ram(0, 0xfff, 0), ram(0x100000, 0x100fff, 0x5000)));
    assertThat(at(0).region()).isSameAs(at(0x100000).region());
    assertThat(at(0x100000).offsetInRegion()).isEqualTo(0x5000);
    MemoryRegion before = at(0).region();
    map.show(List.of());
    assertThat(space.view().ranges()).isEmpty();
    map.show(List.of(ram(0x2000, 0x2fff, 0)));
    assertThat(at(0x2000).region()).isSameAs(before);
  }

  @Test
  void aRegionGrowsWithItsRowsAndKeepsItsIdentity() {
    map.show(List.of(ram(0, 0xfff, 0)));
    MemoryRegion region = at(0).region();
    assertThat(region.size()).isEqualTo(ByteSize.of(0x1000));
    log.clear();
    map.show(List.of(ram(0, 0xfff, 0), ram(0x8000, 0x8fff, 0x3000)));
    assertThat(at(0x8000).region()).isSameAs(region);
    assertThat(region.size()).isEqualTo(ByteSize.of(0x4000));
    assertThat(log).containsExactly("begin", "add [0x8000,0x8fff] pc.ram");
    map.show(List.of(ram(0, 0xfff, 0)));
    assertThat(region.size()).isEqualTo(ByteSize.of(0x4000));
  }

  @Test
  void aRegionOfTheWholeSpaceCanBeShown() {
    map.show(List.of(row("io", RegionKind.IO, 0, -1, 0, false)));
    assertThat(at(-1).region().size()).isEqualTo(ByteSize.WHOLE_SPACE);
  }

  @Test
  void anotherKindMakesAnotherRegion() {
    map.show(List.of(row("x", RegionKind.RAM, 0, 0xfff, 0, false)));
    MemoryRegion before = at(0).region();
    log.clear();
    map.show(List.of(row("x", RegionKind.IO, 0, 0xfff, 0, false)));
    assertThat(at(0).region()).isNotSameAs(before).isInstanceOf(MemoryRegion.Io.class);
    assertThat(log).containsExactly("begin", "del [0x0,0xfff] x", "add [0x0,0xfff] x");
  }

  @Test
  void rowsOfOneNameButTwoKindsKeepTheirRegionsToo() {
    List<PlacedRegion> rows =
        List.of(
            row("x", RegionKind.RAM, 0, 0xfff, 0, false),
            row("x", RegionKind.IO, 0x1000, 0x1fff, 0, false));
    map.show(rows);
    log.clear();
    map.show(rows);
    assertThat(log).containsExactly("begin");
  }

  @Test
  void onlyWhatARowCanMeanIsDeclared() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> map.declare(system))
        .withMessage("system is of no kind that a row can have");
  }

  @Test
  void R_AS_1_to_5_everyKindIsMade() {
    map.show(
        List.of(
            row("ram", RegionKind.RAM, 0, 0xfff, 0, false),
            row("rom", RegionKind.ROM, 0x1000, 0x1fff, 0, false),
            row("flash", RegionKind.ROM_DEVICE, 0x2000, 0x2fff, 0, false),
            row("bar", RegionKind.RAM_DEVICE, 0x3000, 0x3fff, 0, false),
            row("io", RegionKind.IO, 0x4000, 0x4fff, 0, false)));
    assertThat(space.view().ranges())
        .extracting(range -> (Object) range.region().getClass())
        .containsExactly(
            MemoryRegion.Ram.class,
            MemoryRegion.Rom.class,
            MemoryRegion.RomDevice.class,
            MemoryRegion.RamDevice.class,
            MemoryRegion.Io.class);
  }

  @Test
  void R_AS_31_aReadonlyRowIsReadonlyWhateverItsKind() {
    map.show(
        List.of(
            ram(0, 0xfff, 0),
            row("pc.ram", RegionKind.RAM, 0x1000, 0x1fff, 0x1000, true),
            row("rom", RegionKind.ROM, 0x2000, 0x2fff, 0, false),
            row("flash", RegionKind.ROM_DEVICE, 0x3000, 0x3fff, 0, true)));
    assertThat(at(0).readonly()).isFalse();
    assertThat(at(0x1000).readonly()).isTrue();
    assertThat(at(0x2000).readonly()).isTrue();
    assertThat(at(0x3000).readonly()).isTrue();
    assertThat(at(0x1000).region()).isSameAs(at(0).region());
  }

  @Test
  void theRegionOfABarBelongsToItsDevice() {
    map.show(
        List.of(
            row("0000:01:00.0 BAR 0 mmaps[0]", RegionKind.RAM_DEVICE, 0, 0xfff, 0, false),
            row(" BAR 1", RegionKind.IO, 0x1000, 0x1fff, 0, false),
            ram(0x2000, 0x2fff, 0)));
    assertThat(at(0).region().owner()).contains("0000:01:00.0");
    assertThat(at(0x1000).region().owner()).isEmpty();
    assertThat(at(0x2000).region().owner()).isEmpty();
  }

  @Test
  void aDeclaredRegionIsTheOneItsRowsMean() {
    MemoryRegion ram = memory.ram("pc.ram", ByteSize.of(0x10000));
    map.declare(ram);
    map.show(List.of(ram(0x1000, 0x1fff, 0)));
    assertThat(at(0x1000).region()).isSameAs(ram);
    assertThat(ram.size()).isEqualTo(ByteSize.of(0x10000));
  }

  @Test
  void aDeclaredEmptyRegionGrowsToo() {
    MemoryRegion ram = memory.ram("pc.ram", ByteSize.ZERO);
    map.declare(ram);
    map.show(List.of(ram(0, 0xfff, 0)));
    assertThat(at(0).region()).isSameAs(ram);
    assertThat(ram.size()).isEqualTo(ByteSize.of(0x1000));
  }

  @Test
  void aPlacedRegionStandsBesideTheRowsUntilTheNextShow() {
    MemoryRegion dimm = memory.ram("dimm1", ByteSize.of(0x1000));
    map.declare(dimm);
    map.show(List.of(ram(0, 0xfff, 0)));
    log.clear();
    map.place(dimm, 0x100000);
    assertThat(at(0x100000).region()).isSameAs(dimm);
    assertThat(log).containsExactly("begin", "add [0x100000,0x100fff] dimm1");
    log.clear();
    map.show(List.of(ram(0, 0xfff, 0), row("dimm1", RegionKind.RAM, 0x100000, 0x100fff, 0, false)));
    assertThat(log).containsExactly("begin");
    map.show(List.of(ram(0, 0xfff, 0)));
    assertThat(space.view().at(0x100000)).isEmpty();
  }

  @Test
  void rowsOfTheNameOfAPlacedRegionMeanThatRegion() {
    MemoryRegion dimm = memory.ram("dimm1", ByteSize.of(0x1000));
    map.place(dimm, 0x100000);
    map.show(List.of(row("dimm1", RegionKind.RAM, 0x200000, 0x200fff, 0, false)));
    assertThat(at(0x200000).region()).isSameAs(dimm);
  }

  @Test
  void whatElseIsInTheContainerStays() {
    system.add(0xfee00000L, memory.io("msi", ByteSize.of(0x100000)), 1);
    map.show(List.of(ram(0, 0xfff, 0)));
    map.show(List.of());
    assertThat(space.view().ranges()).hasSize(1);
  }

  /** A row that stays is shown by the window that showed it. */
  @Test
  void rowsThatStayKeepTheirWindows() {
    PlacedRegion high = ram(0x8000, 0x8fff, 0x1000);
    map.show(List.of(ram(0, 0xfff, 0), ram(0x4000, 0x4fff, 0), high));
    List<MemoryRegion> before = system.subregions();
    assertThat(before).hasSize(3);

    map.show(List.of(ram(0, 0xfff, 0), ram(0x2000, 0x2fff, 0), high));

    assertThat(system.subregions()).hasSize(3).doesNotContain(window(before, 0x4000));
    assertThat(window(system.subregions(), 0)).isSameAs(window(before, 0));
    assertThat(window(system.subregions(), 0x8000)).isSameAs(window(before, 0x8000));
  }

  private static MemoryRegion window(List<MemoryRegion> windows, long address) {
    return windows.stream().filter(each -> each.address() == address).findFirst().orElseThrow();
  }
}
