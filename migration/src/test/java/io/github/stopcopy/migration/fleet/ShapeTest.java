package io.github.stopcopy.migration.fleet;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.stopcopy.core.config.DeviceConfig;
import io.github.stopcopy.core.config.GlobalProperty;
import io.github.stopcopy.core.config.ObjectConfig;
import io.github.stopcopy.core.config.VmConfig;
import io.github.stopcopy.core.config.VmConfigBuilder;
import io.github.stopcopy.core.error.QemuError;
import io.github.stopcopy.core.host.HostFacts;
import io.github.stopcopy.core.property.PropertyInput;
import io.github.stopcopy.core.property.PropertySetting;
import io.github.stopcopy.migration.TestVm;
import io.github.stopcopy.migration.fleet.FleetVm.FromLibvirt;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** Which VMs are alike, and which names must stay because something else may mean them. */
class ShapeTest {

  private static final VmConfig MACHINE = TestVm.q35().build();

  private static VmConfigBuilder vm(String bus, DeviceConfig... more) {
    List<DeviceConfig> devices = new ArrayList<>();
    devices.add(TestVm.device("vfio-pci", "dev-" + bus, "host=0000:" + bus + ":00.0"));
    devices.addAll(List.of(more));
    return MACHINE.toBuilder().devices(devices);
  }

  private static Shape shape(VmConfigBuilder vm) {
    return shape(FleetVm.of("id", "n", vm.build(), HostFacts.CAPABLE));
  }

  private static Shape shape(FleetVm vm) {
    return Shape.of(vm, Set.of("intel-iommu"), "").shape();
  }

  private static Optional<String> idIn(VmConfigBuilder vm) {
    return shape(vm).vm().vm().devices().get(0).id();
  }

  private static final String OURS = "fleet-vm-device-0000";

  private static ObjectConfig object(String type, String property, String value) {
    return new ObjectConfig(type, "o1", Map.of(property, value));
  }

  @Test
  void whatOnlyTellsOneVmFromAnotherDoesNotCount() {
    assertThat(idIn(vm("3b"))).contains(OURS);
    assertThat(shape(vm("3b").object(object("secret", "data", "one"))))
        .isEqualTo(shape(vm("86").object(object("secret", "data", "two"))));
    assertThat(shape(vm("3b").object(object("memory-backend-file", "mem-path", "/a"))))
        .isEqualTo(shape(vm("86").object(object("memory-backend-file", "mem-path", "/b"))));
    assertThat(shape(vm("3b", TestVm.device("virtio-net-pci", "", "mac=52:54:00:00:00:01"))))
        .isEqualTo(shape(vm("86", TestVm.device("virtio-net-pci", "", "mac=52:54:00:00:00:02"))));
  }

  @Test
  void whatMayCountDoes() {
    assertThat(shape(vm("3b").object(object("memory-backend-ram", "size", "1G"))))
        .isNotEqualTo(shape(vm("86").object(object("memory-backend-ram", "size", "2G"))));
    assertThat(shape(vm("3b", TestVm.device("virtio-net-pci", "", "mq=on"))))
        .isNotEqualTo(shape(vm("86", TestVm.device("virtio-net-pci", "", "mq=off"))));
    assertThat(shape(vm("3b", TestVm.device("intel-iommu", "", "path=a"))))
        .as("the type means something")
        .isNotEqualTo(shape(vm("86", TestVm.device("intel-iommu", "", "path=b"))));
  }

  /** The value of an unknown property may name the device. */
  @Test
  void anIdThatStandsElsewhereStays() {
    assertThat(idIn(vm("3b", TestVm.device("virtio-net-pci", "", "partner=dev-3b"))))
        .contains("dev-3b");
    assertThat(idIn(vm("3b", TestVm.device("virtio-net-pci", "", "partner=dev-86"))))
        .contains(OURS);
    assertThat(idIn(vm("3b").object(object("thing", "device", "dev-3b")))).contains("dev-3b");
    assertThat(idIn(vm("3b").machineOption("x", "dev-3b"))).contains("dev-3b");
    assertThat(idIn(vm("3b").cpuOption("x", "dev-3b"))).contains("dev-3b");
    assertThat(
            idIn(
                vm("3b")
                    .global(new GlobalProperty("e1000e", PropertySetting.parse("partner=dev-3b")))))
        .contains("dev-3b");
    assertThat(idIn(vm("3b", TestVm.device("virtio-net-pci", "", "bus=dev-3b.0"))))
        .contains("dev-3b");
    assertThat(idIn(vm("3b", TestVm.device("e1000e", "dev-3b")))).contains("dev-3b");
  }

  @Test
  void whereANameLooksLikeOneOfOursAllStay() {
    assertThat(idIn(vm("3b").refusedOption(QemuError.of("no fleet-vm-device-0007"))))
        .contains("dev-3b");
    assertThat(idIn(vm("3b").refusedOption(QemuError.of("no such thing")))).contains(OURS);
    assertThat(idIn(vm("3b").machineOption("x", "fadf:00"))).contains("dev-3b");
  }

  /** A value that was typed as JSON text stays one. */
  @Test
  void aNameIsReplacedInTheSyntaxInWhichItWasGiven() {
    DeviceConfig typed =
        new DeviceConfig(
            "vfio-pci",
            Optional.of("v"),
            Optional.empty(),
            List.of(new PropertySetting("host", new PropertyInput.TypedText("0000:3b:00.0"))));
    DeviceConfig same =
        shape(MACHINE.toBuilder().devices(List.of(typed))).vm().vm().devices().get(0);
    assertThat(same.settings().get(0).value())
        .isEqualTo(new PropertyInput.TypedText("fadf:00:00.0"));
    assertThat(shape(vm("3b")).vm().vm().devices().get(0).settings().get(0).value())
        .isEqualTo(new PropertyInput.Text("fadf:00:00.0"));
  }

  @Test
  void aNameOfSysfsIsReplacedAtTheEndOfItsPath() {
    DeviceConfig path =
        TestVm.device("vfio-pci", "v", "sysfsdev=/sys/bus/pci/devices/0000:3b:00.0");
    assertThat(shape(MACHINE.toBuilder().devices(List.of(path))).vm().vm().devices().get(0))
        .isEqualTo(TestVm.device("vfio-pci", OURS, "sysfsdev=/sys/bus/pci/devices/fadf:00:00.0"));
  }

  private static FleetVm withOther(String bus, VmConfig other) {
    return FleetVm.of("id", "n", vm(bus).build(), HostFacts.CAPABLE)
        .withLibvirt(
            new FromLibvirt(
                Map.of("0000:" + bus + ":00.0", "mlx5_vfio_pci"),
                List.of("dev-" + bus),
                Optional.of(other),
                "why",
                List.of()));
  }

  @Test
  void whatLibvirtSaysIsInTheOtherNamesToo() {
    Shape one = shape(withOther("3b", vm("3b", TestVm.intel()).build()));
    assertThat(one).isEqualTo(shape(withOther("86", vm("86", TestVm.intel()).build())));
    FromLibvirt described = one.vm().libvirt().orElseThrow();
    assertThat(described.drivers()).isEqualTo(Map.of("fadf:00:00.0", "mlx5_vfio_pci"));
    assertThat(described.interfaces()).containsExactly(OURS);
    assertThat(described.otherVm().orElseThrow().devices().get(0).id()).contains(OURS);
  }

  @Test
  void anIdThatTheOtherVmHasElsewhereStays() {
    VmConfig other = vm("3b", TestVm.device("virtio-net-pci", "", "partner=dev-3b")).build();
    assertThat(shape(withOther("3b", other)).vm().vm().devices().get(0).id()).contains("dev-3b");
  }

  private static List<String> devices(int count) {
    List<String> all = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      all.add(String.format("%04x:%02x:%02x.%x", i >> 13, i >> 8 & 0xff, i >> 3 & 0x1f, i & 7));
    }
    return all;
  }

  /** Other names are of the same form, each once, and in the same order. */
  @Test
  void upToABoundEachHasAnotherNameInTheSameOrder() {
    List<String> devices = devices(9_999);
    List<String> ids = new ArrayList<>();
    List<Integer> groups = new ArrayList<>();
    for (int i = 0; i < 9_999; i++) {
      ids.add(String.format("d%05d", i));
      groups.add(i);
    }
    Names names = Names.of(devices, ids, groups);
    assertThat(devices.stream().map(names::device))
        .allMatch(name -> name.matches("fadf:[0-9a-f]{2}:[01][0-9a-f]\\.[0-7]"))
        .isSorted()
        .doesNotHaveDuplicates();
    assertThat(ids.stream().map(names::id))
        .allMatch(id -> id.startsWith("fleet-vm-device-"))
        .isSorted()
        .doesNotHaveDuplicates();
    assertThat(groups.stream().map(names::group)).isSorted().doesNotHaveDuplicates();
    assertThat(names.group(0)).isEqualTo(1997000000);
  }

  @Test
  void beyondTheBoundAllStay() {
    List<String> ids = new ArrayList<>();
    List<Integer> groups = new ArrayList<>();
    for (int i = 0; i < 10_000; i++) {
      ids.add(String.format("d%05d", i));
      groups.add(i);
    }
    assertThat(Names.of(devices(10_000), List.of("d1"), List.of(1)).id("d1")).isEqualTo("d1");
    assertThat(Names.of(List.of(), ids, List.of()).id("d00001")).isEqualTo("d00001");
    assertThat(Names.of(List.of(), List.of("d1"), groups).id("d1")).isEqualTo("d1");
    assertThat(Names.of(List.of(), List.of("d1"), List.of()).id("d1")).isEqualTo(OURS);
  }
}
