package io.github.stopcopy.qemu.libvirt;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;

import io.github.stopcopy.core.config.DeviceConfig;
import io.github.stopcopy.core.config.VmConfig;
import io.github.stopcopy.core.error.InputException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Single elements of a domain, above all those that the recording libvirt does not know yet. */
class LibvirtDomainTest {

  private static final String PCI =
      "<hostdev type='pci'><source><address bus='1' slot='0' function='0'/></source>%s</hostdev>";

  private static String domain(String type, String machine, String top, String devices) {
    return "<domain type='"
        + type
        + "' xmlns:qemu='http://libvirt.org/schemas/domain/qemu/1.0'>"
        + (top.contains("<memory") ? "" : "<memory unit='GiB'>2</memory>")
        + "<os><type machine='"
        + machine
        + "'>hvm</type></os>"
        + top
        + "<devices>"
        + devices
        + "</devices></domain>";
  }

  private static LibvirtDomain parse(String top, String devices) throws InputException {
    return LibvirtDomain.parse("vm.xml", domain("kvm", "pc-q35-9.2", top, devices));
  }

  private static VmConfig vm(String top, String devices) throws InputException {
    return parse(top, devices).vm();
  }

  private static DeviceConfig device(String devices, String id) throws InputException {
    return byId(vm("", devices), id);
  }

  private static DeviceConfig byId(VmConfig vm, String id) {
    return vm.devices().stream()
        .filter(device -> device.id().orElseThrow().equals(id))
        .findFirst()
        .orElseThrow();
  }

  @ParameterizedTest
  @CsvSource({
    "intel, intel-iommu, dma_translation, dma-translation",
    "intel, intel-iommu, caching_mode, caching-mode",
    "intel, intel-iommu, iotlb, device-iotlb",
    "intel, intel-iommu, intremap, intremap",
    "amd, amd-iommu, xtsup, xtsup",
    "amd, amd-iommu, passthrough, pt",
    "amd, amd-iommu, dma_translation, dma-translation"
  })
  void switchesOfTheIommu(String model, String driver, String attribute, String property)
      throws Exception {
    for (String value : List.of("on", "off")) {
      DeviceConfig iommu =
          device(
              "<iommu model='" + model + "'><driver " + attribute + "='" + value + "'/></iommu>",
              "iommu0");
      assertThat(iommu.driver()).isEqualTo(driver);
      assertThat(iommu.setting(property)).contains(value);
    }
  }

  @Test
  void widthAndGranuleOfTheVirtioIommu() throws Exception {
    DeviceConfig iommu =
        device(
            "<iommu model='virtio'><driver aw_bits='48'><granule size='64' unit='KiB'/></driver>"
                + "<address type='pci' bus='0' slot='0x1e' function='0x1'/></iommu>",
            "iommu0");

    assertThat(iommu.driver()).isEqualTo("virtio-iommu-pci");
    assertThat(iommu.setting("aw-bits")).contains("48");
    assertThat(iommu.setting("granule")).contains("64k");
    assertThat(iommu.bus()).contains("pcie.0");
    assertThat(iommu.setting("addr")).contains("0x1e.0x1");
    assertThat(
            device(
                    "<iommu model='virtio'><driver><granule mode='host'/></driver></iommu>",
                    "iommu0")
                .setting("granule"))
        .contains("host");
  }

  @Test
  void whatIsNotKnownIsNotedWithItsLine() throws Exception {
    LibvirtDomain domain =
        parse(
            "<flux/>",
            "\n"
                + "<warp/>\n"
                + "<iommu model='intel'><driver future='1'/></iommu><memory"
                + " model='sgx-epc'><target><size>16384</size></target></memory>");

    assertThat(domain.notes())
        .satisfiesExactlyInAnyOrder(
            note -> assertThat(note).startsWith("vm.xml:1: <flux> is not known"),
            note -> assertThat(note).startsWith("vm.xml:2: <warp> is not known"),
            note -> assertThat(note).startsWith("vm.xml:3: The vIOMMU's future='1'"),
            note -> assertThat(note).contains("model 'sgx-epc'"));
  }

  @Test
  void whichVfioDevicesAreInterfacesIsKept() throws Exception {
    String source =
        "<source><address type='pci' domain='0' bus='1' slot='0' function='%d'/></source>";
    LibvirtDomain domain =
        parse(
            "",
            "<hostdev mode='subsystem' type='pci'>"
                + String.format(source, 0)
                + "</hostdev><interface type='hostdev'>"
                + String.format(source, 1)
                + "</interface><interface type='hostdev'><alias name='ua-nic'/>"
                + String.format(source, 2)
                + "</interface>");

    assertThat(domain.interfaces()).containsExactly("hostdev0", "ua-nic");
  }

  @Test
  void processorsAndTheirAddresses() throws Exception {
    VmConfig vm =
        vm(
            "<vcpu current='4'>300</vcpu><cpu mode='host-passthrough'>"
                + "<maxphysaddr mode='passthrough' limit='42'/></cpu>",
            "");

    assertThat(vm.vcpus()).isEqualTo(300);
    assertThat(vm.cpuModel()).contains("host");
    assertThat(vm.cpuOptions()).containsEntry("host-phys-bits-limit", "42");
    assertThat(vm("<cpu><model>EPYC</model><maxphysaddr mode='emulate' bits='42'/></cpu>", ""))
        .satisfies(emulated -> assertThat(emulated.cpuOptions()).containsOnlyKeys("phys-bits"));
    assertThat(vm("<cpu mode='host-passthrough'><maxphysaddr mode='emulate'/></cpu>", ""))
        .satisfies(bare -> assertThat(bare.cpuOptions()).containsEntry("host-phys-bits", "off"));
  }

  @ParameterizedTest
  @CsvSource({
    "300, '', an <iommu> of model intel with intremap and eim and <ioapic driver='qemu'/>",
    "256, <iommu model='intel'/>, intremap='on' of the <iommu>",
    "256, <iommu model='intel'><driver intremap='on'/></iommu>, eim='on' of the <iommu>",
    "2, <iommu model='intel'><driver intremap='on'/></iommu>, adds <ioapic driver='qemu'/>"
  })
  void whatNewerLibvirtAddsMakesAnotherVm(int vcpus, String iommu, String added) throws Exception {
    LibvirtDomain domain = parse("\n<vcpu>" + vcpus + "</vcpu>", iommu);
    LibvirtDomain.Completed completed = domain.completed().orElseThrow();

    assertThat(completed.what())
        .startsWith("vm.xml:2: libvirt from 10.10 on adds ")
        .contains(added);
    assertThat(byId(completed.vm(), "iommu0").setting("intremap")).contains("on");
    assertThat(completed.vm().machineOptions()).containsEntry("kernel-irqchip", "split");
    assertThat(domain.vm().machineOptions()).doesNotContainKey("kernel-irqchip");
  }

  @ParameterizedTest
  @CsvSource({
    "255, ''",
    "300, <iommu model='amd'/>",
    "2, <iommu model='intel'><driver caching_mode='on'/></iommu>"
  })
  void whatNewerLibvirtLeavesAloneIsOneVm(int vcpus, String iommu) throws Exception {
    assertThat(parse("<vcpu>" + vcpus + "</vcpu>", iommu).completed()).isEmpty();
  }

  @Test
  void whatLibvirtRefusesAboutInterrupts() {
    String kvm = "<features><ioapic driver='kvm'/></features>";
    assertThatThrownBy(() -> parse(kvm + "<vcpu>300</vcpu>", ""))
        .hasMessageContaining("<ioapic>: driver='kvm' with a vIOMMU that remaps interrupts");
    assertThatThrownBy(() -> parse("", "<iommu model='intel'><driver eim='on'/></iommu>"))
        .hasMessageContaining("<driver>: eim='on' without intremap='on'");
    assertThatThrownBy(() -> parse("<vcpu>300</vcpu>", "<iommu model='virtio'/>"))
        .hasMessageContaining("<iommu>: model='virtio' with 300 virtual CPUs");
    assertThatThrownBy(() ->
            LibvirtDomain.parse("vm.xml", domain("kvm", "pc-i440fx-9.2", "\n<vcpu>256</vcpu>", "")))
        .hasMessage("vm.xml:2: <vcpu>: 256 virtual CPUs, expected at most 255 with this machine");
  }

  @Test
  void driversOfTheHostAreKeptByAddress() throws Exception {
    LibvirtDomain domain =
        parse("", String.format(PCI, "<driver name='vfio' model='mlx5-vfio-pci'/>"));

    assertThat(domain.drivers()).containsExactly(Map.entry("0000:01:00.0", "mlx5_vfio_pci"));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '~',
      value = {
        "<source network='sriov'/> ~ 1",
        "<source network='default'/><model type='virtio'/> ~ 1",
        "<source network='x'/><teaming type='transient' persistent='ua-a'/> ~ 1",
        "<source network='x' bridge='virbr0'/> ~ 0",
        "<source network='x'/><target dev='vnet3'/> ~ 0",
        "<source network='x'/><model type='virtio'/><teaming type='persistent'/> ~ 0"
      })
  void anInterfaceOfANetworkMayBeADeviceOfTheHost(String inside, int count) throws Exception {
    LibvirtDomain domain = parse("", "\n<interface type='network'>" + inside + "</interface>");

    assertThat(domain.possibleHostDevices())
        .hasSize(count)
        .allSatisfy(device -> assertThat(device).startsWith("vm.xml:2: network '"));
  }

  @Test
  void aDeviceThatIsNotGivenToTheGuestDoesNotCount() throws Exception {
    LibvirtDomain domain =
        parse(
            "",
            "\n"
                + String.format(PCI, "<address type='unassigned'/>")
                + String.format(PCI.replace("bus='1'", "bus='2'"), ""));

    assertThat(domain.vm().devices())
        .filteredOn(device -> device.driver().equals("vfio-pci"))
        .singleElement()
        .satisfies(device -> assertThat(device.id()).contains("hostdev1"));
    assertThat(domain.notes())
        .anySatisfy(note -> assertThat(note).startsWith("vm.xml:2: ").contains("'unassigned'"));
  }

  @Test
  void theSideThatStaysIsAFailoverDevice() throws Exception {
    VmConfig vm =
        vm(
            "",
            "<interface type='user'><mac address='52:54:00:00:00:01'/><model type='virtio'/>"
                + "<teaming type='persistent'/><alias name='ua-a'/></interface>"
                + String.format(PCI, "<teaming type='transient' persistent='ua-a'/>"));

    assertThat(byId(vm, "ua-a").driver()).isEqualTo("virtio-net-pci");
    assertThat(byId(vm, "ua-a").setting("failover")).contains("on");
    assertThat(byId(vm, "hostdev0").setting("failover_pair_id")).contains("ua-a");
    assertThatThrownBy(
            () -> vm("", "\n<interface type='user'><teaming type='persistent'/></interface>"))
        .hasMessageStartingWith("vm.xml:2: <interface>: model '' with <teaming");
  }

  /** Namespaces: an attribute of others is nothing to libvirt, so the device is a VFIO device. */
  @Test
  void attributesOfOtherNamespacesAreNotLibvirts() throws Exception {
    VmConfig vm =
        vm("", String.format(PCI, "").replace("type='pci'", "type='pci' qemu:type='usb'"));

    assertThat(byId(vm, "hostdev0").driver()).isEqualTo("vfio-pci");
  }

  @Test
  void theRootHasModelAndIndexByDefault() throws Exception {
    String port = "<controller type='pci' model='pcie-root-port'/>";
    for (String root :
        List.of(
            "<controller type='pci' model='pcie-root'/>",
            "<controller type='pci' index='0'/>",
            "<controller type='pci' index='0' model='pcie-root'/>",
            "")) {
      assertThat(byId(vm("", root + port + String.format(PCI, "")), "hostdev0").bus())
          .contains("pci.2");
    }
  }

  /** Numbers of controllers were looked for from 1 on for each, which took minutes. */
  @Test
  void controllersWithoutNumbersAreNotCountedAgainForEach() {
    String many = "<controller type='pci' model='pcie-root-port'/>".repeat(80_000);
    assertTimeoutPreemptively(
        Duration.ofSeconds(10),
        () ->
            assertThatThrownBy(() -> parse("", many))
                .hasMessageContaining("needs more than 256 PCI buses"));
  }

  @ParameterizedTest
  @CsvSource({
    "2097152, , 2147483648", "2, GiB, 2147483648", "2, g, 2147483648", "2097152, KiB, 2147483648",
    "2147483648, bytes, 2147483648", "1000, KB, 1048576", "3, MB, 3145728", "1, T, 1099511627776"
  })
  void sizesHaveUnits(String number, String unit, long bytes) throws Exception {
    String attribute = unit == null ? "" : " unit='" + unit + "'";
    assertThat(vm("<memory" + attribute + ">" + number + "</memory>", "").ramSize())
        .isEqualTo(bytes);
  }

  @Test
  void memoryWithoutNumaIsWithoutItsDevices() throws Exception {
    VmConfig vm =
        vm(
            "<maxMemory unit='GiB'>8</maxMemory><memory unit='GiB'>3</memory>",
            "<memory model='virtio-mem'><target><size unit='GiB'>1</size><requested>0</requested>"
                + "<address base='0x180000000'/></target></memory>");

    assertThat(vm.ramSize()).isEqualTo(2L << 30);
    assertThat(vm.maxRamSize()).isEqualTo(8L << 30);
    assertThat(byId(vm, "virtiomem0").setting("memaddr")).contains("6442450944");
  }

  @Test
  void hostDevicesThroughIommufdAndWithRamfb() throws Exception {
    VmConfig vm =
        vm(
            "",
            String.format(PCI, "<driver name='vfio' iommufd='yes'/>")
                + "<hostdev type='pci' ramfb='on' display='on'><source>"
                + "<address bus='0x2' slot='0x1f' function='7'/></source></hostdev>");

    assertThat(vm.objects().get("iommufd0")).isNotNull();
    assertThat(byId(vm, "hostdev0").setting("iommufd")).contains("iommufd0");
    assertThat(byId(vm, "hostdev1").driver()).isEqualTo("vfio-pci-nohotplug");
    assertThat(byId(vm, "hostdev1").setting("host")).contains("0000:02:1f.7");
  }

  @Test
  void aControllerThatIsMissingIsAdded() throws Exception {
    VmConfig vm = vm("", String.format(PCI, "<address type='pci' bus='7' slot='0'/>"));

    assertThat(byId(vm, "pci.7").driver()).isEqualTo("pcie-root-port");
    assertThat(byId(vm, "hostdev0").bus()).contains("pci.7");
  }

  @Test
  void manyDevicesWithoutAddressesShareTheSlotsOfRootPorts() throws Exception {
    assertThat(vm("", String.format(PCI, "").repeat(200)).devices())
        .filteredOn(device -> device.driver().equals("vfio-pci"))
        .hasSize(200)
        .allMatch(device -> device.setting("addr").equals(Optional.of("0x0")))
        .extracting(device -> device.bus().orElseThrow())
        .doesNotHaveDuplicates();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '~',
      quoteCharacter = '`',
      value = {
        "<iommu model='intel'><driver eim='maybe'/></iommu> ~ <driver>: eim='maybe', expected on or"
            + " off",
        "<iommu model='intel'><driver aw_bits='x'/></iommu> ~ <driver>: aw_bits='x', expected a"
            + " whole number",
        "<iommu model='intel'><driver aw_bits='0x30'/></iommu> ~ <driver>: aw_bits='0x30', expected"
            + " a whole number in decimal digits",
        "<iommu model='smmuv3'/> ~ <iommu>: model='smmuv3' is not modelled, expected intel, amd or"
            + " virtio",
        "<iommu/> ~ <iommu>: has no model=, expected one",
        "<hostdev type='pci'/> ~ <hostdev>: has no <source> with an <address>, expected one",
        "<hostdev type='mdev'><source><address uuid='../x'/></source></hostdev> ~ <address>:"
            + " uuid='../x', expected 8-4-4-4-12 hexadecimal digits",
        "<hostdev type='pci'><source><address bus='256' slot='0' function='0'/></source></hostdev>"
            + " ~ <address>: bus='256', expected a number from 0 to 255",
        "<controller type='pci' index='1' model='warp'/> ~ <controller>: model='warp', expected one"
            + " of",
        "<memory model='dimm'/> ~ <memory>: has no <target> with a <size>, expected one",
        "<memory model='dimm'><target><size unit='furlong'>1</size></target></memory> ~ <size>:"
            + " unit='furlong', expected one such as"
      })
  void badValuesAreNamed(String devices, String problem) {
    assertThatThrownBy(() -> parse("", "\n" + devices))
        .isInstanceOf(InputException.class)
        .hasMessageStartingWith("vm.xml:2: " + problem);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"", "-1", "+1", "\u0661", "\uff11", "1.5", "0x10", "99999999999999999999"})
  void sizesOfMemoryAreWholeNumbersInDecimalDigits(String size) {
    assertThatThrownBy(() -> parse("\n<memory unit='KiB'>" + size + "</memory>", ""))
        .isInstanceOf(InputException.class)
        .hasMessageStartingWith("vm.xml:2: <memory>: '" + size + "', expected a ");
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "+1", "\u0661", "-9223372036854775809", "9223372036854775808"})
  void overridesThatAreSignedAreDecimal(String value) {
    assertThatThrownBy(() ->
            parse(
                "\n<qemu:override><qemu:device alias='hostdev0'><qemu:frontend><qemu:property"
                    + " name='x-y' type='signed' value='"
                    + value
                    + "'/></qemu:frontend></qemu:device></qemu:override>",
                String.format(PCI, "")))
        .isInstanceOf(InputException.class)
        .hasMessage("vm.xml:2: <property>: value= is no signed number below 2^63, expected one");
  }

  @Test
  void whatCannotBeModelledIsRefused() {
    assertThatThrownBy(() -> LibvirtDomain.parse("vm.xml", domain("xen", "pc", "", "")))
        .hasMessage("vm.xml:1: <domain>: type='xen', expected kvm or qemu");
    assertThatThrownBy(() -> LibvirtDomain.parse("vm.xml", domain("kvm", "virt", "", "")))
        .hasMessage("vm.xml:1: <type>: machine='virt' is not modelled, expected q35 or pc");
    assertThatThrownBy(() ->
            LibvirtDomain.parse(
                "vm.xml",
                domain("kvm", "q35", "", "")
                    .replace(
                        "</domain>",
                        "\n<qemu:commandline><qemu:arg value='-m'/>\n<qemu:arg value='5X'/>"
                            + "</qemu:commandline></domain>")))
        .hasMessageStartingWith("vm.xml:3: -m: size: '5X' is not a size");
  }
}
