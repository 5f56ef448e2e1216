package io.github.stopcopy.viommu.amd;

import io.github.stopcopy.core.address.ByteSize;
import io.github.stopcopy.core.address.PciAddress;
import io.github.stopcopy.core.memory.AddressSpace;
import io.github.stopcopy.core.memory.GuestMemory;
import io.github.stopcopy.core.memory.MemoryRegion;
import io.github.stopcopy.core.spi.ActionResult;
import io.github.stopcopy.core.spi.GuestAction;
import io.github.stopcopy.core.spi.IovaLimits;
import io.github.stopcopy.core.spi.MachineFacts;
import io.github.stopcopy.core.spi.VirtualIommu;
import io.github.stopcopy.core.viommu.X86IommuBase;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/**
 * A realized amd-iommu that the guest leaves alone: its command buffer and device table are not
 * modelled, so what a device sees at first it sees for ever.
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
  private final Map<PciAddress, AddressSpace> spaces = new LinkedHashMap<>();

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
    untranslated = memory.container("amdvi-sys", ByteSize.WHOLE_SPACE);
    memory.transaction(() -> {
      untranslated.add(0, memory.alias("amdvi-nodma", system, 0, system.size()));
      untranslated.add(X86IommuBase.INTERRUPT_WINDOW, interrupts("amdvi-ir"), 1);
    });
  }

  @Override
  public AddressSpace addressSpace(PciAddress requester) {
    return spaces.computeIfAbsent(requester, this::newSpace);
  }

  @Override
  public ActionResult guest(GuestAction action) {
    return new ActionResult.Unsupported(
        "what a guest does to an amd-iommu is not modelled: its tables differ from those of the"
            + " action and no such case was recorded");
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

  private AddressSpace newSpace(PciAddress device) {
    GuestMemory memory = machine.memory();
    MemoryRegion root = memory.container("amdvi_root", ByteSize.WHOLE_SPACE);
    AmdDevice model = new AmdDevice(device, machine, behaviour, dmaRemap);
    MemoryRegion translated = memory.iommu("amd_iommu", ByteSize.WHOLE_SPACE, model);
    memory.transaction(() -> {
      if (systemMemoryFirst) {
        translated.setEnabled(false);
        root.add(0, translated);
        root.add(0, memory.alias("amdvi-sys", untranslated, 0, untranslated.size()));
      } else {
        root.add(0, translated, 1);
        root.add(X86IommuBase.INTERRUPT_WINDOW, interrupts("amd_iommu_ir"), 64);
      }
    });
    return memory.addressSpace("amd_iommu_devfn_" + device.devfn(), root);
  }

  private MemoryRegion interrupts(String name) {
    return machine.memory().io(name, ByteSize.of(X86IommuBase.INTERRUPT_WINDOW_SIZE));
  }
}
