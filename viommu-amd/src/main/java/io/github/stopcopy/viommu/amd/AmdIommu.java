package io.github.stopcopy.viommu.amd;

import io.github.stopcopy.core.address.ByteSize;
import io.github.stopcopy.core.address.PciAddress;
import io.github.stopcopy.core.address.U64;
import io.github.stopcopy.core.memory.AddressSpace;
import io.github.stopcopy.core.memory.GuestMemory;
import io.github.stopcopy.core.memory.MemoryRegion;
import io.github.stopcopy.core.spi.ActionResult;
import io.github.stopcopy.core.spi.GuestAction;
import io.github.stopcopy.core.spi.IovaLimits;
import io.github.stopcopy.core.spi.MachineFacts;
import io.github.stopcopy.core.spi.VirtualIommu;
import io.github.stopcopy.core.viommu.GuestTable;
import io.github.stopcopy.core.viommu.X86IommuBase;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/**
 * A realized amd-iommu. What a guest does to it is played where it announces mappings, that is with
 * dma-remap (R-VIO-34): once it is on, it looks at device table and page tables at invalidations
 * only, as seen on QEMU 11.1.3. Before and without that, what a device sees at first it sees for
 * ever.
 */
final class AmdIommu implements VirtualIommu {

  /** The virtual address size in the capability header (R-VIO-31). */
  private static final int ADDRESS_BITS = 48;

  private final MachineFacts machine;
  private final AmdBehaviour behaviour;
  private final boolean dmaRemap;
  private final boolean systemMemoryFirst;
  private final boolean canTranslate;
  private final boolean canBeSaved;
  private final MemoryRegion untranslated;
  private final MemoryRegion interrupts;
  private final Map<PciAddress, GuestTable> tables = new LinkedHashMap<>();
  private final Map<PciAddress, AmdDevice> devices = new LinkedHashMap<>();
  private boolean on;

  /**
   * A vIOMMU.
   *
   * @param machine the machine
   * @param behaviour how the release behaves
   * @param dmaRemap whether mappings are announced
   * @param systemMemoryFirst whether devices see system memory, not the IOMMU region
   * @param canTranslate whether the guest could have DMA translated
   * @param canBeSaved whether its state can be saved
   */
  AmdIommu(
      MachineFacts machine,
      AmdBehaviour behaviour,
      boolean dmaRemap,
      boolean systemMemoryFirst,
      boolean canTranslate,
      boolean canBeSaved) {
    this.machine = machine;
    this.behaviour = behaviour;
    this.dmaRemap = dmaRemap;
    this.systemMemoryFirst = systemMemoryFirst;
    this.canTranslate = canTranslate;
    this.canBeSaved = canBeSaved;
    GuestMemory memory = machine.memory();
    MemoryRegion system = machine.system().root();
    interrupts = memory.io("amdvi-ir", ByteSize.of(X86IommuBase.INTERRUPT_WINDOW_SIZE));
    untranslated = memory.container("amdvi-sys", ByteSize.WHOLE_SPACE);
    memory.transaction(() -> {
      untranslated.add(0, memory.alias("amdvi-nodma", system, 0, system.size()));
      untranslated.add(X86IommuBase.INTERRUPT_WINDOW, interrupts, 1);
    });
  }

  @Override
  public AddressSpace addressSpace(PciAddress requester) {
    return device(requester).addressSpace();
  }

  @Override
  public ActionResult guest(GuestAction action) {
    Optional<String> cannot = unplayable(action);
    if (cannot.isEmpty()) {
      cannot = play(action);
    }
    return cannot.isPresent()
        ? new ActionResult.Unsupported(cannot.get())
        : new ActionResult.Done();
  }

  private Optional<String> unplayable(GuestAction action) {
    String reason = null;
    if (!behaviour.remapsDma()) {
      reason =
          "an amd-iommu before QEMU 10.2 announces no mappings, so that what its guest does never"
              + " reaches a VFIO device";
    } else if (!dmaRemap) {
      reason =
          "the amd-iommu has no dma-remap=on: devices see system memory whatever its guest does";
    } else if (!canTranslate) {
      reason = "the amd-iommu has dma-translation=off: its guest must not translate";
    } else if (action instanceof GuestAction.Attach || action instanceof GuestAction.Detach) {
      reason =
          "an amd-iommu has no domains to attach devices to; its guest writes device table entries";
    } else if (action instanceof GuestAction.Disable) {
      reason =
          "turning an amd-iommu off again is not modelled: QEMU leaves what devices see as it is";
    }
    return Optional.ofNullable(reason);
  }

  private Optional<String> play(GuestAction action) {
    Optional<String> cannot = Optional.empty();
    if (action instanceof GuestAction.WriteContext write) {
      cannot = table(write.device()).writeContext(write.mode(), write.addressBits());
    } else if (action instanceof GuestAction.Map map) {
      cannot = map(map);
    } else if (action instanceof GuestAction.Unmap unmap) {
      cannot = table(unmap.device()).unmap(unmap.iova(), unmap.pages());
      if (cannot.isEmpty()) {
        lookAtTables();
      }
    } else if (action instanceof GuestAction.Enable) {
      on = true;
    } else if (action instanceof GuestAction.Invalidate) {
      lookAtTables();
    }
    return cannot;
  }

  private Optional<String> map(GuestAction.Map map) {
    GuestTable table = table(map.device());
    Optional<String> unfit = table.unfit(map.iova(), map.guestAddress(), map.pages());
    if (unfit.isPresent()) {
      return unfit;
    }
    Optional<Long> conflict =
        device(map.device()).conflict(map.iova(), map.guestAddress(), map.pages());
    return conflict.isPresent()
        ? Optional.of(
            "iova "
                + U64.hex(conflict.get())
                + " is mapped and would lead elsewhere, which QEMU reports as a conflicting"
                + " translation; unmap it first")
        : table.map(map.iova(), map.guestAddress(), map.pages());
  }

  /** First every device sees what its entry calls for, then changes in page tables are told. */
  private void lookAtTables() {
    if (!on) {
      return;
    }
    devices.values().forEach(AmdDevice::readEntry);
    devices.values().forEach(AmdDevice::readPages);
    tables.values().forEach(table -> table.walked());
  }

  @Override
  public IovaLimits limits() {
    return IovaLimits.ofBits(canTranslate, ADDRESS_BITS);
  }

  /** Its state can be saved in later releases only, and only by what pci-id names (R-REL-41). */
  @Override
  public Optional<String> nonMigratable() {
    return canBeSaved ? Optional.empty() : Optional.of(AmdIommuProvider.DEVICE);
  }

  private AmdDevice device(PciAddress requester) {
    AmdDevice known = devices.get(requester);
    if (known == null) {
      Optional<MemoryRegion> shared =
          systemMemoryFirst ? Optional.of(untranslated) : Optional.empty();
      known =
          new AmdDevice(
              requester, table(requester), machine, behaviour, dmaRemap, shared, interrupts);
      devices.put(requester, known);
    }
    return known;
  }

  private GuestTable table(PciAddress device) {
    return tables.computeIfAbsent(device, key -> new GuestTable());
  }
}
