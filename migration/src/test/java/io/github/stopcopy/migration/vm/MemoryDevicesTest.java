package io.github.stopcopy.migration.vm;

import static io.github.stopcopy.migration.TestVm.A;
import static io.github.stopcopy.migration.TestVm.GIB;
import static io.github.stopcopy.migration.TestVm.SEED;
import static io.github.stopcopy.migration.TestVm.device;
import static io.github.stopcopy.migration.TestVm.play;
import static io.github.stopcopy.migration.TestVm.q35;
import static io.github.stopcopy.migration.TestVm.vfio;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.stopcopy.core.config.MachineMemory;
import io.github.stopcopy.core.config.MemoryPlan;
import io.github.stopcopy.core.config.ObjectConfig;
import io.github.stopcopy.core.config.VmConfig;
import io.github.stopcopy.core.config.VmConfigBuilder;
import io.github.stopcopy.core.error.InputException;
import io.github.stopcopy.migration.scenario.Step;
import io.github.stopcopy.migration.scenario.Story;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** R-OBS-18 and R-AS-90: where DIMMs and virtio-mem come, and what of them is mapped. */
class MemoryDevicesTest {

  private static Step plug(String id, long size) {
    return new Step.MemoryAdd(id, size, Optional.empty());
  }

  private static Step plugAt(String id, long size, long at) {
    return new Step.MemoryAdd(id, size, Optional.of(at));
  }

  private static VmConfigBuilder withBackend(String size) {
    return q35().object(new ObjectConfig("memory-backend-ram", "mem1", Map.of("size", size)));
  }

  private static List<String> maps(Story story) {
    List<String> all = new ArrayList<>();
    story
        .vm()
        .containers()
        .get(0)
        .mappings()
        .forEach(map -> all.add(Long.toHexString(map.iova()) + "+" + Long.toHexString(map.size())));
    return all;
  }

  @Test
  void R_OBS_18_theFirstDimmLandsAtTheBaseAndTheNextBehindIt() throws Exception {
    Story story = play(SEED, q35(vfio(A)), plug("d1", GIB), plug("d2", GIB));

    assertThat(maps(story))
        .containsExactly("0+80000000", "100000000+40000000", "140000000+40000000");
  }

  @Test
  void R_OBS_18_aPlacedDimmLeavesTheGapBeforeItToOthers() throws Exception {
    Story story = play(SEED, q35(vfio(A)), plugAt("d1", GIB, 11 * GIB), plug("d2", GIB));

    assertThat(maps(story))
        .containsExactly("0+80000000", "100000000+40000000", "2c0000000+40000000");
  }

  @Test
  void R_OBS_18_aDimmOfTheCommandLineCounts() throws Exception {
    VmConfig vm =
        withBackend("1G").device(device("pc-dimm", "d0", "memdev=mem1")).device(vfio(A)).build();
    Story story = play(SEED, vm, plug("d1", GIB));

    assertThat(maps(story))
        .containsExactly("0+80000000", "100000000+40000000", "140000000+40000000");
  }

  @Test
  void R_AS_90_virtioMemIsNeverPopulatedSoNothingOfItIsMapped() throws Exception {
    VmConfig vm =
        withBackend("1G")
            .device(device("virtio-mem-pci", "m0", "memdev=mem1"))
            .device(vfio(A))
            .build();
    Story story = play(SEED, vm);

    assertThat(maps(story)).containsExactly("0+80000000");
    assertThat(story.vm().addressSpaces().get(0).view().ranges()).hasSize(2);
  }

  @ParameterizedTest
  @CsvSource({
    "0x40000000, 0x0",
    "0x40000000, 0x2c0000001",
    "0x40000000, 0x300000000",
    "0x40000000, 0xffffffffffffffff",
    "0x40000000, 0xffffffffc0000000",
    "0x200000001, ",
    "0xffffffffffffffff, ",
    "0xfffffffffffff000, 0x1000",
    "0x8000000000000000, 0x8000000000000000",
  })
  void R_OBS_18_whatDoesNotFitIsBadInput(String size, String at) {
    Step step =
        new Step.MemoryAdd(
            "d1",
            Long.parseUnsignedLong(size.substring(2), 16),
            Optional.ofNullable(at).map(text -> Long.parseUnsignedLong(text.substring(2), 16)));

    assertThatThrownBy(() -> play(SEED, q35(vfio(A)), step))
        .isInstanceOf(InputException.class)
        .hasMessageContaining("'d1'")
        .hasMessageContaining("lies outside device memory");
  }

  @Test
  void R_OBS_18_aFullVmTakesNoMore() {
    assertThatThrownBy(() -> play(SEED, q35(vfio(A)), plug("d1", 8 * GIB), plug("d2", GIB)))
        .isInstanceOf(InputException.class)
        .hasMessageContaining("'d2'");
  }

  @Test
  void R_OBS_18_overlappingDimmsAreBadInput() {
    assertThatThrownBy(
            () -> play(SEED, q35(vfio(A)), plug("d1", GIB), plugAt("d2", GIB, 4 * GIB + 4096)))
        .isInstanceOf(InputException.class)
        .hasMessageContaining("overlaps the memory device at [0x100000000,0x13fffffff]");
  }

  @Test
  void R_OBS_18_anEmptyDimmAndATakenIdAreBadInput() {
    assertThatThrownBy(() -> play(SEED, q35(vfio(A)), plug("d1", 0)))
        .isInstanceOf(InputException.class)
        .hasMessage("size of 'd1' is 0, expected at least one page");
    assertThatThrownBy(() -> play(SEED, q35(vfio(A)), plug("v1", GIB)))
        .isInstanceOf(InputException.class)
        .hasMessage("two devices have the id 'v1', expected different ids");
  }

  @Test
  void R_OBS_18_withoutMaxmemThereIsNoRoom() {
    MemoryPlan plan = new MemoryPlan(List.of(), List.of(), Optional.empty(), 4 * GIB, 0);
    VmConfig vm = q35().hotplugMemory(0, 2 * GIB).memory(MachineMemory.fixed(plan)).build();

    assertThatThrownBy(() -> play(SEED, vm, plug("d1", GIB)))
        .isInstanceOf(InputException.class)
        .hasMessage("'d1' has no room, expected -m with slots= and maxmem=");
  }

  @Test
  void R_OBS_18_roomUpToTheEndOfTheAddressSpaceEndsSomewhere() {
    MemoryPlan plan = new MemoryPlan(List.of(), List.of(), Optional.empty(), 0, -1L);
    VmConfig vm = q35().memory(MachineMemory.fixed(plan)).build();

    assertThatThrownBy(() -> play(SEED, vm, plug("d1", -4096L), plug("d2", GIB)))
        .isInstanceOf(InputException.class)
        .hasMessageContaining("'d2'");
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "x", "0", "-1G", "99999999999999999999E"})
  void R_OBS_18_aBackendNeedsASize(String size) {
    VmConfig vm = withBackend(size).device(device("pc-dimm", "d0", "memdev=mem1")).build();

    assertThatThrownBy(() -> play(SEED, vm))
        .isInstanceOf(InputException.class)
        .hasMessage("size of object 'mem1' is '" + size + "', expected a size such as 1G");
  }

  @Test
  void R_OBS_18_aMemoryDeviceNeedsABackend() {
    assertThatThrownBy(() -> play(SEED, q35(device("pc-dimm", "d0"))))
        .isInstanceOf(InputException.class)
        .hasMessage("pc-dimm needs memdev=, which is missing");
    assertThatThrownBy(() -> play(SEED, q35(device("pc-dimm", "d0", "memdev=gone"))))
        .isInstanceOf(InputException.class)
        .hasMessage("pc-dimm uses memdev=gone, expected an -object with that id");
    assertThatThrownBy(() ->
            play(
                SEED,
                withBackend("1G").device(device("pc-dimm", "d0", "memdev=mem1", "addr=x")).build()))
        .isInstanceOf(InputException.class)
        .hasMessage("addr: 'x' is not a number");
  }
}
