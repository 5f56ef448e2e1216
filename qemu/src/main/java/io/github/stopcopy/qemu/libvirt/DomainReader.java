package io.github.stopcopy.qemu.libvirt;

import io.github.stopcopy.core.config.MachineTypes;
import io.github.stopcopy.core.config.VmConfig;
import io.github.stopcopy.core.error.InputException;
import io.github.stopcopy.qemu.commandline.QemuCommandLine;
import io.github.stopcopy.qemu.machine.PcMemory;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Goes through one domain and makes the words that libvirt would start QEMU with. */
final class DomainReader {

  /** The size that libvirt gives shared memory without one; no answer depends on it. */
  private static final String SHARED_MEMORY = "4M";

  private static final int MOST_CPUS = 65535;

  /** Elements of a domain that libvirt has, whether or not they matter here. */
  private static final Set<String> OF_DOMAIN =
      Set.of(
          ("name uuid genid title description metadata iothreads iothreadids defaultiothread"
                  + " memory currentMemory maxMemory memoryBacking memtune numatune vcpu vcpus"
                  + " cputune blkiotune resource cpu os bootloader bootloader_args features clock"
                  + " on_poweroff on_reboot on_crash on_lockfailure pm perf idmap sysinfo"
                  + " throttlegroups launchSecurity seclabel keywrap devices")
              .split(" "));

  /** Devices that libvirt has, whether or not they matter here. */
  private static final Set<String> OF_DEVICES =
      Set.of(
          ("emulator disk controller lease filesystem interface input sound audio graphics video"
               + " hostdev redirdev redirfilter smartcard parallel serial console channel hub"
               + " watchdog memballoon rng nvram panic tpm shmem memory iommu vsock crypto pstore")
              .split(" "));

  private final String source;
  private final List<String> notes = new ArrayList<>();
  private final Arguments arguments = new Arguments();
  private @Nullable HostdevReader hostdevs;

  DomainReader(String source) {
    this.source = source;
  }

  LibvirtDomain read(XmlElement domain) throws InputException {
    VmConfig vm = vm(domain);
    XmlElement vcpu = domain.first("vcpu").orElse(domain);
    Completion completion =
        new Completion(domain, vcpu, MachineTypes.isQ35(vm.machineType()), vm.vcpus());
    Optional<XmlElement> other = completion.complete();
    Optional<LibvirtDomain.Completed> completed = Optional.empty();
    if (other.isPresent()) {
      VmConfig then = new DomainReader(source).vm(other.get());
      completed = Optional.of(new LibvirtDomain.Completed(then, vcpu.note(completion.what())));
    }
    return new LibvirtDomain(
        vm,
        notes,
        hostdevs().interfaces(),
        hostdevs().drivers(),
        completed,
        hostdevs().possible(),
        argv());
  }

  /** Libvirt names every device; without this word QEMU would add some of its own. */
  private List<String> argv() {
    List<String> argv = new ArrayList<>(arguments.words());
    argv.add("-nodefaults");
    return argv;
  }

  private HostdevReader hostdevs() {
    return Objects.requireNonNull(hostdevs);
  }

  /** Reads the VM alone. */
  private VmConfig vm(XmlElement domain) throws InputException {
    if (!domain.name().equals("domain") || !domain.namespace().isEmpty()) {
      throw InputException.at(
          source, domain.line(), "the root element is <" + domain.name() + ">, expected <domain>");
    }
    unknown(domain, OF_DOMAIN);
    XmlElement devices = devices(domain);
    unknown(devices, OF_DEVICES);
    String machine = machine(domain, devices);
    accelerator(domain);
    cpu(domain);
    PciPlaces places = new PciPlaces(devices, MachineTypes.isQ35(machine), notes);
    places.read();
    Overrides overrides = new Overrides(domain, notes);
    MemoryReader memory = new MemoryReader(domain, devices, places, notes);
    memory.size(arguments);
    vcpus(domain);
    hole(places, machine);
    devices(devices, places, memory, overrides);
    places.tell();
    overrides.tell();
    commandLine(domain);
    return QemuCommandLine.parseArgv(source, arguments.words(), arguments.lines());
  }

  /** The devices; libvirt reads those of every such element. */
  private XmlElement devices(XmlElement domain) {
    List<XmlElement> all = domain.all("devices");
    if (all.size() == 1) {
      return all.get(0);
    }
    int line = all.isEmpty() ? domain.line() : all.get(0).line();
    XmlElement joined = new XmlElement(source, "", "devices", line);
    all.forEach(part -> part.children().forEach(joined::child));
    return joined;
  }

  private void unknown(XmlElement parent, Set<String> known) {
    for (XmlElement child : parent.children()) {
      if (child.namespace().isEmpty() && !known.contains(child.name())) {
        notes.add(child.note("<" + child.name() + "> is not known and was left out."));
      }
    }
  }

  /** Makes {@code -machine} and answers the machine's name. */
  private String machine(XmlElement domain, XmlElement devices) throws InputException {
    XmlElement type =
        domain
            .first("os", "type")
            .orElseThrow(() -> domain.wrong("has no <os> with a <type>, expected one"));
    if (!type.text().equals("hvm")) {
      throw type.wrong("'" + type.text() + "' is not modelled, expected hvm");
    }
    String machine = type.optional("machine").orElse("pc");
    if (!PcMemory.models(machine)) {
      throw type.wrong("machine='" + machine + "' is not modelled, expected q35 or pc");
    }
    if (machine.equals("q35") || machine.equals("pc")) {
      notes.add(
          type.note(
              "Machine '"
                  + machine
                  + "' stands for the newest one; libvirt puts the newest of its"
                  + " QEMU in when it stores the domain."));
    }
    String value = machine;
    Optional<XmlElement> ioapic = domain.first("features", "ioapic");
    if (ioapic.isPresent() && ioapic.get().optional("driver").isPresent()) {
      boolean split = ioapic.get().flag("driver", "qemu", "kvm").orElseThrow();
      value += ",kernel-irqchip=" + (split ? "split" : "on");
    }
    if (devices.all("memory").stream().anyMatch(memory -> memory.has("model", "nvdimm"))) {
      value += ",nvdimm=on";
    }
    String flash = flash(domain) ? ",pflash0=libvirt-pflash0-format" : "";
    arguments.add("-machine", value + flash, type.line());
    return machine;
  }

  private static boolean flash(XmlElement domain) {
    Optional<XmlElement> loader = domain.first("os", "loader");
    if (loader.isPresent() && loader.get().optional("type").isPresent()) {
      return loader.get().has("type", "pflash");
    }
    return domain.first("os").filter(os -> os.has("firmware", "efi")).isPresent();
  }

  private void accelerator(XmlElement domain) throws InputException {
    boolean kvm = domain.flag("type", "kvm", "qemu").orElse(false);
    arguments.add("-accel", kvm ? "kvm" : "tcg", domain.line());
  }

  private void cpu(XmlElement domain) throws InputException {
    Optional<XmlElement> found = domain.first("cpu");
    if (found.isEmpty()) {
      return;
    }
    XmlElement cpu = found.get();
    Optional<XmlElement> named = cpu.first("model").filter(model -> !model.text().isEmpty());
    String model =
        switch (cpu.attributes().getOrDefault("mode", "custom")) {
          case "host-passthrough" -> "host";
          case "maximum" -> "max";
          case "host-model" -> "";
          case "custom" -> named.map(XmlElement::text).orElse("");
          default ->
              throw cpu.wrong(
                  "mode='"
                      + cpu.required("mode")
                      + "', expected custom, host-model, host-passthrough or maximum");
        };
    if (model.indexOf(',') >= 0) {
      throw cpu.wrong("a model with a comma in its name, expected a name");
    }
    if (cpu.has("mode", "host-model")) {
      notes.add(
          cpu.note(
              "CPU mode host-model: libvirt writes the host's model and features in when it starts"
                  + " the domain; its address width is taken as QEMU's default of 40 bits."));
    }
    StringBuilder value = new StringBuilder(model.isEmpty() ? "qemu64" : model);
    if (named.isPresent() && named.get().optional("vendor_id").isPresent()) {
      value.append(",vendor=").append(named.get().required("vendor_id").replace(",", ""));
    }
    Optional<XmlElement> width = cpu.first("maxphysaddr");
    if (width.isPresent()) {
      value.append(width(width.get()));
    }
    arguments.add("-cpu", value.toString(), cpu.line());
  }

  /** What {@code <maxphysaddr>} is to QEMU; libvirt takes bits only if emulated, else a limit. */
  private static String width(XmlElement width) throws InputException {
    width.required("mode");
    boolean emulated = width.flag("mode", "emulate", "passthrough").orElseThrow();
    String foreign = emulated ? "limit" : "bits";
    if (width.optional(foreign).isPresent()) {
      throw width.wrong(
          foreign
              + "= with mode='"
              + width.required("mode")
              + "', expected it with mode='"
              + (emulated ? "passthrough" : "emulate")
              + "' only");
    }
    if (emulated) {
      return width.optional("bits").isPresent()
          ? ",phys-bits=" + width.number("bits", 1, 64)
          : ",host-phys-bits=off";
    }
    return ",host-phys-bits=on"
        + (width.optional("limit").isPresent()
            ? ",host-phys-bits-limit=" + width.number("limit", 1, 64)
            : "");
  }

  private void vcpus(XmlElement domain) throws InputException {
    Optional<XmlElement> vcpu = domain.first("vcpu").filter(e -> !e.text().isEmpty());
    int most = vcpu.isPresent() ? vcpu.get().textNumber(1, MOST_CPUS) : 1;
    int line = vcpu.map(XmlElement::line).orElse(domain.line());
    int current =
        vcpu.isPresent() && vcpu.get().optional("current").isPresent()
            ? vcpu.get().number("current", 1, most)
            : most;
    arguments.add("-smp", current + ",maxcpus=" + most, line);
  }

  private void hole(PciPlaces places, String machine) throws InputException {
    Optional<XmlElement> hole = places.root().flatMap(root -> root.first("pcihole64"));
    if (hole.isPresent()) {
      String bridge = MachineTypes.isQ35(machine) ? "q35-pcihost" : "i440FX-pcihost";
      long size = hole.get().text().equals("0") ? 0 : hole.get().bytes();
      arguments.add("-global", bridge + ".pci-hole64-size=" + size / 1024 + "K", hole.get().line());
    }
  }

  /** In libvirt's order: the vIOMMU, controllers, memory devices, host devices, shared memory. */
  private void devices(
      XmlElement devices, PciPlaces places, MemoryReader memory, Overrides overrides)
      throws InputException {
    List<QemuDevice> iommus = new ArrayList<>();
    for (XmlElement iommu : devices.all("iommu")) {
      iommus.add(new IommuReader(places, notes).read(iommu));
    }
    HostdevReader reader = new HostdevReader(devices, places, notes);
    hostdevs = reader;
    List<QemuDevice> assigned = reader.read();
    List<QemuDevice> sharedMemory = sharedMemory(devices, places, arguments);
    Arguments later = new Arguments();
    memory.devices(later, overrides);
    for (QemuDevice iommu : iommus) {
      arguments.device(overrides.apply(iommu));
    }
    for (QemuDevice controller : places.controllers()) {
      arguments.device(overrides.apply(controller));
    }
    arguments.addAll(later);
    if (reader.wantsIommufd()) {
      arguments.object(QemuDevice.object(devices, "iommufd", "iommufd0"));
    }
    for (QemuDevice standby : reader.standbys()) {
      arguments.device(overrides.apply(standby));
    }
    for (QemuDevice hostdev : assigned) {
      arguments.device(overrides.apply(hostdev));
    }
    for (QemuDevice shmem : sharedMemory) {
      arguments.device(overrides.apply(shmem));
    }
  }

  /** Shared memory shows itself in a BAR, and so could be one that devices must track. */
  private static List<QemuDevice> sharedMemory(
      XmlElement devices, PciPlaces places, Arguments arguments) throws InputException {
    List<QemuDevice> read = new ArrayList<>();
    for (XmlElement shmem : devices.all("shmem")) {
      String model = shmem.first("model").flatMap(e -> e.optional("type")).orElse("ivshmem-plain");
      String id = Aliases.of(shmem).orElse("shmem" + read.size());
      QemuDevice device = QemuDevice.device(shmem, model, id);
      if (model.equals("ivshmem-plain")) {
        String backend = "shmmem-" + id;
        arguments.object(
            QemuDevice.object(shmem, "memory-backend-file", backend).with("size", SHARED_MEMORY));
        device.with("memdev", backend);
      }
      places.place(device, shmem);
      read.add(device);
    }
    return read;
  }

  /** Adds what {@code qemu:commandline} gives to QEMU behind all else. */
  private void commandLine(XmlElement domain) throws InputException {
    for (XmlElement part : domain.children()) {
      if (part.namespace().equals(Overrides.NAMESPACE) && part.name().equals("commandline")) {
        for (XmlElement arg : part.all("arg")) {
          arguments.add(arg.required("value"), arg.line());
        }
      }
    }
  }
}
