package io.github.stopcopy.core.memory;

import static io.github.stopcopy.core.memory.Views.ALL;
import static io.github.stopcopy.core.memory.Views.render;
import static io.github.stopcopy.core.memory.Views.size;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import java.util.List;
import org.junit.jupiter.api.Test;

/** The kinds of regions (R-AS-1 .. R-AS-12). */
class RegionKindsTest {

  private final GuestMemory memory = new GuestMemory(false, true);

  @Test
  void R_AS_1_ramIsRamAndTerminates() {
    MemoryRegion.Ram ram = memory.ram("ram", size(0x1000));
    assertThat(ram.isRam()).isTrue();
    assertThat(ram.terminates()).isTrue();
    assertThat(ram.hasRamBlock()).isTrue();
    assertThat(ram.isReadonly()).isFalse();
    assertThat(ram.isProtected()).isFalse();
  }

  @Test
  void R_AS_2_romIsReadonlyRam() {
    MemoryRegion.Rom rom = memory.rom("rom", size(0x1000));
    assertThat(rom.isRam()).isTrue();
    assertThat(rom.isReadonly()).isTrue();
    assertThat(render(memory, rom)).containsExactly("0-fff rom ro");
  }

  @Test
  void R_AS_3_romDeviceHasMemoryBehindItButIsNoRam() {
    MemoryRegion.RomDevice flash = memory.romDevice("flash", size(0x1000));
    assertThat(flash.isRam()).isFalse();
    assertThat(flash.hasRamBlock()).isTrue();
    assertThat(flash.terminates()).isTrue();
    assertThat(flash.isRomdMode()).isTrue();
  }

  @Test
  void R_AS_3_leavingRomdModeShowsInTheView() {
    MemoryRegion.RomDevice flash = memory.romDevice("flash", size(0x1000));
    AddressSpace space = memory.addressSpace("memory", flash);
    assertThat(Views.rows(space)).containsExactly("0-fff flash");
    flash.setRomdMode(false);
    assertThat(Views.rows(space)).containsExactly("0-fff flash i/o");
  }

  @Test
  void R_AS_4_ramDeviceIsRamThatDoesNotMigrate() {
    MemoryRegion.RamDevice bar = memory.ramDevice("bar", size(0x1000));
    assertThat(bar.isRam()).isTrue();
    assertThat(bar.isMigratable()).isFalse();
  }

  @Test
  void R_AS_5_ioIsNoRam() {
    MemoryRegion.Io io = memory.io("io", size(0x1000));
    assertThat(io.isRam()).isFalse();
    assertThat(io.hasRamBlock()).isFalse();
    assertThat(io.terminates()).isTrue();
  }

  @Test
  void R_AS_6_aliasNeverAppearsItsTargetDoes() {
    MemoryRegion ram = memory.ram("ram", size(0x2000));
    MemoryRegion.Alias alias = memory.alias("window", ram, 0x1000, size(0x1000));
    assertThat(alias.terminates()).isFalse();
    assertThat(alias.isRam()).isFalse();
    assertThat(render(memory, alias)).containsExactly("0-fff ram@1000");
  }

  @Test
  void R_AS_7_containerNeverAppears() {
    MemoryRegion box = memory.container("box", size(0x3000));
    box.add(0x1000, memory.io("io", size(0x1000)));
    assertThat(box.terminates()).isFalse();
    assertThat(render(memory, box)).containsExactly("1000-1fff io");
  }

  @Test
  void R_AS_8_subregionsWinOverAnIommuRegion() {
    MemoryRegion.Iommu iommu = memory.iommu("iommu", size(0x3000), new NoTranslations());
    iommu.add(0x1000, memory.io("ir", size(0x1000)));
    assertThat(iommu.isRam()).isFalse();
    assertThat(render(memory, iommu))
        .containsExactly("0-fff iommu", "1000-1fff ir", "2000-2fff iommu@2000");
  }

  @Test
  void R_AS_9_newRegionIsEnabledWritableVolatileAndStandsAlone() {
    for (MemoryRegion region :
        List.of(
            memory.ram("a", size(1)),
            memory.io("b", size(1)),
            memory.container("c", ALL),
            memory.romDevice("d", size(1)),
            memory.ramDevice("e", size(1)))) {
      assertThat(region.isEnabled()).isTrue();
      assertThat(region.isReadonly()).isFalse();
      assertThat(region.isNonvolatile()).isFalse();
      assertThat(region.isUnmergeable()).isFalse();
      assertThat(region.priority()).isZero();
      assertThat(region.address()).isZero();
      assertThat(region.container()).isEmpty();
      assertThat(region.owner()).isEmpty();
    }
  }

  @Test
  void R_AS_11_protectedRamSaysSo() {
    assertThat(memory.protectedRam("epc", size(0x1000)).isProtected()).isTrue();
  }

  @Test
  void R_AS_12_aRegionHasAtMostOneContainer() {
    MemoryRegion one = memory.container("one", ALL);
    MemoryRegion two = memory.container("two", ALL);
    MemoryRegion ram = memory.ram("ram", size(0x1000));
    one.add(0, ram);
    assertThat(ram.container()).containsSame(one);
    assertThatIllegalStateException()
        .isThrownBy(() -> two.add(0, ram))
        .withMessage("ram is in one; use an alias");
  }

  @Test
  void R_AS_12_aRemovedRegionCanBeAddedElsewhere() {
    MemoryRegion one = memory.container("one", ALL);
    MemoryRegion two = memory.container("two", ALL);
    MemoryRegion ram = memory.ram("ram", size(0x1000));
    one.add(0, ram);
    one.remove(ram);
    two.add(0x5000, ram);
    assertThat(ram.container()).containsSame(two);
    assertThat(one.subregions()).isEmpty();
    assertThatIllegalStateException()
        .isThrownBy(() -> one.remove(ram))
        .withMessage("ram is not in one");
  }

  @Test
  void aRegionThatWouldShowItselfIsRefused() {
    MemoryRegion outer = memory.container("outer", ALL);
    MemoryRegion inner = memory.container("inner", ALL);
    outer.add(0, inner);
    assertThatIllegalArgumentException()
        .isThrownBy(() -> inner.add(0, outer))
        .withMessage("inner would show itself through outer");
    MemoryRegion alias = memory.alias("alias", outer, 0, ALL);
    assertThatIllegalArgumentException().isThrownBy(() -> inner.add(0, alias));
    assertThatIllegalArgumentException().isThrownBy(() -> outer.add(0, alias));
    assertThatIllegalArgumentException().isThrownBy(() -> outer.add(0, outer));
    assertThat(inner.subregions()).isEmpty();
  }

  @Test
  void regionsOfTwoVmsDoNotMix() {
    GuestMemory other = new GuestMemory(false, true);
    MemoryRegion stranger = other.ram("stranger", size(0x1000));
    assertThatIllegalArgumentException()
        .isThrownBy(() -> memory.container("root", ALL).add(0, stranger))
        .withMessage("stranger belongs to another VM than root");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> memory.alias("alias", stranger, 0, size(1)));
    assertThatIllegalArgumentException().isThrownBy(() -> memory.addressSpace("memory", stranger));
  }

  @Test
  void subregionsCannotBeChangedFromOutside() {
    MemoryRegion box = memory.container("box", ALL);
    MemoryRegion ram = memory.ram("ram", size(1));
    assertThat(box.subregions()).isUnmodifiable();
    assertThat(ram.toString()).isEqualTo("Ram ram 0x1");
  }
}
