package io.github.stopcopy.core.config;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.stopcopy.core.address.AddressRange;
import io.github.stopcopy.core.error.Result;
import io.github.stopcopy.core.host.Accelerator;
import io.github.stopcopy.core.host.HostFacts;
import io.github.stopcopy.core.profile.QemuProfile;
import io.github.stopcopy.core.property.PropertySetting;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** The description of a VM and its builder. */
class VmConfigTest {

  private static final DeviceConfig VFIO =
      new DeviceConfig(
          "vfio-pci",
          Optional.of("v1"),
          Optional.of("pcie.0"),
          List.of(PropertySetting.of("host", "01:00.0"), PropertySetting.of("addr", "5")));

  @Test
  void withoutOptionsItIsQemusDefaultMachine() {
    VmConfig vm = VmConfig.builder().build();
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
    MemoryPlan plan =
        ((Result.Ok<MemoryPlan>) vm.memory().plan(vm, QemuProfile.V10_2, HostFacts.CAPABLE))
            .value();
    assertThat(plan.atRealize()).isEmpty();
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
    VmConfig vm = VmConfig.builder().device(VFIO).machineOption("a", "1").build();
    vm.toBuilder().device(VFIO).machineOption("a", "2").build();
    assertThat(vm.devices()).hasSize(1);
    assertThat(vm.machineOptions()).containsEntry("a", "1");
    assertThat(vm.withDevices(List.of()).devices()).isEmpty();
    assertThat(vm.withDevices(List.of()).machineOptions()).isEqualTo(vm.machineOptions());
  }

  @Test
  void everythingIsUnmodifiable() {
    VmConfig vm = VmConfig.builder().device(VFIO).machineOption("a", "1").build();
    assertThat(vm.devices()).isUnmodifiable();
    assertThat(vm.machineOptions()).isUnmodifiable();
    assertThat(vm.cpuOptions()).isUnmodifiable();
    assertThat(vm.objects()).isUnmodifiable();
    assertThat(vm.globals()).isUnmodifiable();
    assertThat(vm.unknownOptions()).isUnmodifiable();
  }

  @Test
  void aBuiltVmDoesNotFollowItsBuilder() {
    VmConfigBuilder builder = VmConfig.builder();
    VmConfig vm = builder.build();
    builder.device(VFIO).machineOption("a", "1");
    assertThat(vm.devices()).isEmpty();
    assertThat(vm.machineOptions()).isEmpty();
  }

  @Test
  void aBuilderDoesNotTouchAListItWasGiven() {
    List<DeviceConfig> mine = new ArrayList<>(List.of(VFIO));
    VmConfig vm = VmConfig.builder().devices(mine).device(VFIO).build();
    assertThat(mine).hasSize(1);
    assertThat(vm.devices()).hasSize(2);
    assertThat(VmConfig.builder().devices(List.of(VFIO)).device(VFIO).build().devices()).hasSize(2);
  }

  @Test
  void mapsKeepTheOrderGiven() {
    VmConfigBuilder builder = VmConfig.builder();
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
    VmConfig vm = VmConfig.builder().ramSize(4L << 30).build();
    assertThat(vm.toBuilder().ramSize(2L << 30).build().maxRamSize()).isEqualTo(2L << 30);
    assertThat(vm.toBuilder().ramSize(8L << 30).build().maxRamSize()).isEqualTo(8L << 30);
    VmConfig hotplug = VmConfig.builder().ramSize(1L << 30).hotplugMemory(1, 4L << 30).build();
    assertThat(hotplug.toBuilder().ramSize(2L << 30).build().maxRamSize()).isEqualTo(4L << 30);
    assertThat(VmConfig.builder().ramSize(9L << 60).build().maxRamSize()).isEqualTo(9L << 60);
  }

  @Test
  void q35IsAFamily() {
    for (String type : List.of("q35", "pc-q35-8.1")) {
      assertThat(VmConfig.builder().machineType(type).build().isQ35()).isTrue();
    }
    for (String type : List.of("pc", "pc-i440fx-8.1", "microvm", "Q35", "q35x")) {
      assertThat(VmConfig.builder().machineType(type).build().isQ35()).isFalse();
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
