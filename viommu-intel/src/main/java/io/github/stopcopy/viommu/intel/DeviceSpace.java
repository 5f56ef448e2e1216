package io.github.stopcopy.viommu.intel;

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
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * What one device sees (R-VIO-20): system memory, or an IOMMU region while the vIOMMU translates
 * for it. It remembers what it announced to each notifier, so that only changes are announced
 * later.
 */
final class DeviceSpace implements IommuModel {

  private static final long PAGE = GuestTable.PAGE;

  private final PciAddress device;
  private final GuestTable table;
  private final IntelSettings settings;
  private final MachineFacts machine;
  private final IntelBehaviour behaviour;
  private final MemoryRegion.Iommu translated;
  private final MemoryRegion untranslated;
  private final AddressSpace space;
  private final IdentityHashMap<IommuNotifier, IovaMap> announced = new IdentityHashMap<>(4);
  private boolean nested;
  private boolean usesIommu;
  private int walkedBits;
  private boolean walkAll;

  DeviceSpace(
      PciAddress device,
      GuestTable table,
      IntelSettings settings,
      MachineFacts machine,
      IntelBehaviour behaviour,
      MemoryRegion shared,
      MemoryRegion interrupts) {
    this.device = device;
    this.table = table;
    this.settings = settings;
    this.machine = machine;
    this.behaviour = behaviour;
    GuestMemory memory = machine.memory();
    String name = "vtd-" + device.slotAndFunction();
    MemoryRegion root = memory.container(name, ByteSize.WHOLE_SPACE);
    translated = memory.iommu(name + "-dmar", ByteSize.WHOLE_SPACE, this);
    untranslated = memory.alias("vtd-nodmar", shared, 0, shared.size());
    memory.transaction(() -> {
      MemoryRegion window = memory.alias("vtd-ir", interrupts, 0, interrupts.size());
      translated.add(X86IommuBase.INTERRUPT_WINDOW, window, 1);
      translated.setEnabled(false);
      root.add(0, translated);
      root.add(0, untranslated);
    });
    space = memory.addressSpace("vtd-root", root);
  }

  AddressSpace addressSpace() {
    return space;
  }

  /**
   * Has the host nest the guest's tables: the device sees system memory whatever the guest does
   * (R-REL-A3.2).
   */
  void nest() {
    nested = true;
  }

  /**
   * Reads the context entry and shows the region that it calls for (R-VIO-21, R-VIO-22). Before the
   * IOMMU region goes, everything is unmapped; when it comes, its notifiers are replayed to.
   */
  void takeUp(boolean translating) {
    boolean valid =
        table.addressBits() <= settings.awBits()
            && (table.mode() == ContextMode.TRANSLATE
                || table.mode() == ContextMode.PASSTHROUGH && settings.passThrough());
    boolean uses = translating && !nested && !(valid && table.mode() == ContextMode.PASSTHROUGH);
    int bits = uses && valid ? table.addressBits() : 0;
    if (usesIommu && !uses) {
      unmapEverything();
    }
    walkAll |= walkedBits != bits;
    walkedBits = bits;
    usesIommu = uses;
    if (uses) {
      untranslated.setEnabled(false);
      translated.setEnabled(true);
    } else {
      translated.setEnabled(false);
      untranslated.setEnabled(true);
    }
  }

  /**
   * Announces what is different from what each notifier was told, ascending (R-VIO-25).
   *
   * @param invalidated whether the guest invalidated everything: then older releases first unmap
   *     everything, which matters while dirty pages are logged (R-VIO-23, R-LST-51)
   */
  void announceChanges(boolean invalidated) {
    boolean all = walkAll;
    walkAll = false;
    announced.keySet().retainAll(translated.notifiers());
    if (!usesIommu) {
      return;
    }
    for (IommuNotifier notifier : notifiersAscending()) {
      IovaMap told = announced.get(notifier);
      if (invalidated
          && told != null
          && machine.memory().isDirtyLogOn()
          && !behaviour.unmapsCarryOldAddress()) {
        unmapPieces(notifier, told);
      }
      IovaMap known = announced.computeIfAbsent(notifier, key -> new IovaMap());
      announceChanges(notifier, known, told == null || all);
    }
  }

  /** What the width of the table no longer lets through lies behind the rest and goes. */
  private void announceChanges(IommuNotifier notifier, IovaMap told, boolean all) {
    Optional<AddressRange> walked = GuestTable.walked(notifier, walkedBits);
    walked.ifPresent(range ->
        table.forEachChange(
            told,
            range,
            all,
            (first, last, was, before, is, after) ->
                announceChange(notifier, told, first, last, was, before, is, after)));
    long behind = walked.map(range -> range.last() + 1).orElse(0L);
    told.forEachRun(
        behind,
        U64.MAX,
        (first, last, before, was) ->
            announceChange(notifier, told, first, last, was, before, IommuAccess.NONE, 0));
  }

  /**
   * A run at once, but page by page where each is unmapped and mapped again before the next. What
   * the notifier knows of a run is written at once.
   */
  private void announceChange(
      IommuNotifier notifier,
      IovaMap told,
      long first,
      long last,
      IommuAccess was,
      long before,
      IommuAccess is,
      long after) {
    boolean wasMapped = was != IommuAccess.NONE;
    long mapped = is == IommuAccess.NONE ? 0 : mappable(last - first + 1, after);
    if (wasMapped) {
      told.unmap(first, last);
    }
    if (mapped != 0) {
      told.mapPages(first, first + mapped - 1, PAGE, after, IommuAccess.READ_WRITE);
    }
    if (!wasMapped) {
      if (mapped != 0) {
        notifier.deliver(new IotlbRun(map(first, after), mapped / PAGE, PAGE));
      }
      return;
    }
    boolean carries = behaviour.unmapsCarryOldAddress();
    for (long at = 0; at < mapped; at += PAGE) {
      notifier.deliver(unmap(first + at, PAGE - 1, (carries ? before : after) + at));
      notifier.deliver(map(first + at, after + at));
    }
    long gone = last - first + 1 - mapped;
    if (gone != 0) {
      IotlbEvent event = unmap(first + mapped, PAGE - 1, carries ? before + mapped : 0);
      notifier.deliver(new IotlbRun(event, gone / PAGE, carries ? PAGE : 0));
    }
  }

  /** How many of some bytes lead to targets that the address width has (R-VIO-17). */
  private long mappable(long bytes, long target) {
    long limit = 1L << settings.awBits();
    return Math.min(bytes, Math.max(limit - target, 0));
  }

  /**
   * Unmaps [0, 2^aw-1] in aligned power-of-two pieces (R-VIO-25), cut to each notifier's range. A
   * release that has unmaps carry the old address goes through the pages instead while dirty pages
   * are logged.
   */
  private void unmapEverything() {
    boolean byPage = behaviour.unmapsCarryOldAddress() && machine.memory().isDirtyLogOn();
    for (IommuNotifier notifier : notifiersAscending()) {
      if (byPage) {
        IovaMap told = announced.getOrDefault(notifier, new IovaMap());
        told.forEachRun(
            0,
            U64.MAX,
            (first, last, before, was) ->
                notifier.deliver(
                    new IotlbRun(unmap(first, PAGE - 1, before), (last - first) / PAGE + 1, PAGE)));
        continue;
      }
      unmapPieces(notifier, new IovaMap());
    }
    announced.clear();
  }

  /**
   * Unmaps a notifier's range in pieces, but for those in which something is mapped: QEMU unmaps
   * and maps that again, and all that changes is announced anyway.
   */
  private void unmapPieces(IommuNotifier notifier, IovaMap mapped) {
    long end = U64.min(notifier.end(), -1L >>> (64 - settings.awBits()));
    if (U64.less(end, notifier.start())) {
      return;
    }
    for (AddressRange piece : new AddressRange(notifier.start(), end).alignedPieces()) {
      if (!mapped.overlaps(piece.first(), piece.last())) {
        notifier.deliver(unmap(piece.first(), piece.size().lastOffset(), 0));
      }
    }
  }

  @Override
  public Optional<IotlbEntry> translate(long iova, IommuAccess access) {
    long page = U64.alignDown(iova, PAGE);
    if (!usesIommu) {
      return Optional.of(mapping(page, page));
    }
    return Optional.ofNullable(walk(page)).map(target -> mapping(page, target));
  }

  /** Walks the table in the notifier's range, ascending; nothing is unmapped before. */
  @Override
  public void replay(IommuNotifier notifier) {
    IovaMap told = new IovaMap();
    announced.put(notifier, told);
    announceChanges(notifier, told, true);
  }

  /** R-VIO-19. The bus has no number yet when devices are attached, so it reads 00. */
  @Override
  public Optional<QemuError> notifierFlagsChanged(NotifierFlags before, NotifierFlags after) {
    String reason = null;
    String name = "device 00." + device.slotAndFunction();
    if (settings.snoopControl()) {
      reason = "Snoop Control with vhost or VFIO is not supported";
    } else if (after.map() && !settings.cachingMode()) {
      reason = name + " requires caching mode";
    } else if (after.deviceIotlbUnmap() && !settings.deviceIotlb()) {
      reason = name + " requires device IOTLB mode";
    }
    return Optional.ofNullable(reason)
        .map(text -> QemuError.of(Errno.EOPNOTSUPP, text + ": Operation not supported"));
  }

  /** Where a page leads, null if nowhere: the width of the table and R-VIO-17 limit it. */
  private @Nullable Long walk(long iova) {
    if (walkedBits == 0 || iova >>> walkedBits != 0) {
      return null;
    }
    return table.target(iova).filter(target -> target >>> settings.awBits() == 0).orElse(null);
  }

  /** The notifiers with the lowest range first. */
  private List<IommuNotifier> notifiersAscending() {
    List<IommuNotifier> sorted = new ArrayList<>(translated.notifiers());
    sorted.sort((a, b) -> U64.compare(a.start(), b.start()));
    return sorted;
  }

  private IotlbEvent map(long iova, long target) {
    return new IotlbEvent(IotlbEvent.Type.MAP, mapping(iova, target));
  }

  private IotlbEvent unmap(long iova, long mask, long address) {
    IotlbEntry entry = new IotlbEntry(machine.system(), iova, address, mask, IommuAccess.NONE);
    return new IotlbEvent(IotlbEvent.Type.UNMAP, entry);
  }

  private IotlbEntry mapping(long iova, long target) {
    return new IotlbEntry(machine.system(), iova, target, PAGE - 1, IommuAccess.READ_WRITE);
  }
}
