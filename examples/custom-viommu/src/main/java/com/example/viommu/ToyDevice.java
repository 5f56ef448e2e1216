package com.example.viommu;

import io.github.stopcopy.core.address.ByteSize;
import io.github.stopcopy.core.address.PciAddress;
import io.github.stopcopy.core.address.U64;
import io.github.stopcopy.core.error.QemuError;
import io.github.stopcopy.core.memory.AddressSpace;
import io.github.stopcopy.core.memory.GuestMemory;
import io.github.stopcopy.core.memory.IommuAccess;
import io.github.stopcopy.core.memory.IommuModel;
import io.github.stopcopy.core.memory.IommuNotifier;
import io.github.stopcopy.core.memory.IotlbEntry;
import io.github.stopcopy.core.memory.IotlbEvent;
import io.github.stopcopy.core.memory.MemoryRegion;
import io.github.stopcopy.core.memory.NotifierFlags;
import io.github.stopcopy.core.spi.ActionResult;
import io.github.stopcopy.core.spi.GuestAction.ContextMode;
import io.github.stopcopy.core.spi.MachineFacts;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * What one device sees: system memory, or an IOMMU region while it is translated for. It holds the
 * guest's page table twice: as it was written, and as it was when the vIOMMU last looked, which is
 * what it told of.
 */
final class ToyDevice implements IommuModel {

  private static final long PAGE = 4096;
  private static final int MOST_PAGES = 1 << 16;
  private static final ActionResult DONE = new ActionResult.Done();

  private final MachineFacts machine;
  private final MemoryRegion.Iommu translated;
  private final MemoryRegion untranslated;
  private final AddressSpace space;
  private final NavigableMap<Long, Long> written = new TreeMap<>();
  private final NavigableMap<Long, Long> told = new TreeMap<>();
  private ContextMode mode = ContextMode.ABSENT;

  ToyDevice(PciAddress device, MachineFacts machine) {
    this.machine = machine;
    GuestMemory memory = machine.memory();
    MemoryRegion system = machine.system().root();
    String name = "toy-" + device.slotAndFunction();
    MemoryRegion root = memory.container(name, ByteSize.WHOLE_SPACE);
    translated = memory.iommu(name + "-iommu", ByteSize.WHOLE_SPACE, this);
    untranslated = memory.alias(name + "-system", system, 0, system.size());
    memory.transaction(() -> {
      translated.setEnabled(false);
      root.add(0, translated);
      root.add(0, untranslated);
    });
    space = memory.addressSpace(name, root);
  }

  AddressSpace addressSpace() {
    return space;
  }

  /** Writes how the device is treated. */
  void write(ContextMode mode) {
    this.mode = mode;
  }

  /** Writes page table entries. */
  ActionResult map(long iova, long guestAddress, int pages) {
    if (!fits(iova, pages) || !fits(guestAddress, pages)) {
      return unfit();
    }
    for (int i = 0; i < pages; i++) {
      written.put(iova + i * PAGE, guestAddress + i * PAGE);
    }
    return DONE;
  }

  /** Clears page table entries. */
  ActionResult unmap(long iova, int pages) {
    if (!fits(iova, pages)) {
      return unfit();
    }
    written.subMap(iova, iova + pages * PAGE).clear();
    return DONE;
  }

  private static boolean fits(long address, int pages) {
    return pages > 0
        && pages <= MOST_PAGES
        && address % PAGE == 0
        && U64.lessOrEqual(address, (1L << ToyIommu.ADDRESS_BITS) - pages * PAGE);
  }

  private static ActionResult unfit() {
    return new ActionResult.Unsupported(
        "expected 1 to " + MOST_PAGES + " whole pages below 2^" + ToyIommu.ADDRESS_BITS);
  }

  /**
   * Looks at what the guest wrote: tells of what changed, then shows the region that it calls for.
   */
  void takeUp(boolean on) {
    TreeSet<Long> either = new TreeSet<>(told.keySet());
    either.addAll(written.keySet());
    for (long iova : either) {
      Long before = told.get(iova);
      Long after = written.get(iova);
      if (before != null && !before.equals(after)) {
        told.remove(iova);
        translated.notifyAll(
            new IotlbEvent(IotlbEvent.Type.UNMAP, entry(iova, 0, IommuAccess.NONE)));
      }
      if (after != null && !after.equals(before)) {
        told.put(iova, after);
        translated.notifyAll(
            new IotlbEvent(IotlbEvent.Type.MAP, entry(iova, after, IommuAccess.READ_WRITE)));
      }
    }
    boolean translates = on && mode == ContextMode.TRANSLATE;
    untranslated.setEnabled(!translates);
    translated.setEnabled(translates);
  }

  @Override
  public Optional<IotlbEntry> translate(long iova, IommuAccess access) {
    long page = U64.alignDown(iova, PAGE);
    return Optional.ofNullable(told.get(page))
        .map(target -> entry(page, target, IommuAccess.READ_WRITE));
  }

  @Override
  public void replay(IommuNotifier notifier) {
    told.forEach((iova, target) -> {
      if (U64.lessOrEqual(notifier.start(), iova)
          && U64.lessOrEqual(iova + PAGE - 1, notifier.end())) {
        notifier.deliver(
            new IotlbEvent(IotlbEvent.Type.MAP, entry(iova, target, IommuAccess.READ_WRITE)));
      }
    });
  }

  @Override
  public Optional<QemuError> notifierFlagsChanged(NotifierFlags before, NotifierFlags after) {
    return after.deviceIotlbUnmap()
        ? Optional.of(QemuError.of("toy-iommu knows no caches of devices"))
        : Optional.empty();
  }

  private IotlbEntry entry(long iova, long target, IommuAccess access) {
    return new IotlbEntry(machine.system(), iova, target, PAGE - 1, access);
  }
}
