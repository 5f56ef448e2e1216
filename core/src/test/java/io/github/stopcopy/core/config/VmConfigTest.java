package io.github.stopcopy.core.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.stopcopy.core.address.AddressRange;
import io.github.stopcopy.core.host.Accelerator;
import io.github.stopcopy.core.property.PropertySetting;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;

/** The description of a VM and its builder. */
class VmConfigTest {

  private static final DeviceConfig VFIO =
      new DeviceConfig(
          "vfio-pci",
          Optional.of("v1"),
          Optional.of("pcie.0"),
          List.of(PropertySetting.of("host", "01:00.0"), PropertySetting.of("addr", "5")));

  private static VmConfigBuilder vm() {
    MemoryPlan nothing = new MemoryPlan(List.of(), List.of(), Optional.empty(), 1L << 32, 0);
    return VmConfig.builder().memory(MachineMemory.fixed(nothing));
  }

  @Test
  void withoutOptionsItIsQemusDefaultMachine() {
    VmConfig vm = vm().build();
    assertThat(vm.machineType()).isEqualTo("pc");
    assertThat(vm.vcpus()).isEqualTo(1);
    assertThat(vm.ramSize()).isEqualTo(128L << 20);
    assertThat(vm.maxRamSize()).isEqualTo(vm.ramSize());
    assertThat(vm.ramSlots()).isZero();
    assertThat(vm.accelerator()).isEmpty();
    assertThat(vm.cpuModel()).isEmpty();
    assertThat(vm.devices()).isEmpty();
    assertThat(vm.pflash() || vm.onlyMigratable() || vm.incoming()).isFalse();
    assertThat(vm.isQ35()).isFalse();
  }

  /** A description that makes no VM would get an answer that looks like QEMU's. */
  @Test
  void whatMakesNoVmIsRefused() {
    assertThatIllegalArgumentException()
        .isThrownBy(VmConfig.builder().machineType("q35")::build)
        .withMessage("nobody knows where the machine puts its memory, expected memory(...)");
    assertThatIllegalArgumentException()
        .isThrownBy(vm().machineType("")::build)
        .withMessage("no machine type, expected a name such as q35");
    for (int count : List.of(0, -5)) {
      assertThatIllegalArgumentException()
          .isThrownBy(vm().vcpus(count)::build)
          .withMessage(count + " virtual CPUs, expected at least 1");
    }
    for (long size : List.of(0L, -1L, Long.MIN_VALUE)) {
      assertThatIllegalArgumentException()
          .isThrownBy(vm().ramSize(size)::build)
          .withMessage("RAM of " + size + " bytes, expected at least 1 and below 2^63");
    }
    assertThatIllegalArgumentException()
        .isThrownBy(vm().ramSize(2L << 30).hotplugMemory(1, 1L << 30)::build)
        .withMessage(
            "at most 1073741824 bytes of RAM with DIMMs, expected no less than without,"
                + " 2147483648");
    assertThatIllegalArgumentException()
        .isThrownBy(vm().hotplugMemory(-3, 8L << 30)::build)
        .withMessage("-3 slots for DIMMs, expected 0 or more");
  }

  @Test
  void theLeastVmIsOne() {
    VmConfig vm = vm().ramSize(1).vcpus(1).hotplugMemory(0, 1).build();
    assertThat(vm.ramSize()).isEqualTo(1);
  }

  @Test
  @SuppressWarnings("NullAway")
  void nullIsRefusedWhereItComesIn() {
    List<ThrowingCallable> nulls =
        List.of(
            () -> vm().machineType(null),
            () -> vm().machineOption("a", null),
            () -> vm().machineOption(null, "a"),
            () -> vm().cpuOption("a", null),
            () -> vm().cpuModel(null),
            () -> vm().accelerator(null),
            () -> vm().device(null),
            () -> vm().devices(null),
            () -> vm().global(null),
            () -> vm().object(null),
            () -> vm().unknownOption(null),
            () -> vm().memory(null),
            () -> DeviceConfig.of(null));
    for (ThrowingCallable call : nulls) {
      assertThatThrownBy(call).isInstanceOf(NullPointerException.class);
    }
    assertThatThrownBy(() -> vm().machineType(null)).hasMessage("machineType");
  }

  @Test
  void aBuilderCopiesAVm() {
    MachineMemory memory =
        MachineMemory.fixed(new MemoryPlan(List.of(), List.of(), Optional.empty(), 0, 0));
    VmConfig vm =
        VmConfig.builder()
            .machineType("pc-q35-9.1")
            .machineOption("kernel-irqchip", "split")
            .accelerator(Accelerator.TCG)
            .cpuModel("host")
            .cpuOption("host-phys-bits", "on")
            .vcpus(4)
            .ramSize(2L << 30)
            .hotplugMemory(2, 8L << 30)
            .device(VFIO)
            .object(new ObjectConfig("iommufd", "fd0", Map.of()))
            .global(new GlobalProperty("vfio-pci", PropertySetting.of("x-no-mmap", "on")))
            .pflash(true)
            .onlyMigratable(true)
            .incoming(true)
            .unknownOption("-nographic")
            .memory(memory)
            .build();
    assertThat(vm.toBuilder().build()).isEqualTo(vm);
    assertThat(vm.isQ35()).isTrue();
    assertThat(vm.maxRamSize()).isEqualTo(8L << 30);
    assertThat(vm.ramSlots()).isEqualTo(2);
    assertThat(vm.objects()).containsKey("fd0");
    assertThat(vm.memory()).isSameAs(memory);
  }

  @Test
  void changingACopyLeavesTheVmAlone() {
    VmConfig vm = vm().device(VFIO).machineOption("a", "1").build();
    vm.toBuilder().device(VFIO).machineOption("a", "2").build();
    assertThat(vm.devices()).hasSize(1);
    assertThat(vm.machineOptions()).containsEntry("a", "1");
    assertThat(vm.withDevices(List.of()).devices()).isEmpty();
    assertThat(vm.withDevices(List.of()).machineOptions()).isEqualTo(vm.machineOptions());
  }

  @Test
  void everythingIsUnmodifiable() {
    VmConfig vm = vm().device(VFIO).machineOption("a", "1").build();
    assertThat(vm.devices()).isUnmodifiable();
    assertThat(vm.machineOptions()).isUnmodifiable();
    assertThat(vm.cpuOptions()).isUnmodifiable();
    assertThat(vm.objects()).isUnmodifiable();
    assertThat(vm.globals()).isUnmodifiable();
    assertThat(vm.unknownOptions()).isUnmodifiable();
  }

  @Test
  void aBuiltVmDoesNotFollowItsBuilder() {
    VmConfigBuilder builder = vm();
    VmConfig vm = builder.build();
    builder.device(VFIO).machineOption("a", "1");
    assertThat(vm.devices()).isEmpty();
    assertThat(vm.machineOptions()).isEmpty();
  }

  @Test
  void aBuilderDoesNotTouchAListItWasGiven() {
    List<DeviceConfig> mine = new ArrayList<>(List.of(VFIO));
    VmConfig vm = vm().devices(mine).device(VFIO).build();
    assertThat(mine).hasSize(1);
    assertThat(vm.devices()).hasSize(2);
    assertThat(vm().devices(List.of(VFIO)).device(VFIO).build().devices()).hasSize(2);
  }

  @Test
  void mapsKeepTheOrderGiven() {
    VmConfigBuilder builder = vm();
    List<String> names = new ArrayList<>();
    for (int i = 40; i > 0; i--) {
      names.add("o" + i);
      builder.machineOption("o" + i, "x").cpuOption("o" + i, "x");
      builder.object(new ObjectConfig("t", "o" + i, Map.of()));
    }
    VmConfig vm = builder.build().toBuilder().build();
    assertThat(vm.machineOptions().keySet()).containsExactlyElementsOf(names);
    assertThat(vm.cpuOptions().keySet()).containsExactlyElementsOf(names);
    assertThat(vm.objects().keySet()).containsExactlyElementsOf(names);
  }

  @Test
  void withoutHotplugMaxRamFollowsRam() {
    VmConfig vm = vm().ramSize(4L << 30).build();
    assertThat(vm.toBuilder().ramSize(2L << 30).build().maxRamSize()).isEqualTo(2L << 30);
    assertThat(vm.toBuilder().ramSize(8L << 30).build().maxRamSize()).isEqualTo(8L << 30);
    VmConfig hotplug = vm().ramSize(1L << 30).hotplugMemory(1, 4L << 30).build();
    assertThat(hotplug.toBuilder().ramSize(2L << 30).build().maxRamSize()).isEqualTo(4L << 30);
  }

  @Test
  void q35IsAFamily() {
    for (String type : List.of("q35", "pc-q35-8.1")) {
      assertThat(vm().machineType(type).build().isQ35()).isTrue();
    }
    for (String type : List.of("pc", "pc-i440fx-8.1", "microvm", "Q35", "q35x")) {
      assertThat(vm().machineType(type).build().isQ35()).isFalse();
    }
  }

  @Test
  void aDeviceTellsTheLastSetting() {
    DeviceConfig device =
        new DeviceConfig(
            "vfio-pci",
            Optional.empty(),
            Optional.empty(),
            List.of(PropertySetting.of("x", "1"), PropertySetting.of("x", "2")));
    assertThat(device.setting("x")).contains("2");
    assertThat(device.setting("y")).isEmpty();
  }

  @Test
  void withReplacesEverySettingOfThatName() {
    DeviceConfig device =
        new DeviceConfig(
            "vfio-pci",
            Optional.of("v1"),
            Optional.of("pcie.0"),
            List.of(
                PropertySetting.of("x", "1"),
                PropertySetting.of("y", "1"),
                PropertySetting.of("x", "2")));
    DeviceConfig changed = device.with("x", "3");
    assertThat(changed.settings())
        .containsExactly(PropertySetting.of("y", "1"), PropertySetting.of("x", "3"));
    assertThat(changed.id()).contains("v1");
    assertThat(changed.bus()).contains("pcie.0");
    assertThat(device.setting("x")).contains("2");
  }

  @Test
  void devicesObjectsAndPlansCopyWhatTheyAreGiven() {
    List<PropertySetting> settings = new ArrayList<>();
    DeviceConfig device = new DeviceConfig("e1000", Optional.empty(), Optional.empty(), settings);
    settings.add(PropertySetting.of("x", "1"));
    assertThat(device.settings()).isEmpty();

    Map<String, String> properties = new LinkedHashMap<>(Map.of("size", "1G"));
    ObjectConfig object = new ObjectConfig("memory-backend-ram", "m0", properties);
    properties.clear();
    assertThat(object.properties()).containsEntry("size", "1G").isUnmodifiable();

    PlacedRegion row =
        new PlacedRegion("pc.ram", RegionKind.RAM, new AddressRange(0, 0xfff), 0, false);
    List<PlacedRegion> rows = new ArrayList<>(List.of(row));
    MemoryPlan plan = new MemoryPlan(rows, rows, Optional.of(rows), 1L << 32, 0);
    MemoryPlan other = plan.withFirmware(rows);
    rows.clear();
    assertThat(plan.atRealize()).containsExactly(row);
    assertThat(plan.afterFirmware().orElseThrow()).containsExactly(row);
    assertThat(other).isEqualTo(plan);
  }
}
