package io.github.stopcopy.vfiopci.mapping;

import static io.github.stopcopy.vfiopci.subsystem.TestVm.A;
import static org.assertj.core.api.Assertions.assertThat;

import io.github.stopcopy.core.address.ByteSize;
import io.github.stopcopy.core.error.QemuError;
import io.github.stopcopy.core.memory.MemoryRegion;
import io.github.stopcopy.core.profile.QemuProfile;
import io.github.stopcopy.vfiopci.subsystem.AttachFailure;
import io.github.stopcopy.vfiopci.subsystem.Blocks;
import io.github.stopcopy.vfiopci.subsystem.Hosts;
import io.github.stopcopy.vfiopci.subsystem.TestVm;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** RAM whose parts come and go (spec 02 §6), on a small manager of RAM in blocks. */
class DiscardedRamTest {

  private static final long BLOCK = 0x200000;
  private static final String LIMIT_TEXT =
      ": possibly running out of DMA mappings. E.g., try increasing the 'block-size' of virtio-mem"
          + " devies. Maximum possible DMA mappings: ";

  private final Blocks blocks = new Blocks(BLOCK);

  private static TestVm vm(QemuProfile profile, long mappings) {
    return TestVm.of(profile, TestVm.host(Hosts.container(true, -4096, 4096, mappings, true)));
  }

  private MemoryRegion.Ram plug(TestVm vm, long address, long size) {
    MemoryRegion.Ram ram = vm.memory.ram("vmem", ByteSize.of(size));
    ram.setDiscardManager(blocks);
    vm.root.add(address, ram);
    return ram;
  }

  @ParameterizedTest
  @EnumSource(QemuProfile.class)
  void R_LST_55_onlyPluggedBlocksAreMappedAPieceEach(QemuProfile profile) {
    TestVm vm = TestVm.of(profile);
    plug(vm, 0x100000000L, 16 * BLOCK);
    blocks.plug(1, 2);
    vm.attach(A);
    assertThat(vm.mapped()).containsExactly("100200000-1003fffff", "100400000-1005fffff");
    assertThat(blocks.plug(4, 1)).isEmpty();
    blocks.unplug(1, 1);
    assertThat(vm.mapped()).containsExactly("100400000-1005fffff", "100800000-1009fffff");
    assertThat(vm.errors()).isEmpty();
    assertThat(vm.warnings()).isEmpty();
  }

  @Test
  void R_LST_26_theSectionIsListenedToInsteadOfMapped() {
    TestVm vm = TestVm.of(QemuProfile.V8_2);
    plug(vm, 0x100000000L, 4 * BLOCK);
    vm.attach(A);
    assertThat(blocks.listeners.values())
        .singleElement()
        .satisfies(section -> assertThat(section.offsetInAddressSpace()).isEqualTo(0x100000000L));
    assertThat(vm.story()).as("nothing is plugged").isEmpty();
  }

  @Test
  void R_LST_55_piecesEndAtMultiplesOfTheGranularityOfTheRegion() {
    TestVm vm = TestVm.of(QemuProfile.V8_2);
    MemoryRegion.Ram ram = vm.memory.ram("vmem", ByteSize.of(16 * BLOCK));
    ram.setDiscardManager(blocks);
    vm.root.add(0x100000000L, vm.memory.alias("part", ram, 0x1ff000, ByteSize.of(BLOCK + 0x2000)));
    blocks.plug(0, 3);
    vm.attach(A);
    assertThat(vm.story())
        .containsExactly(
            "container 0: map 0x100000000 +0x1000 rw",
            "container 0: map 0x100001000 +0x200000 rw",
            "container 0: map 0x100201000 +0x1000 rw");
  }

  @Test
  void R_LST_55_aFailedPieceTakesTheOthersBack() {
    TestVm vm = vm(QemuProfile.V10_2, 600);
    plug(vm, 0, 88 * BLOCK);
    vm.attach(A);
    assertThat(vm.mapped()).isEmpty();
    for (int i = 0; i < 598; i++) {
      vm.ram("other", 0x100000000L + i * 0x2000L, 0x1000);
    }
    assertThat(blocks.plug(3, 3).map(QemuError::text))
        .contains(
            "vfio_container_dma_map(PTR, 0xa00000, 0x200000, PTR) = -28 (No space left on device)");
    assertThat(vm.mapped()).hasSize(598);
    assertThat(blocks.plugged.isEmpty()).isTrue();
    assertThat(vm.errors()).isEmpty();
  }

  @Test
  void R_LST_55_aFailedDiscardIsPrinted() {
    TestVm vm = TestVm.of(QemuProfile.V8_2);
    plug(vm, 0, 4 * BLOCK);
    blocks.plug(0, 1);
    vm.attach(A);
    blocks.listeners.keySet().iterator().next().discard(0, 0x1000);
    assertThat(vm.errors())
        .containsExactly(
            "VFIO_UNMAP_DMA failed: Invalid argument",
            "vfio_ram_discard_notify_discard: vfio_dma_unmap() failed: Invalid argument");
  }

  @Test
  void R_LST_42_aSectionThatGoesTakesItsListenerAlong() {
    TestVm vm = TestVm.of(QemuProfile.V8_2);
    MemoryRegion.Ram ram = plug(vm, 0, 4 * BLOCK);
    blocks.plug(0, 1);
    blocks.plug(2, 1);
    vm.attach(A);
    vm.events.clear();
    ram.setEnabled(false);
    assertThat(blocks.listeners).isEmpty();
    assertThat(vm.story())
        .as("no unmap of the whole section")
        .containsExactly(
            "container 0: unmap 0x0 +0x200000", "container 0: unmap 0x400000 +0x200000");
    assertThat(vm.mapped()).isEmpty();
    ram.setEnabled(true);
    assertThat(blocks.listeners).hasSize(1);
    assertThat(vm.mapped()).hasSize(2);
  }

  @Test
  void R_LST_55_aFailureWhileAttachingNamesTheRegion() {
    TestVm vm = vm(QemuProfile.V8_2, 0);
    plug(vm, 0, 4 * BLOCK);
    blocks.plug(0, 1);
    assertThat(vm.vfio.attach(vm.device(A), vm.system).map(AttachFailure::text))
        .contains(
            "vfio 0000:01:00.0: failed to setup container for group 1000000: memory listener"
                + " initialization failed: Region vmem: vfio_dma_map(PTR, 0x0, 0x200000, PTR) = -28"
                + " (No space left on device)");
    assertThat(blocks.listeners).isEmpty();
  }

  @Test
  void R_LST_56_in81TooManyPossibleMappingsAreAWarning() {
    TestVm vm = vm(QemuProfile.V8_2, 514);
    plug(vm, 0, 4 * BLOCK);
    vm.attach(A);
    assertThat(vm.warnings())
        .containsExactly(
            "vfio_register_ram_discard_listener"
                + LIMIT_TEXT
                + "514, Maximum possible memslots: 512");
  }

  @Test
  void R_LST_56_in102TheyAreAnError() {
    TestVm vm = vm(QemuProfile.V10_2, 514);
    plug(vm, 0, 4 * BLOCK);
    assertThat(vm.vfio.attach(vm.device(A), vm.system).map(AttachFailure::text))
        .hasValueSatisfying(text ->
            assertThat(text)
                .endsWith(
                    "Region vmem: vfio_ram_discard_register_listener"
                        + LIMIT_TEXT
                        + "514, Maximum possible memslots: 512"));
    assertThat(vm.warnings()).isEmpty();
  }

  @ParameterizedTest
  @EnumSource(QemuProfile.class)
  void R_LST_56_exactlyEnoughIsEnough(QemuProfile profile) {
    TestVm vm = vm(profile, 515);
    plug(vm, 0, 4 * BLOCK);
    vm.attach(A);
    assertThat(vm.warnings()).isEmpty();
  }

  @Test
  void R_LST_56_partsOfBlocksCountWholeAndAllListenersCount() {
    TestVm vm = vm(QemuProfile.V8_2, 516);
    MemoryRegion.Ram ram = vm.memory.ram("vmem", ByteSize.of(16 * BLOCK));
    ram.setDiscardManager(blocks);
    vm.root.add(0x1ff000, vm.memory.alias("a", ram, 0x1ff000, ByteSize.of(BLOCK + 0x2000)));
    vm.attach(A);
    assertThat(vm.warnings()).as("3 + 512 - 1").isEmpty();
    vm.root.add(0x10000000, vm.memory.alias("b", ram, 4 * BLOCK, ByteSize.of(4 * BLOCK)));
    assertThat(vm.warnings()).as("3 + 4 + 512 - 2 = 517").hasSize(1);
  }

  @Test
  void R_LST_56_theLimitIsUnsigned() {
    TestVm vm = vm(QemuProfile.V10_2, -1);
    plug(vm, 0, 4 * BLOCK);
    vm.attach(A);
    assertThat(vm.warnings()).isEmpty();
  }

  @Test
  void R_LST_56_whereTheRamLiesDoesNotCount() {
    TestVm vm = vm(QemuProfile.V10_2, 515);
    plug(vm, 0x10000000000L, 4 * BLOCK);
    vm.attach(A);
    assertThat(vm.vfio.containers()).hasSize(1);
  }
}
