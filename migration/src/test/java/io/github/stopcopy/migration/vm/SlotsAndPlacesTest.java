package io.github.stopcopy.migration.vm;

import static io.github.stopcopy.migration.TestVm.A;
import static io.github.stopcopy.migration.TestVm.B;
import static io.github.stopcopy.migration.TestVm.GIB;
import static io.github.stopcopy.migration.TestVm.SEED;
import static io.github.stopcopy.migration.TestVm.add;
import static io.github.stopcopy.migration.TestVm.device;
import static io.github.stopcopy.migration.TestVm.last;
import static io.github.stopcopy.migration.TestVm.play;
import static io.github.stopcopy.migration.TestVm.q35;
import static io.github.stopcopy.migration.TestVm.vfio;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.stopcopy.core.config.DeviceConfig;
import io.github.stopcopy.core.config.ObjectConfig;
import io.github.stopcopy.core.config.VmConfigBuilder;
import io.github.stopcopy.core.error.InputException;
import io.github.stopcopy.core.profile.QemuProfile;
import io.github.stopcopy.migration.scenario.Step;
import io.github.stopcopy.migration.scenario.Story;
import io.github.stopcopy.vfiopci.DmaMapping;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** R-OBS-123 .. R-OBS-125: which slot and which place of a memory device QEMU refuses. */
class SlotsAndPlacesTest {

  private static VmConfigBuilder withBackends() {
    return q35()
        .object(new ObjectConfig("memory-backend-ram", "mem1", Map.of("size", "1G")))
        .object(new ObjectConfig("memory-backend-ram", "mem2", Map.of("size", "1G")));
  }

  private static Story boot(VmConfigBuilder vm, DeviceConfig... devices) throws InputException {
    return play(SEED, vm.devices(List.of(devices)).build());
  }

  private static void assertStarts(Story story) {
    assertThat(last(story).errors()).isEmpty();
    assertThat(last(story).exitCode()).isEmpty();
  }

  private static void assertRefused(Story story, String why) {
    assertThat(last(story).exitCode()).hasValue(1);
    assertThat(last(story).errors()).singleElement().asString().endsWith(why);
  }

  private static DeviceConfig dimm(String id, String backend, String... more) {
    String[] all = new String[more.length + 1];
    all[0] = "memdev=" + backend;
    System.arraycopy(more, 0, all, 1, more.length);
    return device("pc-dimm", id, all);
  }

  @ParameterizedTest
  @CsvSource({"0", "3", "-1"})
  void R_OBS_123_aSlotThatIsThereAndFreeIsTaken(String slot) throws Exception {
    assertStarts(boot(withBackends(), dimm("d1", "mem1", "slot=" + slot)));
  }

  @ParameterizedTest
  @CsvSource({
    "4, 'invalid slot number 4, valid range is [0-3]'",
    "-2, 'invalid slot number -2, valid range is [0-3]'"
  })
  void R_OBS_123_aSlotBeyondThoseThereAreIsRefused(String slot, String why) throws Exception {
    assertRefused(boot(withBackends(), dimm("d1", "mem1", "slot=" + slot)), why);
  }

  @Test
  void R_OBS_123_aSlotThatIsTakenIsRefused() throws Exception {
    assertRefused(
        boot(withBackends(), dimm("d1", "mem1", "slot=2"), dimm("d2", "mem2", "slot=2")),
        "slot 2 is busy");
    assertStarts(boot(withBackends(), dimm("d1", "mem1", "slot=2"), dimm("d2", "mem2", "slot=1")));
  }

  @Test
  void R_OBS_123_aDimmNeedsASlot() throws Exception {
    assertRefused(
        boot(withBackends().hotplugMemory(0, 10 * GIB), dimm("d1", "mem1")),
        "no slots where allocated, please specify the 'slots' option");
    assertRefused(
        boot(withBackends().hotplugMemory(1, 10 * GIB), dimm("d1", "mem1"), dimm("d2", "mem2")),
        "no free slots available");
  }

  @Test
  void aSlotThatIsNoNumberIsBadInput() {
    assertThatThrownBy(() -> boot(withBackends(), dimm("d1", "mem1", "slot=first")))
        .isInstanceOf(InputException.class)
        .hasMessageContaining("slot is 'first', expected a whole number");
  }

  @Test
  void R_OBS_123_anNvdimmNeedsAMachineThatHasThem() throws Exception {
    DeviceConfig nvdimm = device("nvdimm", "n1", "memdev=mem1");
    assertRefused(boot(withBackends(), nvdimm), "nvdimm is not enabled: missing 'nvdimm' in '-M'");
    assertRefused(
        boot(withBackends().machineOption("nvdimm", "off"), nvdimm),
        "nvdimm is not enabled: missing 'nvdimm' in '-M'");
    assertStarts(boot(withBackends().machineOption("nvdimm", "on"), nvdimm));
    assertStarts(boot(withBackends(), dimm("d1", "mem1")));
  }

  @Test
  void R_OBS_125_aDimmComesWhereItsAddressSays() throws Exception {
    Story story = boot(withBackends(), dimm("d1", "mem1", "addr=0x200000000"), vfio(A));
    assertStarts(story);
    assertThat(story.vm().containers().get(0).mappings())
        .extracting(DmaMapping::iova)
        .containsExactly(0L, 8 * GIB);
    assertThatThrownBy(() -> boot(withBackends(), dimm("d1", "mem1", "addr=there")))
        .isInstanceOf(InputException.class)
        .hasMessageContaining("addr: ");
  }

  private static Optional<String> plugged(Step... steps) throws InputException {
    Story story =
        play(SEED, q35().hotplugMemory(9, 10 * GIB).devices(List.of(vfio(A))).build(), steps);
    return last(story).commandError();
  }

  private static Step plugAt(String id, long size, long at) {
    return new Step.MemoryAdd(id, size, Optional.of(at));
  }

  /** There is room in all, and no gap is large enough. */
  @Test
  void R_OBS_125_whereNoGapIsLargeEnough() throws Exception {
    Step large = new Step.MemoryAdd("large", 4 * GIB, Optional.empty());
    String none = "'large' fits into no gap between the memory devices";
    assertThatThrownBy(
            () -> plugged(plugAt("low", GIB, 7 * GIB), plugAt("high", GIB, 11 * GIB), large))
        .isInstanceOf(InputException.class)
        .hasMessage(none);
    assertThatThrownBy(() ->
            plugged(
                plugAt("low", GIB, 7 * GIB),
                plugAt("middle", GIB, 10 * GIB),
                plugAt("high", GIB / 2, 11 * GIB + GIB / 2),
                large))
        .isInstanceOf(InputException.class)
        .hasMessage(none);
    assertThat(plugged(plugAt("low", GIB, 8 * GIB), large)).isEmpty();
  }

  @Test
  void R_OBS_121_theBusOfAnAssignedDeviceIsLookedForWhenItIsPlugged() throws Exception {
    Story story =
        play(
            QemuProfile.V11_1,
            q35(device("pcie-root-port", "rp1", "addr=1c.0")),
            add(vfio(B, "bus=rp1")));
    assertThat(last(story).commandError()).isEmpty();
    assertThat(story.vm().vfioDevices()).hasSize(1);
  }

  @Test
  void R_OBS_121_aDeviceWithoutMeaningIsRefusedOnABusThatTakesNone() throws Exception {
    DeviceConfig other = device("e1000e", "n1", "bus=pcie.0");
    Story story =
        play(QemuProfile.V11_1, q35(device("pcie-root-port", "rp1", "addr=1c.0")), add(other));
    assertThat(last(story).commandError()).contains("Bus 'pcie.0' does not support hotplugging");
  }
}
