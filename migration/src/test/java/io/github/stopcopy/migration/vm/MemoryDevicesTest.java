package io.github.stopcopy.migration.vm;

import static io.github.stopcopy.migration.TestVm.A;
import static io.github.stopcopy.migration.TestVm.GIB;
import static io.github.stopcopy.migration.TestVm.SEED;
import static io.github.stopcopy.migration.TestVm.device;
import static io.github.stopcopy.migration.TestVm.intel;
import static io.github.stopcopy.migration.TestVm.play;
import static io.github.stopcopy.migration.TestVm.q35;
import static io.github.stopcopy.migration.TestVm.vfio;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.stopcopy.core.config.ObjectConfig;
import io.github.stopcopy.core.config.VmConfig;
import io.github.stopcopy.core.config.VmConfigBuilder;
import io.github.stopcopy.core.error.InputException;
import io.github.stopcopy.core.spi.GuestAction;
import io.github.stopcopy.migration.TestVm;
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

  private static Optional<String> last(Story story) {
    return story.answers().get(story.answers().size() - 1).commandError();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "0x40000000 | 0x0 | can't add memory device [0x0:0x40000000], usable range for memory"
            + " devices [0x100000000:0x200000000]",
        "0x40000000 | 0x2c0001000 | address must be aligned to 0x200000 bytes",
        "0x40000000 | 0x1000 | address must be aligned to 0x200000 bytes",
        "0x40000000 | 0x300000000 | can't add memory device [0x300000000:0x40000000], usable range"
            + " for memory devices [0x100000000:0x200000000]",
        "0x40000000 | 0xffffffffc0000000 | can't add memory device"
            + " [0xffffffffc0000000:0x40000000], usable range for memory devices"
            + " [0x100000000:0x200000000]",
        "0x200200000 | | not enough space, currently 0x0 in use of total space for memory devices"
            + " 0x200000000",
        "0xffffffffffffffff | | not enough space, currently 0x0 in use of total space for memory"
            + " devices 0x200000000",
        "0x1000 | | backend memory size must be multiple of 0x200000",
        "0x40001000 | 0x1 | backend memory size must be multiple of 0x200000",
      })
  void R_OBS_123_and_R_OBS_125_whatDoesNotFitIsRefused(String size, String at, String text)
      throws Exception {
    Step step =
        new Step.MemoryAdd(
            "d1",
            Long.parseUnsignedLong(size.substring(2), 16),
            Optional.ofNullable(at).map(where -> Long.parseUnsignedLong(where.substring(2), 16)));

    assertThat(last(play(SEED, q35(vfio(A)), step))).contains(text);
  }

  @Test
  void R_OBS_123_aFullVmTakesNoMore() throws Exception {
    assertThat(last(play(SEED, q35(vfio(A)), plug("d1", 8 * GIB), plug("d2", GIB))))
        .contains(
            "not enough space, currently 0x200000000 in use of total space for memory devices"
                + " 0x200000000");
  }

  @Test
  void R_OBS_124_everyDimmTakesASlot() throws Exception {
    VmConfig none = q35().hotplugMemory(0, 10 * GIB).device(vfio(A)).build();
    assertThat(last(play(SEED, none, plug("d1", GIB))))
        .contains("no slots where allocated, please specify the 'slots' option");
    VmConfig one = q35().hotplugMemory(1, 10 * GIB).device(vfio(A)).build();
    assertThat(last(play(SEED, one, plug("d1", GIB), plug("d2", GIB))))
        .contains("no free slots available");
  }

  @Test
  void R_OBS_125_overlappingDimmsAreRefused() throws Exception {
    Step over = plugAt("d2", GIB, 4 * GIB + (2 << 20));
    assertThat(last(play(SEED, q35(vfio(A)), plug("d1", GIB), over)))
        .contains("address range conflicts with memory device id='d1'");
  }

  @Test
  void R_OBS_127_aTakenIdIsRefused() throws Exception {
    assertThat(last(play(SEED, q35(vfio(A)), plug("v1", GIB))))
        .contains("Duplicate device ID 'v1'");
    assertThat(last(play(SEED, q35(vfio(A)), plug("d1", GIB), plug("d1", GIB))))
        .contains("Duplicate device ID 'd1'");
  }

  @Test
  void R_OBS_18_anEmptyDimmIsBadInput() {
    assertThatThrownBy(() -> play(SEED, q35(vfio(A)), plug("d1", 0)))
        .isInstanceOf(InputException.class)
        .hasMessage("size of 'd1' is 0, expected at least one page");
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
  void anAddressIsANumber() {
    assertThatThrownBy(() ->
            play(
                SEED,
                withBackend("1G").device(device("pc-dimm", "d0", "memdev=mem1", "addr=x")).build()))
        .isInstanceOf(InputException.class)
        .hasMessage("addr: 'x' is not a number");
  }

  @Test
  void R_OBS_18_aDimmFillsTheLowestGapThatTakesItWhateverCameFirst() throws Exception {
    long base = 4 * GIB;
    Story story =
        play(
            SEED,
            q35().hotplugMemory(9, 10 * GIB).devices(List.of(vfio(A))).build(),
            plugAt("far", GIB, base + 3 * GIB),
            plugAt("second", GIB / 2, base + GIB),
            plugAt("low", GIB / 4, base),
            plug("behind low", GIB / 4),
            plug("too big for the first gap", GIB),
            plug("in the first gap", GIB / 2));

    assertThat(maps(story))
        .containsExactly(
            "0+80000000",
            "100000000+10000000",
            "110000000+10000000",
            "120000000+20000000",
            "140000000+20000000",
            "160000000+40000000",
            "1c0000000+40000000");
  }

  @Test
  void R_OBS_125_ofSeveralInTheWayTheOneThatCameFirstIsNamed() throws Exception {
    Story story =
        play(
            SEED,
            q35().hotplugMemory(9, 10 * GIB).devices(List.of(vfio(A))).build(),
            plugAt("b", GIB, 6 * GIB),
            plugAt("a", GIB, 5 * GIB),
            plugAt("over both", 3 * GIB, 4 * GIB));

    assertThat(story.answers().get(3).commandError())
        .contains("address range conflicts with memory device id='b'");
  }

  @Test
  void moreMemoryDevicesThanAnyQemuHasAreBadInput() {
    VmConfig vm = q35().hotplugMemory(2000, 10 * GIB).devices(List.of(vfio(A))).build();
    Step[] steps = new Step[1025];
    for (int i = 0; i < steps.length; i++) {
      steps[i] = plug("d" + i, 2L << 20);
    }

    assertThatThrownBy(() -> play(SEED, vm, steps))
        .isInstanceOf(InputException.class)
        .hasMessage("'d1024' is memory device 1025, expected at most 1024");
  }

  /** The guest may map what is not plugged into it; the host does not (R-LST-71). */
  @Test
  void R_AS_90_whatTheGuestMapsOfVirtioMemIsNotMapped() throws Exception {
    VmConfig vm =
        withBackend("1G")
            .device(intel())
            .device(device("virtio-mem-pci", "m0", "memdev=mem1"))
            .device(vfio(A))
            .build();
    Step map = TestVm.pages(Step.ViommuOperation.MAP, "v1", 0x1000, 4 * GIB, 1);
    Step enable = TestVm.guest(Step.ViommuOperation.ENABLE);
    Story story =
        play(SEED, vm, map, TestVm.context("v1", GuestAction.ContextMode.TRANSLATE), enable);

    assertThat(maps(story)).isEmpty();
  }

  @Test
  void aPluggedDimmIsAStepOfThisName() throws Exception {
    Story story = play(SEED, q35(vfio(A)), plug("d1", GIB));

    assertThat(story.answers().get(1).step()).isEqualTo("memory-add");
  }
}
