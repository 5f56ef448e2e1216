package io.github.stopcopy.vfiopci.device;

import io.github.stopcopy.core.address.ByteSize;
import io.github.stopcopy.core.address.PciAddress;
import io.github.stopcopy.core.error.Errno;
import io.github.stopcopy.core.error.QemuError;
import io.github.stopcopy.core.error.Result;
import io.github.stopcopy.core.event.MessageEvent;
import io.github.stopcopy.core.event.ModelEvent;
import io.github.stopcopy.core.host.HostContainer;
import io.github.stopcopy.core.host.HostDevice;
import io.github.stopcopy.core.host.HostFacts;
import io.github.stopcopy.core.host.HostFactsBuilder;
import io.github.stopcopy.core.memory.AddressSpace;
import io.github.stopcopy.core.memory.GuestMemory;
import io.github.stopcopy.core.memory.IommuModel;
import io.github.stopcopy.core.memory.MemoryRegion;
import io.github.stopcopy.core.migration.MigrationStatus;
import io.github.stopcopy.core.profile.QemuProfile;
import io.github.stopcopy.core.property.PropertySetting;
import io.github.stopcopy.core.property.PropertyValues;
import io.github.stopcopy.vfiopci.DmaMapping;
import io.github.stopcopy.vfiopci.VfioPolicy;
import io.github.stopcopy.vfiopci.devicetype.VfioPciProvider;
import io.github.stopcopy.vfiopci.kernel.SimulatedKernel;
import io.github.stopcopy.vfiopci.kernel.VfioKernel;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/** A VM made by hand: real memory, a host as the test says, and all that is printed or recorded. */
final class TestVm {

  static final long GIB = 1L << 30;
  static final String A = "0000:01:00.0";
  static final String B = "0000:02:00.0";
  static final String C = "0000:03:00.0";

  /** Where the migration stands, and what VFIO did to its stream. */
  static final class Migration implements MigrationControl {
    MigrationStatus status = MigrationStatus.NONE;
    final List<Errno> marks = new ArrayList<>();
    final List<QemuError> objects = new ArrayList<>();

    @Override
    public MigrationStatus status() {
      return status;
    }

    @Override
    public void setStreamError(Errno errno) {
      marks.add(errno);
    }

    @Override
    public void setStreamError(QemuError error) {
      objects.add(error);
    }
  }

  final QemuProfile profile;
  final GuestMemory memory = new GuestMemory(false, true);
  final MemoryRegion.Container root = memory.container("system", ByteSize.WHOLE_SPACE);
  final AddressSpace system = memory.addressSpace("memory", root);
  final Migration migration = new Migration();
  final List<ModelEvent> events = new ArrayList<>();
  final VfioSubsystem vfio;
  private final HostFacts host;

  private TestVm(
      QemuProfile profile,
      HostFacts host,
      VfioKernel kernel,
      boolean barsKnown,
      VfioPolicy policy) {
    this.profile = profile;
    this.host = host;
    this.vfio =
        new VfioSubsystem(
            VfioBehaviour.of(profile),
            memory,
            system,
            kernel,
            host.pageSize(),
            migration,
            events::add,
            new VfioOptions(barsKnown, false, policy));
  }

  static TestVm of(QemuProfile profile) {
    return of(profile, HostFacts.CAPABLE);
  }

  static TestVm of(QemuProfile profile, HostFacts host) {
    return new TestVm(profile, host, new SimulatedKernel(host), true, VfioPolicy.EXACT);
  }

  static TestVm of(QemuProfile profile, HostFacts host, VfioPolicy policy) {
    return new TestVm(profile, host, new SimulatedKernel(host), true, policy);
  }

  static TestVm of(QemuProfile profile, HostFacts host, VfioKernel kernel) {
    return new TestVm(profile, host, kernel, true, VfioPolicy.EXACT);
  }

  /** A VM without memory dump, so that nobody knows where BARs are. */
  static TestVm withoutDump(QemuProfile profile, HostFacts host) {
    return new TestVm(profile, host, new SimulatedKernel(host), false, VfioPolicy.EXACT);
  }

  static HostFacts host(HostContainer container) {
    return HostFacts.builder().container(container).build();
  }

  static HostFacts host(HostContainer container, String name, HostDevice device) {
    return host(container, Map.of(name, device));
  }

  static HostFacts host(HostContainer container, Map<String, HostDevice> devices) {
    HostFactsBuilder host = HostFacts.builder().container(container);
    devices.forEach(host::device);
    return host.build();
  }

  /** Properties of vfio-pci, given as {@code name=value}. */
  PropertyValues values(String... settings) {
    return ok(new VfioPciProvider().properties(profile).read(settings(settings)));
  }

  static List<PropertySetting> settings(String... settings) {
    return Stream.of(settings).map(PropertySetting::parse).toList();
  }

  VfioPciDevice device(String name, String... settings) {
    List<String> all = new ArrayList<>(List.of(settings));
    all.add("host=" + name);
    return ok(create(all.toArray(String[]::new)));
  }

  Result<VfioPciDevice> create(String... settings) {
    PropertyValues values = values(settings);
    return VfioPciDevice.create(
        vfio,
        Optional.empty(),
        new PciAddress("pcie.0", 5, 0),
        values,
        host.device(VfioPciDevice.nameOf(values).orElse("")));
  }

  /** A device in system memory, with its migration object. */
  VfioPciDevice attach(String name, String... settings) {
    return attachTo(system, name, settings);
  }

  VfioPciDevice attachTo(AddressSpace space, String name, String... settings) {
    VfioPciDevice device = device(name, settings);
    Optional<AttachFailure> refused = device.attach(space);
    if (refused.isPresent()) {
      throw new AssertionError(refused.get().text());
    }
    device.openMigration();
    return device;
  }

  MemoryRegion.Ram ram(String name, long address, long size) {
    MemoryRegion.Ram ram = memory.ram(name, ByteSize.of(size));
    root.add(address, ram);
    return ram;
  }

  MemoryRegion.Rom rom(String name, long address, long size) {
    MemoryRegion.Rom rom = memory.rom(name, ByteSize.of(size));
    root.add(address, rom, 1);
    return rom;
  }

  MemoryRegion.RamDevice bar(String owner, long address, long size) {
    MemoryRegion.RamDevice bar = memory.ramDevice(owner + " BAR 0 mmaps[0]", ByteSize.of(size));
    bar.setOwner(owner);
    root.add(address, bar, 1);
    return bar;
  }

  /** The address space of a device behind a vIOMMU: the whole of it is translated. */
  AddressSpace translated(String name, IommuModel model) {
    return memory.addressSpace(name, memory.iommu(name, ByteSize.WHOLE_SPACE, model));
  }

  List<String> errors() {
    return messages(MessageEvent.Severity.ERROR);
  }

  List<String> warnings() {
    return messages(MessageEvent.Severity.WARNING);
  }

  private List<String> messages(MessageEvent.Severity severity) {
    List<String> texts = new ArrayList<>();
    for (ModelEvent event : events) {
      if (event instanceof MessageEvent message && message.severity() == severity) {
        texts.add(message.text());
      }
    }
    return texts;
  }

  /** Everything that happened, without the sections that reached the listener. */
  List<String> story() {
    List<String> lines = new ArrayList<>();
    for (ModelEvent event : events) {
      String line = event.describe();
      if (!line.contains(": region_")) {
        lines.add(line);
      }
    }
    return lines;
  }

  /**
   * The mappings of a container as {@code first-last}, with {@code ro} where they are read-only.
   */
  static List<String> mapped(MappedContainer container) {
    List<String> rows = new ArrayList<>();
    for (DmaMapping mapping : container.mappings()) {
      rows.add(
          Long.toHexString(mapping.iova())
              + "-"
              + Long.toHexString(mapping.iova() + mapping.size() - 1)
              + (mapping.readonly() ? " ro" : ""));
    }
    return rows;
  }

  List<String> mapped() {
    return mapped(vfio.containers().get(0));
  }

  static <T> T ok(Result<T> result) {
    if (result instanceof Result.Ok<T> ok) {
      return ok.value();
    }
    throw new AssertionError(((Result.Failed<T>) result).error().text());
  }

  static <T> QemuError failed(Result<T> result) {
    if (result instanceof Result.Failed<T> failed) {
      return failed.error();
    }
    throw new AssertionError("it worked");
  }
}
