package io.github.stopcopy.viommu.intel;

import io.github.stopcopy.core.address.ByteSize;
import io.github.stopcopy.core.address.PciAddress;
import io.github.stopcopy.core.error.QemuError;
import io.github.stopcopy.core.memory.AddressSpace;
import io.github.stopcopy.core.memory.GuestMemory;
import io.github.stopcopy.core.memory.MemoryRegion;
import io.github.stopcopy.core.spi.ActionResult;
import io.github.stopcopy.core.spi.GuestAction;
import io.github.stopcopy.core.spi.HostIommu;
import io.github.stopcopy.core.spi.IovaLimits;
import io.github.stopcopy.core.spi.MachineFacts;
import io.github.stopcopy.core.spi.VirtualIommu;
import io.github.stopcopy.core.viommu.GuestTable;
import io.github.stopcopy.core.viommu.X86IommuBase;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * A realized intel-iommu. It looks at the tables in guest memory only at the events of R-VIO-23:
 * set-root, a change of translation enable, invalidation; then first every device's address space
 * is switched (R-VIO-21) and after that what changed in the tables is announced.
 */
final class IntelIommu implements VirtualIommu {

  private static final String NEEDS_CACHING_MODE =
      "Device assignment is not allowed without enabling caching-mode=on for Intel IOMMU.";

  private final IntelSettings settings;
  private final MachineFacts machine;
  private final IntelBehaviour behaviour;
  private final MemoryRegion interrupts;
  private final MemoryRegion untranslated;
  private final Map<PciAddress, GuestTable> tables = new LinkedHashMap<>(4);
  private final Map<PciAddress, DeviceSpace> spaces = new LinkedHashMap<>(4);
  private boolean translating;

  IntelIommu(IntelSettings settings, MachineFacts machine, IntelBehaviour behaviour) {
    this.settings = settings;
    this.machine = machine;
    this.behaviour = behaviour;
    GuestMemory memory = machine.memory();
    MemoryRegion system = machine.system().root();
    interrupts = memory.io("vtd-ir", ByteSize.of(X86IommuBase.INTERRUPT_WINDOW_SIZE));
    untranslated = memory.container("vtd-nodmar", ByteSize.WHOLE_SPACE);
    memory.transaction(() -> {
      untranslated.add(0, memory.alias("vtd-sys-alias", system, 0, system.size()));
      untranslated.add(X86IommuBase.INTERRUPT_WINDOW, interrupts, 1);
    });
  }

  IntelSettings settings() {
    return settings;
  }

  @Override
  public AddressSpace addressSpace(PciAddress requester) {
    return space(requester).addressSpace();
  }

  private DeviceSpace space(PciAddress requester) {
    DeviceSpace known = spaces.get(requester);
    if (known == null) {
      known =
          new DeviceSpace(
              requester, table(requester), settings, machine, behaviour, untranslated, interrupts);
      spaces.put(requester, known);
      known.takeUp(translating);
    }
    return known;
  }

  /** R-VIO-18, R-BLK-53, R-REL-36, R-REL-37, R-REL-A3.3 and R-OBS-117, in QEMU's order. */
  @Override
  public Optional<QemuError> attach(PciAddress requester, HostIommu host) {
    Optional<String> reason = Optional.empty();
    if (behaviour.checksCachingModeAtAttach() && !settings.cachingMode()) {
      reason = Optional.of(NEEDS_CACHING_MODE);
    } else if (settings.firstStage()) {
      reason = checkFirstStage(host);
    }
    if (reason.isEmpty()
        && behaviour.checksWidthAtAttach()
        && settings.awBits() > host.addressBits()) {
      reason =
          Optional.of("aw-bits " + settings.awBits() + " > host aw-bits " + host.addressBits());
    }
    if (reason.isEmpty() && settings.firstStage()) {
      space(requester).nest();
    }
    return reason.map(QemuError::of);
  }

  /** Whether the host can nest the guest's first-stage tables. */
  private Optional<String> checkFirstStage(HostIommu host) {
    if (behaviour.firstStage() == IntelBehaviour.FirstStage.EMULATED_ONLY) {
      return Optional.of("host device is uncompatible with stage-1 translation");
    }
    if (!host.iommufd()) {
      return Optional.of("Need IOMMUFD backend when " + behaviour.firstStage().property() + "=on");
    }
    return host.vtd() ? Optional.empty() : Optional.of("Incompatible host platform IOMMU type 0");
  }

  /** R-VIO-18: older releases refuse assigned devices without caching mode, wherever they are. */
  @Override
  public Optional<QemuError> machineDone(List<PciAddress> assigned) {
    if (behaviour.checksCachingModeAtAttach() || settings.cachingMode() || assigned.isEmpty()) {
      return Optional.empty();
    }
    return Optional.of(
        QemuError.of(
            "We need to set caching-mode=on for intel-iommu to enable device assignment with"
                + " IOMMU protection."));
  }

  /** R-OBS-164: the same of a device that is plugged later, in the words of the later releases. */
  @Override
  public Optional<QemuError> refusesPlug() {
    return behaviour.checksCachingModeAtAttach() || settings.cachingMode()
        ? Optional.empty()
        : Optional.of(QemuError.of(NEEDS_CACHING_MODE));
  }

  @Override
  public ActionResult guest(GuestAction action) {
    Optional<String> cannot = Optional.empty();
    if (action instanceof GuestAction.WriteContext write) {
      cannot = table(write.device()).writeContext(write.mode(), write.addressBits());
    } else if (action instanceof GuestAction.Map map) {
      cannot = table(map.device()).map(map.iova(), map.guestAddress(), map.pages());
    } else if (action instanceof GuestAction.Unmap unmap) {
      cannot = table(unmap.device()).unmap(unmap.iova(), unmap.pages());
      if (cannot.isEmpty()) {
        lookAtTables(true);
      }
    } else if (action instanceof GuestAction.Enable) {
      lookAtTables(false);
      setTranslating(settings.dmaTranslation());
    } else if (action instanceof GuestAction.Disable) {
      setTranslating(false);
    } else if (action instanceof GuestAction.Attach || action instanceof GuestAction.Detach) {
      cannot =
          Optional.of(
              "an intel-iommu has no domains to attach devices to; its guest writes context"
                  + " entries");
    } else {
      lookAtTables(action instanceof GuestAction.Invalidate);
    }
    return cannot.isPresent()
        ? new ActionResult.Unsupported(cannot.get())
        : new ActionResult.Done();
  }

  @Override
  public IovaLimits limits() {
    return IovaLimits.ofBits(settings.dmaTranslation(), settings.awBits());
  }

  /** The command is ignored without dma-translation (R-VIO-16). */
  private void setTranslating(boolean on) {
    if (translating != on) {
      translating = on;
      lookAtTables(false);
    }
  }

  private void lookAtTables(boolean invalidated) {
    for (DeviceSpace space : spaces.values()) {
      space.takeUp(translating);
    }
    for (DeviceSpace space : spaces.values()) {
      space.announceChanges(invalidated);
    }
    for (GuestTable table : tables.values()) {
      table.walked();
    }
  }

  private GuestTable table(PciAddress device) {
    return tables.computeIfAbsent(device, key -> new GuestTable());
  }
}
