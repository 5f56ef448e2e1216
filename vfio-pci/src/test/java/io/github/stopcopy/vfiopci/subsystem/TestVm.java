package io.github.stopcopy.vfiopci.subsystem;

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
import io.github.stopcopy.vfiopci.VfioContainer;
import io.github.stopcopy.vfiopci.VfioPolicy;
import io.github.stopcopy.vfiopci.device.VfioPciDevice;
import io.github.stopcopy.vfiopci.devicetype.VfioPciProvider;
import io.github.stopcopy.vfiopci.environment.MigrationControl;
import io.github.stopcopy.vfiopci.environment.QemuEnd;
import io.github.stopcopy.vfiopci.environment.VfioBehaviour;
import io.github.stopcopy.vfiopci.environment.VfioEnvironment;
import io.github.stopcopy.vfiopci.environment.VfioOptions;
import io.github.stopcopy.vfiopci.kernel.SimulatedKernel;
import io.github.stopcopy.vfiopci.kernel.VfioKernel;
import io.github.stopcopy.vfiopci.mapping.MappedContainer;
import io.github.stopcopy.vfiopci.tracking.DirtyTracking;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/** A VM made by hand: real memory, a host as the test says, and all that is printed or recorded. */
public final class TestVm {

  public static final long GIB = 1L << 30;
  public static final String A = "0000:01:00.0";
  public static final String B = "0000:02:00.0";
  public static final String C = "0000:03:00.0";

  /** Where the migration stands, and what VFIO did to its stream. */
  public static final class Migration implements MigrationControl {
    public MigrationStatus status = MigrationStatus.NONE;
    public final List<Errno> marks = new ArrayList<>();
    public final List<QemuError> objects = new ArrayList<>();

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

  public final QemuProfile profile;
  public final GuestMemory memory = new GuestMemory(false, true);
  public final MemoryRegion.Container root = memory.container("system", ByteSize.WHOLE_SPACE);
  public final AddressSpace system = memory.addressSpace("memory", root);
  public final Migration migration = new Migration();
  public final List<ModelEvent> events = new ArrayList<>();
  public final VfioSubsystem vfio;
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
            new VfioEnvironment(
                memory,
                system,
                host.pageSize(),
                VfioBehaviour.of(profile),
                new VfioOptions(barsKnown, false, policy),
                migration,
                events::add,
                new QemuEnd()),
            kernel);
  }

  public static TestVm of(QemuProfile profile) {
    return of(profile, HostFacts.CAPABLE);
  }

  public static TestVm of(QemuProfile profile, HostFacts host) {
    return new TestVm(profile, host, new SimulatedKernel(host), true, VfioPolicy.EXACT);
  }

  public static TestVm of(QemuProfile profile, HostFacts host, VfioPolicy policy) {
    return new TestVm(profile, host, new SimulatedKernel(host), true, policy);
  }

  public static TestVm of(QemuProfile profile, HostFacts host, VfioKernel kernel) {
    return new TestVm(profile, host, kernel, true, VfioPolicy.EXACT);
  }

  /** A VM without memory dump, so that nobody knows where BARs are. */
  public static TestVm withoutDump(QemuProfile profile, HostFacts host) {
    return new TestVm(profile, host, new SimulatedKernel(host), false, VfioPolicy.EXACT);
  }

  public static HostFacts host(HostContainer container) {
    return HostFacts.builder().container(container).build();
  }

  public static HostFacts host(HostContainer container, String name, HostDevice device) {
    return host(container, Map.of(name, device));
  }

  public static HostFacts host(HostContainer container, Map<String, HostDevice> devices) {
    HostFactsBuilder host = HostFacts.builder().container(container);
    devices.forEach(host::device);
    return host.build();
  }

  /** Properties of vfio-pci, given as {@code name=value}. */
  public PropertyValues values(String... settings) {
    return ok(new VfioPciProvider().properties(profile).read(settings(settings)));
  }

  public static List<PropertySetting> settings(String... settings) {
    return Stream.of(settings).map(PropertySetting::parse).toList();
  }

  public VfioPciDevice device(String name, String... settings) {
    List<String> all = new ArrayList<>(List.of(settings));
    all.add("host=" + name);
    return ok(create(all.toArray(String[]::new)));
  }

  public Result<VfioPciDevice> create(String... settings) {
    PropertyValues values = values(settings);
    return vfio.create(
        Optional.empty(),
        new PciAddress("pcie.0", 5, 0),
        values,
        host.device(VfioPciDevice.nameOf(values).orElse("")));
  }

  /** A device in system memory, with its migration object. */
  public VfioPciDevice attach(String name, String... settings) {
    return attachTo(system, name, settings);
  }

  public VfioPciDevice attachTo(AddressSpace space, String name, String... settings) {
    VfioPciDevice device = device(name, settings);
    Optional<AttachFailure> refused = vfio.attach(device, space);
    if (refused.isPresent()) {
      throw new AssertionError(refused.get().text());
    }
    device.openMigration();
    return device;
  }

  public MemoryRegion.Ram ram(String name, long address, long size) {
    MemoryRegion.Ram ram = memory.ram(name, ByteSize.of(size));
    root.add(address, ram);
    return ram;
  }

  public MemoryRegion.Rom rom(String name, long address, long size) {
    MemoryRegion.Rom rom = memory.rom(name, ByteSize.of(size));
    root.add(address, rom, 1);
    return rom;
  }

  public MemoryRegion.RamDevice bar(String owner, long address, long size) {
    MemoryRegion.RamDevice bar = memory.ramDevice(owner + " BAR 0 mmaps[0]", ByteSize.of(size));
    bar.setOwner(owner);
    root.add(address, bar, 1);
    return bar;
  }

  /** The address space of a device behind a vIOMMU: the whole of it is translated. */
  public AddressSpace translated(String name, IommuModel model) {
    return memory.addressSpace(name, memory.iommu(name, ByteSize.WHOLE_SPACE, model));
  }

  public List<String> errors() {
    return messages(MessageEvent.Severity.ERROR);
  }

  public List<String> warnings() {
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
  public List<String> story() {
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
  public static List<String> mapped(VfioContainer container) {
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

  /** What tracks for a container. */
  public static DirtyTracking tracking(VfioContainer container) {
    return ((AttachedContainer) container).tracking();
  }

  /** What tracks for the first container. */
  public DirtyTracking tracking() {
    return tracking(vfio.containers().get(0));
  }

  /** What maps for a container. */
  public static MappedContainer mapping(VfioContainer container) {
    return ((AttachedContainer) container).mapped();
  }

  public List<String> mapped() {
    return mapped(vfio.containers().get(0));
  }

  public static <T> T ok(Result<T> result) {
    if (result instanceof Result.Ok<T> ok) {
      return ok.value();
    }
    throw new AssertionError(((Result.Failed<T>) result).error().text());
  }

  public static <T> QemuError failed(Result<T> result) {
    if (result instanceof Result.Failed<T> failed) {
      return failed.error();
    }
    throw new AssertionError("it worked");
  }
}
