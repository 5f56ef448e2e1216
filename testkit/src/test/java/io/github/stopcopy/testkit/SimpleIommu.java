package io.github.stopcopy.testkit;

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
import io.github.stopcopy.core.spi.GuestAction;
import io.github.stopcopy.core.spi.IovaLimits;
import io.github.stopcopy.core.spi.MachineFacts;
import io.github.stopcopy.core.spi.VirtualIommu;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.TreeMap;

/** The simplest vIOMMU: while it is on, every device is translated, and announced page by page. */
final class SimpleIommu implements VirtualIommu {

  /** What is wrong with it. */
  enum Fault {
    NONE,
    GIVES_THE_SYSTEM,
    SHARES_A_SPACE,
    MAKES_A_SPACE_EACH_TIME,
    LIES_ABOUT_LIMITS,
    THROWS_IF_UNSUPPORTED,
    MAPS_WHAT_IT_DOES_NOT_SUPPORT,
    LOSES_A_MAP,
    LOSES_AN_UNMAP,
    ANNOUNCES_AGAIN,
    REPLAYS_NOTHING,
    LEADS_NOWHERE,
    SHARES_TABLES,
    STAYS_TRANSLATED,
    PLAYS_THE_OTHER_KIND,
    IS_RANDOM,
    CUTS_IOVA_TO_32_BITS,
    CUTS_GUEST_ADDRESS_TO_31_BITS,
    MAPS_32_PAGES_AT_MOST,
    UNMAPS_32_PAGES_AT_MOST,
    LOSES_LAST_PAGE_OF_RAM,
    LOSES_RAM_ABOVE_1_TIB,
    LOSES_LAST_PAGE_OF_ADDRESSES,
    TELLS_NEWEST_NOTIFIER_ONLY,
    TELLS_FIRST_NOTIFIER_ONLY,
    ANNOUNCES_READ_ONLY,
    REPLAYS_READ_ONLY,
    TRANSLATES_READ_ONLY,
    DENIES_THAT_IT_TRANSLATES
  }

  private static final long PAGE = 4096;
  private static final int BITS = 48;

  private final MachineFacts machine;
  private final Fault fault;
  private final Map<PciAddress, Device> devices = new LinkedHashMap<>();
  private boolean on;
  private int maps;
  private static int everMade;

  SimpleIommu(MachineFacts machine, Fault fault) {
    this.machine = machine;
    this.fault = fault;
    everMade++;
  }

  @Override
  public AddressSpace addressSpace(PciAddress requester) {
    if (fault == Fault.GIVES_THE_SYSTEM) {
      return machine.system();
    }
    Device device = device(requester);
    return fault == Fault.MAKES_A_SPACE_EACH_TIME
        ? machine.memory().addressSpace("simple", device.space.root())
        : device.space;
  }

  @Override
  public ActionResult guest(GuestAction action) {
    if (fault == Fault.IS_RANDOM && everMade % 2 == 0 && action instanceof GuestAction.SetRoot) {
      everMade++;
      return new ActionResult.Unsupported("not today");
    }
    if (action instanceof GuestAction.Map map) {
      if (isSenseless(map.iova(), map.pages()) || isSenseless(map.guestAddress(), map.pages())) {
        if (fault == Fault.MAPS_WHAT_IT_DOES_NOT_SUPPORT) {
          device(map.device()).table.put(0x100000L, 0x7000L);
        }
        return unsupported(action);
      }
      maps++;
      int pages = fault == Fault.MAPS_32_PAGES_AT_MOST ? Math.min(map.pages(), 32) : map.pages();
      for (int i = 0; i < pages; i++) {
        write(device(map.device()), map.iova() + i * PAGE, map.guestAddress() + i * PAGE);
      }
    } else if (action instanceof GuestAction.Unmap unmap) {
      if (isSenseless(unmap.iova(), unmap.pages())) {
        return unsupported(action);
      }
      int most = fault == Fault.UNMAPS_32_PAGES_AT_MOST ? 32 : Integer.MAX_VALUE;
      device(unmap.device())
          .table
          .subMap(unmap.iova(), unmap.iova() + Math.min(unmap.pages(), most) * PAGE)
          .clear();
      devices.values().forEach(Device::announce);
    } else if (action instanceof GuestAction.Enable) {
      on = true;
      devices.values().forEach(Device::show);
    } else if (action instanceof GuestAction.Disable) {
      on = fault == Fault.STAYS_TRANSLATED;
      devices.values().forEach(Device::show);
    } else if (action instanceof GuestAction.Invalidate) {
      devices.values().forEach(Device::announce);
    } else if (fault != Fault.PLAYS_THE_OTHER_KIND
        && (action instanceof GuestAction.Attach || action instanceof GuestAction.Detach)) {
      return new ActionResult.Unsupported("it has no domains");
    }
    return new ActionResult.Done();
  }

  /** Writes an entry of a device's table, as far as the fault lets it. */
  private void write(Device device, long iova, long target) {
    boolean lost =
        switch (fault) {
          case LOSES_LAST_PAGE_OF_RAM -> target == 0x80000000L - PAGE;
          case LOSES_RAM_ABOVE_1_TIB -> U64.lessOrEqual(1L << 40, target);
          case LOSES_LAST_PAGE_OF_ADDRESSES -> iova == (1L << BITS) - PAGE;
          default -> false;
        };
    if (!lost) {
      device.table.put(
          fault == Fault.CUTS_IOVA_TO_32_BITS ? iova & 0xffffffffL : iova,
          fault == Fault.CUTS_GUEST_ADDRESS_TO_31_BITS ? target & 0x7fffffff : target);
    }
  }

  @Override
  public IovaLimits limits() {
    return fault == Fault.LIES_ABOUT_LIMITS
        ? new IovaLimits(true, BITS, 1L << BITS)
        : IovaLimits.ofBits(fault != Fault.DENIES_THAT_IT_TRANSLATES, BITS);
  }

  private ActionResult unsupported(GuestAction action) {
    if (fault == Fault.THROWS_IF_UNSUPPORTED) {
      throw new IllegalArgumentException(action.toString());
    }
    return new ActionResult.Unsupported("addresses are whole pages of 48 bits");
  }

  private static boolean isSenseless(long address, int pages) {
    return pages < 1 || address % PAGE != 0 || U64.less((1L << BITS) - pages * PAGE, address);
  }

  private Device device(PciAddress requester) {
    PciAddress key = fault == Fault.SHARES_A_SPACE ? new PciAddress("any", 0, 0) : requester;
    return devices.computeIfAbsent(key, address -> new Device());
  }

  /** One device. */
  private final class Device implements IommuModel {
    final NavigableMap<Long, Long> table =
        fault == Fault.SHARES_TABLES && !devices.isEmpty()
            ? devices.values().iterator().next().table
            : new TreeMap<>();
    private final NavigableMap<Long, Long> told = new TreeMap<>();
    private final MemoryRegion.Iommu translated;
    private final MemoryRegion untranslated;
    final AddressSpace space;

    Device() {
      GuestMemory memory = machine.memory();
      MemoryRegion system = machine.system().root();
      MemoryRegion root = memory.container("simple-root", ByteSize.WHOLE_SPACE);
      translated = memory.iommu("simple-iommu", ByteSize.WHOLE_SPACE, this);
      untranslated = memory.alias("simple-system", system, 0, system.size());
      root.add(0, untranslated);
      root.add(0, translated);
      show();
      space = memory.addressSpace("simple", root);
    }

    void show() {
      machine
          .memory()
          .transaction(() -> {
            translated.setEnabled(on);
            untranslated.setEnabled(!on);
          });
    }

    void announce() {
      NavigableMap<Long, Long> before = new TreeMap<>(told);
      told.clear();
      told.putAll(table);
      if (!on) {
        return;
      }
      List<IommuNotifier> notifiers = translated.notifiers();
      if (fault == Fault.TELLS_NEWEST_NOTIFIER_ONLY && !notifiers.isEmpty()) {
        notifiers = notifiers.subList(notifiers.size() - 1, notifiers.size());
      } else if (fault == Fault.TELLS_FIRST_NOTIFIER_ONLY && !notifiers.isEmpty()) {
        notifiers = notifiers.subList(0, 1);
      }
      IommuAccess access =
          fault == Fault.ANNOUNCES_READ_ONLY ? IommuAccess.READ : IommuAccess.READ_WRITE;
      for (IommuNotifier notifier : notifiers) {
        before.forEach((iova, target) -> {
          boolean gone = !target.equals(table.get(iova));
          if (fault == Fault.ANNOUNCES_AGAIN || gone && fault != Fault.LOSES_AN_UNMAP) {
            deliver(notifier, IotlbEvent.Type.UNMAP, iova, 0, IommuAccess.NONE);
          }
        });
        table.forEach((iova, target) -> {
          boolean fresh = !target.equals(before.get(iova));
          boolean lost = fault == Fault.LOSES_A_MAP && maps % 7 == 6;
          if (fault == Fault.ANNOUNCES_AGAIN || fresh && !lost) {
            deliver(notifier, IotlbEvent.Type.MAP, iova, target, access);
          }
        });
      }
    }

    @Override
    public void replay(IommuNotifier notifier) {
      told.clear();
      told.putAll(table);
      if (fault == Fault.REPLAYS_NOTHING) {
        return;
      }
      IommuAccess access =
          fault == Fault.REPLAYS_READ_ONLY ? IommuAccess.READ : IommuAccess.READ_WRITE;
      table.forEach((iova, target) -> deliver(notifier, IotlbEvent.Type.MAP, iova, target, access));
    }

    private void deliver(
        IommuNotifier notifier, IotlbEvent.Type type, long iova, long target, IommuAccess access) {
      notifier.deliver(new IotlbEvent(type, entry(iova, target, access)));
    }

    private IotlbEntry entry(long iova, long target, IommuAccess access) {
      AddressSpace where = fault == Fault.LEADS_NOWHERE ? space : machine.system();
      return new IotlbEntry(where, iova, target, PAGE - 1, access);
    }

    @Override
    public Optional<IotlbEntry> translate(long iova, IommuAccess access) {
      long page = U64.alignDown(iova, PAGE);
      return Optional.ofNullable(table.get(page))
          .map(target ->
              entry(
                  page,
                  target,
                  fault == Fault.TRANSLATES_READ_ONLY ? IommuAccess.READ : IommuAccess.READ_WRITE));
    }

    @Override
    public Optional<QemuError> notifierFlagsChanged(NotifierFlags before, NotifierFlags after) {
      return Optional.empty();
    }
  }
}
