package io.github.stopcopy.qemu.libvirt;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.stopcopy.core.config.DeviceConfig;
import io.github.stopcopy.core.config.GlobalProperty;
import io.github.stopcopy.core.config.ObjectConfig;
import io.github.stopcopy.core.config.VmConfig;
import io.github.stopcopy.core.host.HostFacts;
import io.github.stopcopy.core.profile.QemuProfile;
import io.github.stopcopy.core.property.PropertyInput;
import io.github.stopcopy.core.property.PropertySetting;
import io.github.stopcopy.qemu.Resources;
import io.github.stopcopy.qemu.commandline.QemuCommandLine;
import java.net.URL;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Domain XML and libvirt's own command line for it are the same VM. For each domain there are three
 * recorded files: NAME.xml as software would define it, NAME.stored as libvirt completed it,
 * NAME.args the command line it made. What is compared is everything the model uses. Not compared,
 * because the model does not look at it and the XML reader leaves it out:
 *
 * <ul>
 *   <li>devices that are no vIOMMU, VFIO device, memory device, shared memory or PCI controller;
 *   <li>of controllers, ports and chassis numbers, but for root buses; of memory devices, NUMA
 *       nodes; of objects, the host's side such as paths, pages and the kind of backend;
 *   <li>machine options and CPU features without meaning to memory or interrupts;
 *   <li>globals of devices that are not modelled, e.g. {@code kvm-pit};
 *   <li>names: the default CPU and the default RAM are named by libvirt and left unnamed here or
 *       the other way round, which is the same; of {@code host-model}, libvirt writes out what the
 *       recording host's processor is, and the XML does not have that.
 * </ul>
 *
 * <p>NAME.xml has no addresses, so there addresses and controllers are not compared either.
 */
class RecordedDomainsTest {

  private static final Set<String> CONTROLLERS =
      Set.of(
          "pcie-root-port",
          "ioh3420",
          "x3130-upstream",
          "xio3130-downstream",
          "pcie-pci-bridge",
          "i82801b11-bridge",
          "pci-bridge",
          "pxb-pcie",
          "pxb");
  private static final Set<String> MEMORY =
      Set.of("pc-dimm", "nvdimm", "virtio-mem-pci", "virtio-pmem-pci");
  private static final Set<String> OTHERS =
      Set.of(
          "vfio-pci",
          "vfio-pci-nohotplug",
          "intel-iommu",
          "amd-iommu",
          "virtio-iommu-pci",
          "ivshmem-plain",
          "ivshmem-doorbell");
  private static final Set<String> HOST_OR_NUMA = Set.of("node", "label-size");
  private static final Set<String> PLACE = Set.of("addr", "multifunction");
  private static final Set<String> MODELLED_MACHINE_OPTIONS =
      Set.of(
          "kernel-irqchip", "max-ram-below-4g", "default-bus-bypass-iommu", "enforce-amd-1tb-hole");
  private static final Set<String> MODELLED_CPU_OPTIONS =
      Set.of("vendor", "phys-bits", "host-phys-bits", "host-phys-bits-limit");
  private static final Set<String> HOST_MODEL = Set.of("teaming", "kubevirt");

  /** What of a VM is compared, as text that can be read when it differs. */
  private static List<String> modelled(VmConfig vm, boolean places) {
    return modelled(vm, places, false);
  }

  private static List<String> modelled(VmConfig vm, boolean places, boolean standbys) {
    List<String> facts = new ArrayList<>();
    facts.add("machine " + vm.machineType());
    facts.add("machine options " + only(vm.machineOptions(), MODELLED_MACHINE_OPTIONS));
    facts.add("RAM region " + vm.machineOptions().getOrDefault("memory-backend", "pc.ram"));
    facts.add("accelerator " + vm.accelerator());
    facts.add("cpu options " + only(vm.cpuOptions(), MODELLED_CPU_OPTIONS));
    facts.add("vcpus " + vm.vcpus());
    facts.add("memory " + vm.ramSize() + " " + vm.ramSlots() + " " + vm.maxRamSize());
    facts.add("pflash " + vm.pflash() + ", only-migratable " + vm.onlyMigratable());
    for (GlobalProperty global : vm.globals()) {
      if (global.driver().endsWith("-pcihost") || OTHERS.contains(global.driver())) {
        facts.add("global " + global);
      }
    }
    for (DeviceConfig device : vm.devices()) {
      boolean controller = CONTROLLERS.contains(device.driver());
      if (controller && places
          || MEMORY.contains(device.driver())
          || OTHERS.contains(device.driver())
          || device.setting("failover").isPresent() && standbys) {
        facts.add(device(vm, device, controller, places));
      }
    }
    return facts;
  }

  private static Map<String, String> only(Map<String, String> all, Set<String> names) {
    Map<String, String> kept = new TreeMap<>(all);
    kept.keySet().retainAll(names);
    return kept;
  }

  private static String device(
      VmConfig vm, DeviceConfig device, boolean controller, boolean places) {
    Map<String, PropertyInput> settings = new TreeMap<>();
    for (PropertySetting setting : device.settings()) {
      boolean place = PLACE.contains(setting.name()) && !device.driver().endsWith("dimm");
      boolean compared =
          (!controller || setting.name().equals("bus_nr"))
              && !HOST_OR_NUMA.contains(setting.name());
      if (place ? places : compared) {
        settings.put(setting.name(), setting.value());
      }
    }
    String backend = "";
    if (MEMORY.contains(device.driver())) {
      ObjectConfig object =
          Objects.requireNonNull(vm.objects().get(device.setting("memdev").orElseThrow()));
      backend = " of " + object.properties().get("size");
    } else if (device.driver().startsWith("ivshmem")) {
      settings.keySet().retainAll(PLACE);
    }
    return device.driver()
        + " "
        + device.id()
        + " on "
        + (places ? device.bus() : "")
        + settings
        + backend;
  }

  private static LibvirtDomain read(String file) throws Exception {
    return LibvirtDomain.parse(file, Resources.text("/libvirt/" + file));
  }

  private static VmConfig libvirts(String name) throws Exception {
    return QemuCommandLine.parse(name + ".args", Resources.text("/libvirt/" + name + ".args"));
  }

  /** Domains that leave out what libvirt fills in; see the README beside them. */
  static Stream<String> domainsThatLeaveOut() throws Exception {
    List<String> names = new ArrayList<>();
    for (String folder : List.of("/libvirt-11.3", "/libvirt-documented")) {
      URL found = Objects.requireNonNull(RecordedDomainsTest.class.getResource(folder));
      try (Stream<Path> files = Files.list(Path.of(found.toURI()))) {
        files
            .map(file -> folder + "/" + file.getFileName())
            .filter(name -> name.endsWith(".xml"))
            .map(name -> name.substring(0, name.length() - ".xml".length()))
            .sorted()
            .forEach(names::add);
      }
    }
    assertThat(names).hasSizeGreaterThan(60);
    return names.stream();
  }

  @ParameterizedTest
  @MethodSource("domainsThatLeaveOut")
  void whatIsLeftOutIsWhatLibvirtFillsIn(String name) throws Exception {
    VmConfig libvirts = QemuCommandLine.parse(name + ".args", Resources.text(name + ".args"));
    LibvirtDomain domain = LibvirtDomain.parse(name + ".xml", Resources.text(name + ".xml"));
    VmConfig vm = domain.completed().map(LibvirtDomain.Completed::vm).orElse(domain.vm());

    // domxml-to-native makes a plain network device of the side that stays during a migration
    boolean standbys = name.startsWith("/libvirt-documented/");
    List<String> expected = modelled(libvirts, true, standbys);
    List<String> read = modelled(vm, true, standbys);
    if (vm.machineType().equals("q35") || vm.machineType().equals("pc")) {
      // libvirt puts the newest version of its QEMU in, which the XML cannot know
      assertThat(libvirts.machineType()).startsWith(vm.isQ35() ? "pc-q35-" : "pc-i440fx-");
      expected.remove(0);
      read.remove(0);
    }
    assertThat(read).isEqualTo(expected);
    assertThat(vm.cpuModel().orElse("qemu64")).isEqualTo(libvirts.cpuModel().orElse("qemu64"));
    assertThat(vm.unknownOptions()).isEqualTo(libvirts.unknownOptions());
    for (QemuProfile profile : QemuProfile.values()) {
      assertThat(vm.memory().plan(vm, profile, HostFacts.CAPABLE))
          .isEqualTo(libvirts.memory().plan(libvirts, profile, HostFacts.CAPABLE));
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "cloudstack",
        "dimms",
        "i440fx-hostdev",
        "kubevirt",
        "many-vcpus",
        "mdev",
        "memory-devices",
        "openstack",
        "ovirt",
        "q35-intel-iommu",
        "qemu-commandline",
        "qemu-override",
        "root-ports",
        "tcg",
        "teaming",
        "uefi",
        "virtio-iommu",
        "virtio-mem"
      })
  void isTheVmThatLibvirtStarts(String name) throws Exception {
    VmConfig libvirts = libvirts(name);
    LibvirtDomain stored = read(name + ".stored");
    LibvirtDomain defined = read(name + ".xml");

    assertThat(modelled(stored.vm(), true)).isEqualTo(modelled(libvirts, true));
    assertThat(modelled(defined.vm(), false)).isEqualTo(modelled(libvirts, false));
    assertThat(stored.vm().unknownOptions()).isEqualTo(libvirts.unknownOptions());
    if (!HOST_MODEL.contains(name)) {
      assertThat(stored.vm().cpuModel().orElse("qemu64"))
          .isEqualTo(libvirts.cpuModel().orElse("qemu64"));
      assertThat(stored.notes()).isEmpty();
      for (QemuProfile profile : QemuProfile.values()) {
        assertThat(stored.vm().memory().plan(stored.vm(), profile, HostFacts.CAPABLE))
            .isEqualTo(libvirts.memory().plan(libvirts, profile, HostFacts.CAPABLE));
      }
    }
  }

  @Test
  void notesSayWhatLibvirtWouldChoose() throws Exception {
    assertThat(read("teaming.stored").notes())
        .singleElement()
        .asString()
        .startsWith("teaming.stored:14: CPU mode host-model");
    assertThat(read("q35-intel-iommu.xml").notes())
        .singleElement()
        .asString()
        .contains("Without a PCI address: hostdev0, hostdev1;");
  }
}
