package io.github.stopcopy.migration.vm;

import io.github.stopcopy.core.address.AddressRange;
import io.github.stopcopy.core.address.ByteSize;
import io.github.stopcopy.core.address.U64;
import io.github.stopcopy.core.config.DeviceConfig;
import io.github.stopcopy.core.config.MemoryPlan;
import io.github.stopcopy.core.config.ObjectConfig;
import io.github.stopcopy.core.config.VmConfig;
import io.github.stopcopy.core.error.InputException;
import io.github.stopcopy.core.error.QemuError;
import io.github.stopcopy.core.memory.GuestMemory;
import io.github.stopcopy.core.memory.MemoryMap;
import io.github.stopcopy.core.memory.MemoryRegion;
import io.github.stopcopy.core.property.PropertyType;
import io.github.stopcopy.core.property.SizeText;
import java.util.BitSet;
import java.util.HashSet;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** DIMMs and virtio-mem: memory that devices bring (R-OBS-18, R-OBS-123 .. R-OBS-125). */
final class MemoryDevices {

  private static final Set<String> DIMMS = Set.of("pc-dimm", "nvdimm", "virtio-pmem-pci");

  /** Those that take one of {@code -m slots=}. */
  private static final Set<String> SLOTTED = Set.of("pc-dimm", "nvdimm");

  private static final String SHARED = "ivshmem-plain";
  private static final String VIRTIO_MEM = "virtio-mem-pci";

  /** What shows memory in a 64-bit BAR. */
  private static final Set<String> WITH_MEMORY_BAR =
      Set.of(SHARED, "ivshmem-doorbell", "pci-testdev");

  /** Four times the slots that QEMU can have. */
  private static final int MOST = 1024;

  private static final long ALIGNMENT = 2L << 20;
  private static final long DEFAULT_BLOCK = 2L << 20;

  private final VmConfig vm;
  private final GuestMemory memory;
  private final MemoryMap map;
  private final MemoryPlan plan;
  private final NavigableMap<Long, Plugged> plugged = new TreeMap<>(U64::compare);
  private final BitSet slots = new BitSet();
  private final Set<String> busyBackends = new HashSet<>(4);
  private long used;

  /** A memory device, where it is, and how many there were before it. */
  private record Plugged(String id, AddressRange range, int age) {}

  MemoryDevices(VmConfig vm, GuestMemory memory, MemoryMap map, MemoryPlan plan) {
    this.vm = vm;
    this.memory = memory;
    this.map = map;
    this.plan = plan;
    Optional.ofNullable(vm.machineOptions().get("memory-backend")).ifPresent(busyBackends::add);
  }

  /** Whether a device brings memory. */
  static boolean isMemoryDevice(String driver) {
    return DIMMS.contains(driver) || driver.equals(VIRTIO_MEM);
  }

  /** Whether a device of the command line that is no VFIO device shows memory in a 64-bit BAR. */
  static boolean areMemoryBarsIn(VmConfig vm) {
    return vm.devices().stream().anyMatch(device -> hasMemoryBar(device.driver()));
  }

  /** Whether a device of this type shows memory in a 64-bit BAR. */
  static boolean hasMemoryBar(String driver) {
    return WITH_MEMORY_BAR.contains(driver);
  }

  /** Whether a device shows the memory of an object to the guest and to other VMs. */
  static boolean isShared(DeviceConfig device) {
    return device.driver().equals(SHARED);
  }

  /** Takes the object of such a device, or says why QEMU does not (R-OBS-171). */
  private Optional<QemuError> share(DeviceConfig device) {
    String backend = device.setting("memdev").orElse("");
    if (backend.isEmpty()) {
      return refused("You must specify a 'memdev'");
    }
    return busyBackends.add(backend)
        ? Optional.empty()
        : refused("can't use already busy memdev: " + backend);
  }

  /**
   * Realizes a device of the command line or of {@code device_add}.
   *
   * @return why QEMU refuses it (R-OBS-123 .. R-OBS-125), its backend too, if that is there at all
   */
  Optional<QemuError> realize(DeviceConfig device) throws InputException {
    if (isShared(device)) {
      return share(device);
    }
    if (device.driver().equals("nvdimm") && !machineOption("nvdimm")) {
      return refused("nvdimm is not enabled: missing 'nvdimm' in '-M'");
    }
    boolean dimm = SLOTTED.contains(device.driver());
    OptionalInt slot = dimm ? slot(device) : OptionalInt.empty();
    if (dimm && refusesSlot(slot).isPresent()) {
      return refusesSlot(slot);
    }
    String backend = device.setting("memdev").orElse("");
    ObjectConfig object = vm.objects().get(backend);
    if (object == null) {
      return refused("'memdev' property must be set");
    }
    if (busyBackends.contains(backend)) {
      return refused(
          dimm
              ? "can't use already busy memdev: " + backend
              : "'memdev' property specifies a busy memdev: " + backend);
    }
    long size = size(object.properties().get("size"), "size of object '" + backend + "'");
    String given = device.driver().equals(VIRTIO_MEM) ? "memaddr" : "addr";
    Optional<Long> at = Optional.empty();
    if (!device.driver().equals("virtio-pmem-pci") && device.setting(given).isPresent()) {
      at = Optional.of(address(device.setting(given).get(), given));
    }
    MemoryRegion.Ram region = memory.ram(backend, ByteSize.of(size));
    if (device.driver().equals(VIRTIO_MEM)) {
      Optional<String> block = device.setting("block-size");
      region.setDiscardManager(
          new UnpluggedRam(block.isPresent() ? size(block.get(), "block-size") : DEFAULT_BLOCK));
    }
    Optional<QemuError> refused = place(device.id().orElse(backend), region, at, dimm, slot);
    if (refused.isEmpty()) {
      busyBackends.add(backend);
    }
    return refused;
  }

  private boolean machineOption(String name) {
    return PropertyType.Bool.parse(vm.machineOptions().getOrDefault(name, "off")).orElse(false);
  }

  /** The slot that a DIMM asks for; none is asked for by leaving it out, or by -1. */
  private static OptionalInt slot(DeviceConfig device) throws InputException {
    Optional<String> given = device.setting("slot");
    if (given.isEmpty() || given.get().equals("-1")) {
      return OptionalInt.empty();
    }
    try {
      return OptionalInt.of(Integer.decode(given.get()));
    } catch (NumberFormatException e) {
      throw InputException.of("slot is '" + given.get() + "', expected a whole number");
    }
  }

  /**
   * Plugs a DIMM into the running VM.
   *
   * @return why QEMU refuses it (R-OBS-123 .. R-OBS-125)
   */
  Optional<QemuError> addDimm(String id, long size, Optional<Long> at) throws InputException {
    if (size == 0) {
      throw InputException.of("size of '" + id + "' is 0, expected at least one page");
    }
    Optional<QemuError> refused = refusesSlot(OptionalInt.empty());
    return refused.isPresent()
        ? refused
        : place(id, memory.ram(id, ByteSize.of(size)), at, true, OptionalInt.empty());
  }

  private Optional<QemuError> refusesSlot(OptionalInt wanted) {
    int all = vm.ramSlots();
    if (all == 0) {
      return refused("no slots where allocated, please specify the 'slots' option");
    }
    if (wanted.isEmpty()) {
      return slots.cardinality() < all ? Optional.empty() : refused("no free slots available");
    }
    int slot = wanted.getAsInt();
    if (slot < 0 || slot >= all) {
      return refused("invalid slot number " + slot + ", valid range is [0-" + (all - 1) + "]");
    }
    return slots.get(slot) ? refused("slot " + slot + " is busy") : Optional.empty();
  }

  /** Checks a place and takes it, in QEMU's order. */
  private Optional<QemuError> place(
      String id, MemoryRegion.Ram region, Optional<Long> at, boolean dimm, OptionalInt slot)
      throws InputException {
    ByteSize size = region.size();
    long total = U64.less(vm.ramSize(), vm.maxRamSize()) ? vm.maxRamSize() - vm.ramSize() : 0;
    if (size.wholeSpace() || U64.less(total - used, size.lowBits())) {
      return refused(
          "not enough space, currently "
              + U64.hex(used)
              + " in use of total space for memory devices "
              + U64.hex(total));
    }
    if (dimm && size.lowBits() % ALIGNMENT != 0) {
      return refused("backend memory size must be multiple of " + U64.hex(ALIGNMENT));
    }
    if (dimm && at.isPresent() && Long.remainderUnsigned(at.get(), ALIGNMENT) != 0) {
      return refused("address must be aligned to " + U64.hex(ALIGNMENT) + " bytes");
    }
    long address = at.isPresent() ? at.get() : firstGap(size);
    if (!fits(address, size)) {
      if (at.isEmpty()) {
        throw InputException.of("'" + id + "' fits into no gap between the memory devices");
      }
      return refused(
          "can't add memory device "
              + window(address, size.lowBits())
              + ", usable range for memory devices "
              + window(plan.deviceMemoryBase(), plan.deviceMemorySize()));
    }
    AddressRange range = AddressRange.ofSize(address, size);
    Optional<Plugged> other = conflict(range);
    if (other.isPresent()) {
      return refused("address range conflicts with memory device id='" + other.get().id() + "'");
    }
    if (plugged.size() == MOST) {
      throw InputException.of(
          "'" + id + "' is memory device " + (MOST + 1) + ", expected at most " + MOST);
    }
    plugged.put(address, new Plugged(id, range, plugged.size()));
    if (dimm) {
      slots.set(slot.orElse(slots.nextClearBit(0)));
    }
    used += size.lowBits();
    map.place(region, address);
    return Optional.empty();
  }

  /** First address and size, as QEMU writes them. */
  private static String window(long first, long size) {
    return "[" + U64.hex(first) + ":" + U64.hex(size) + "]";
  }

  private static Optional<QemuError> refused(String text) {
    return Optional.of(QemuError.of(text));
  }

  /** The lowest aligned address behind which nothing is in the way, or one that does not fit. */
  private long firstGap(ByteSize size) {
    long address = plan.deviceMemoryBase();
    for (Plugged other : plugged.values()) {
      if (!fits(address, size)) {
        return address;
      }
      if (other.range().overlaps(AddressRange.ofSize(address, size))) {
        long last = other.range().last();
        address = U64.alignUp(U64.addSaturated(last, 1), ALIGNMENT);
        if (U64.lessOrEqual(address, last)) {
          return U64.MAX;
        }
      }
    }
    return address;
  }

  /** The one plugged first of those in the way, as QEMU names it. */
  private Optional<Plugged> conflict(AddressRange range) {
    Plugged first = null;
    for (Plugged other : plugged.headMap(range.last(), true).descendingMap().values()) {
      if (!other.range().overlaps(range)) {
        break;
      }
      if (first == null || other.age() < first.age()) {
        first = other;
      }
    }
    return Optional.ofNullable(first);
  }

  private boolean fits(long address, ByteSize size) {
    return U64.lessOrEqual(plan.deviceMemoryBase(), address)
        && U64.less(address - plan.deviceMemoryBase(), plan.deviceMemorySize())
        && U64.less(
            size.lastOffset(), plan.deviceMemorySize() - (address - plan.deviceMemoryBase()))
        && !U64.addOverflows(address, size.lastOffset());
  }

  private static long size(@Nullable String text, String what) throws InputException {
    Optional<Long> size = text == null ? Optional.empty() : SizeText.parse(text, 'B');
    if (size.isEmpty() || size.get() == 0) {
      throw InputException.of(what + " is '" + text + "', expected a size such as 1G");
    }
    return size.get();
  }

  private static long address(String text, String what) throws InputException {
    try {
      return U64.parse(text);
    } catch (NumberFormatException wrong) {
      throw InputException.of(what + ": " + wrong.getMessage());
    }
  }
}
