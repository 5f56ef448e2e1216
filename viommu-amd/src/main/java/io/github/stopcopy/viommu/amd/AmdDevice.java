package io.github.stopcopy.viommu.amd;

import io.github.stopcopy.core.address.AddressRange;
import io.github.stopcopy.core.address.ByteSize;
import io.github.stopcopy.core.address.PciAddress;
import io.github.stopcopy.core.address.U64;
import io.github.stopcopy.core.error.Errno;
import io.github.stopcopy.core.error.QemuError;
import io.github.stopcopy.core.iova.IovaMap;
import io.github.stopcopy.core.memory.AddressSpace;
import io.github.stopcopy.core.memory.GuestMemory;
import io.github.stopcopy.core.memory.IommuAccess;
import io.github.stopcopy.core.memory.IommuModel;
import io.github.stopcopy.core.memory.IommuNotifier;
import io.github.stopcopy.core.memory.IotlbEntry;
import io.github.stopcopy.core.memory.IotlbEvent;
import io.github.stopcopy.core.memory.IotlbRun;
import io.github.stopcopy.core.memory.MemoryRegion;
import io.github.stopcopy.core.memory.NotifierFlags;
import io.github.stopcopy.core.spi.GuestAction.ContextMode;
import io.github.stopcopy.core.spi.MachineFacts;
import io.github.stopcopy.core.viommu.GuestTable;
import io.github.stopcopy.core.viommu.X86IommuBase;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * What one device sees: the IOMMU region, or system memory while its device table entry has nothing
 * translated (R-VIO-32, R-VIO-34). What was announced is kept, so that only changes are.
 */
final class AmdDevice implements IommuModel {

  private static final long PAGE = GuestTable.PAGE;

  private final PciAddress device;
  private final MachineFacts machine;
  private final AmdBehaviour behaviour;
  private final boolean dmaRemap;
  private final GuestTable table;
  private final MemoryRegion.Iommu translated;
  private final MemoryRegion untranslated;
  private final AddressSpace space;
  private final IovaMap announced = new IovaMap();
  private boolean translating;
  private int walkedBits;

  /**
   * A device that is not translated.
   *
   * @param device which
   * @param table what the guest writes for it
   * @param machine the machine
   * @param behaviour how the release behaves
   * @param dmaRemap whether mappings are announced
   * @param shared system memory with the window of interrupts, if it sees that at first; else it
   *     sees the IOMMU region for ever
   * @param interrupts the window of interrupts
   */
  AmdDevice(
      PciAddress device,
      GuestTable table,
      MachineFacts machine,
      AmdBehaviour behaviour,
      boolean dmaRemap,
      Optional<MemoryRegion> shared,
      MemoryRegion interrupts) {
    this.device = device;
    this.table = table;
    this.machine = machine;
    this.behaviour = behaviour;
    this.dmaRemap = dmaRemap;
    GuestMemory memory = machine.memory();
    MemoryRegion root = memory.container("amdvi_root", ByteSize.WHOLE_SPACE);
    translated = memory.iommu("amd_iommu", ByteSize.WHOLE_SPACE, this);
    if (shared.isPresent()) {
      untranslated = memory.alias("amdvi-sys", shared.get(), 0, shared.get().size());
    } else {
      untranslated = memory.io("amd_iommu_ir", ByteSize.of(X86IommuBase.INTERRUPT_WINDOW_SIZE));
    }
    memory.transaction(() -> {
      if (shared.isPresent()) {
        MemoryRegion window = memory.alias("amdvi-ir", interrupts, 0, interrupts.size());
        translated.add(X86IommuBase.INTERRUPT_WINDOW, window, 1);
        translated.setEnabled(false);
        root.add(0, translated);
        root.add(0, untranslated);
      } else {
        root.add(0, translated, 1);
        root.add(X86IommuBase.INTERRUPT_WINDOW, untranslated, 64);
      }
    });
    space = memory.addressSpace("amd_iommu_devfn_" + device.devfn(), root);
  }

  AddressSpace addressSpace() {
    return space;
  }

  /**
   * Reads the device table entry and shows the region that it calls for (R-VIO-34). Before the
   * IOMMU region goes, everything is unmapped; an entry that is not valid lets requests pass.
   */
  void readEntry() {
    boolean translates = table.mode() == ContextMode.TRANSLATE;
    if (translating && !translates) {
      for (IommuNotifier notifier : new ArrayList<>(translated.notifiers())) {
        AddressRange range = new AddressRange(notifier.start(), notifier.end());
        for (AddressRange piece : range.alignedPieces()) {
          notifier.deliver(unmapping(piece.first(), piece.size().lastOffset()));
        }
      }
      announced.clear();
      walkedBits = 0;
    }
    translating = translates;
    if (translates) {
      untranslated.setEnabled(false);
      translated.setEnabled(true);
    } else {
      translated.setEnabled(false);
      untranslated.setEnabled(true);
    }
  }

  /** Announces what is different in the page table, ascending. */
  void readPages() {
    if (!translating) {
      return;
    }
    boolean all = walkedBits != table.addressBits();
    walkedBits = table.addressBits();
    long last = U64.MAX >>> (64 - walkedBits);
    table.forEachChange(announced, new AddressRange(0, last), all, this::announceChange);
    announced.forEachRun(
        last + 1,
        U64.MAX,
        (first, end, before, was) -> announceChange(first, end, was, before, IommuAccess.NONE, 0));
  }

  /** A run at once, but page by page where each is unmapped and mapped before the next. */
  private void announceChange(
      long first, long last, IommuAccess was, long before, IommuAccess is, long after) {
    boolean wasMapped = was != IommuAccess.NONE;
    boolean isMapped = is != IommuAccess.NONE;
    if (wasMapped) {
      announced.unmap(first, last);
    }
    if (isMapped) {
      announced.mapPages(first, last, PAGE, after, IommuAccess.READ_WRITE);
    }
    if (!wasMapped || !isMapped) {
      IotlbEvent event = isMapped ? mapping(first, after) : unmapping(first, PAGE - 1);
      translated.notifyAll(new IotlbRun(event, (last - first) / PAGE + 1, isMapped ? PAGE : 0));
      return;
    }
    for (long at = 0; at <= last - first; at += PAGE) {
      translated.notifyAll(unmapping(first + at, PAGE - 1));
      translated.notifyAll(mapping(first + at, after + at));
    }
  }

  /**
   * The first page of some that is announced and would lead elsewhere: QEMU then reports a
   * conflicting translation and keeps the old one.
   */
  Optional<Long> conflict(long iova, long guestAddress, int pages) {
    List<Long> conflicts = new ArrayList<>(1);
    announced.forEachRun(
        iova,
        iova + pages * PAGE - 1,
        (first, last, target, access) -> {
          if (conflicts.isEmpty() && target - first != guestAddress - iova) {
            conflicts.add(first);
          }
        });
    return conflicts.stream().findFirst();
  }

  /** One that is not translated leads to the same address, page by page (R-VIO-36). */
  @Override
  public Optional<IotlbEntry> translate(long iova, IommuAccess access) {
    long page = U64.alignDown(iova, PAGE);
    Long target = translating ? walk(page) : Long.valueOf(page);
    return Optional.ofNullable(target).map(address -> mapping(page, address).entry());
  }

  /**
   * Hands over the mappings in the notifier's range, but to those who are registered, as seen on
   * QEMU 11.1.3. That it unmaps the range before changes nothing: nothing is mapped there when the
   * region appears, and later ones do not want to hear of it.
   */
  @Override
  public void replay(IommuNotifier notifier) {
    if (!translating) {
      return;
    }
    GuestTable.walked(notifier, table.addressBits())
        .ifPresent(range ->
            table.forEachChange(
                new IovaMap(),
                range,
                true,
                (first, last, was, before, is, target) -> {
                  announced.unmap(first, last);
                  announceChange(first, last, was, before, is, target);
                }));
  }

  /** R-VIO-33 and R-VIO-35. The bus has no number yet when devices are attached, so it reads 00. */
  @Override
  public Optional<QemuError> notifierFlagsChanged(NotifierFlags before, NotifierFlags after) {
    String name = "device 00." + device.slotAndFunction();
    if (!after.map() || dmaRemap) {
      return Optional.empty();
    }
    return Optional.of(
        behaviour.remapsDma()
            ? QemuError.of(
                Errno.EOPNOTSUPP, name + " requires dma-remap=1: Operation not supported")
            : QemuError.of(
                Errno.EINVAL, name + " requires iommu notifier which is not currently supported"));
  }

  /** Where a page leads, null if nowhere: the width of the table limits it. */
  private @Nullable Long walk(long iova) {
    return iova >>> table.addressBits() == 0 ? table.target(iova).orElse(null) : null;
  }

  private IotlbEvent mapping(long iova, long target) {
    return new IotlbEvent(
        IotlbEvent.Type.MAP,
        new IotlbEntry(machine.system(), iova, target, PAGE - 1, IommuAccess.READ_WRITE));
  }

  private IotlbEvent unmapping(long iova, long mask) {
    return new IotlbEvent(
        IotlbEvent.Type.UNMAP, new IotlbEntry(machine.system(), iova, 0, mask, IommuAccess.NONE));
  }
}
