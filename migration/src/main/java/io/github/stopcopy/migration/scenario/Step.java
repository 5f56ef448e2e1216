package io.github.stopcopy.migration.scenario;

import io.github.stopcopy.core.address.AddressRange;
import io.github.stopcopy.core.config.DeviceConfig;
import io.github.stopcopy.core.migration.MigrationMode;
import io.github.stopcopy.core.spi.GuestAction.ContextMode;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;

/** One step of a scenario. */
public sealed interface Step {

  /** How the step is called in scenarios. */
  String name();

  /** QEMU starts and realizes the devices; always first. */
  record Boot() implements Step {
    @Override
    public String name() {
      return "boot";
    }
  }

  /**
   * The guest's virtio-net drivers accept VIRTIO_NET_F_STANDBY, so that the assigned devices that
   * fail over to them are plugged (R-OBS-115).
   */
  record AcceptStandby() implements Step {
    @Override
    public String name() {
      return "accept-standby";
    }
  }

  /** Blockers, status and memory are looked at. */
  record Snapshot() implements Step {
    @Override
    public String name() {
      return "snapshot";
    }
  }

  /**
   * A device is plugged.
   *
   * @param device what
   */
  record DeviceAdd(DeviceConfig device) implements Step {
    @Override
    public String name() {
      return "device-add";
    }
  }

  /**
   * A device is unplugged.
   *
   * @param id its id
   * @param released whether the guest lets go of it
   */
  record DeviceDel(String id, boolean released) implements Step {
    @Override
    public String name() {
      return "device-del";
    }
  }

  /**
   * A migration is started.
   *
   * @param capabilities what is switched on
   * @param mode the mode; the guest is suspended before {@link MigrationMode#CPR_REBOOT}
   * @param hold whether it stays active until a later step
   */
  record Migrate(Set<String> capabilities, MigrationMode mode, boolean hold) implements Step {
    /** Copies the capabilities. */
    public Migrate {
      capabilities = Set.copyOf(capabilities);
    }

    /** A migration in the normal mode. */
    public Migrate(Set<String> capabilities, boolean hold) {
      this(capabilities, MigrationMode.NORMAL, hold);
    }

    @Override
    public String name() {
      return "migrate";
    }
  }

  /** A held migration goes on to its end. */
  record FinishMigration() implements Step {
    @Override
    public String name() {
      return "finish-migration";
    }
  }

  /** A migration is cancelled. */
  record MigrateCancel() implements Step {
    @Override
    public String name() {
      return "migrate-cancel";
    }
  }

  /** What the guest does to a vIOMMU. */
  enum ViommuOperation {
    /** Writes a device's context entry. */
    CONTEXT,
    /** Attaches a device to a domain. */
    ATTACH,
    /** Detaches a device from its domain. */
    DETACH,
    /** Writes page table entries, or adds a mapping to the device's domain. */
    MAP,
    /** Clears page table entries and invalidates, or takes mappings from the device's domain. */
    UNMAP,
    /** Turns translation on. */
    ENABLE,
    /** Turns translation off. */
    DISABLE,
    /** Sets the root table. */
    SET_ROOT,
    /** Invalidates everything that is cached. */
    INVALIDATE
  }

  /**
   * The guest does something to the vIOMMU.
   *
   * @param operation what
   * @param device the id or name of the device it concerns, for context, attach, detach, map and
   *     unmap
   * @param mode how requests are treated, for context
   * @param addressBits the width of the page table, for context
   * @param domain the number of the domain, for attach and detach
   * @param iova the first I/O virtual address, for map and unmap
   * @param guestAddress the first guest physical address, for map
   * @param pages how many pages of 4 KiB, for map and unmap
   */
  record Viommu(
      ViommuOperation operation,
      Optional<String> device,
      Optional<ContextMode> mode,
      OptionalInt addressBits,
      OptionalInt domain,
      long iova,
      long guestAddress,
      int pages)
      implements Step {
    @Override
    public String name() {
      return "viommu";
    }
  }

  /**
   * A DIMM is plugged.
   *
   * @param id its id
   * @param size bytes, unsigned
   * @param at the guest physical address; empty: the next free one
   */
  record MemoryAdd(String id, long size, Optional<Long> at) implements Step {
    @Override
    public String name() {
      return "memory-add";
    }
  }

  /**
   * A VFIO device writes to memory.
   *
   * @param device its id or name
   * @param written I/O virtual addresses, ends inclusive
   */
  record DmaWrite(String device, AddressRange written) implements Step {
    @Override
    public String name() {
      return "dma-write";
    }
  }

  /** One iteration of a migration collects dirty pages. */
  record Sync() implements Step {
    @Override
    public String name() {
      return "sync";
    }
  }

  /**
   * The guest moves a BAR of a VFIO device or turns it off.
   *
   * @param device its id or name
   * @param bar which, 0 to 5
   * @param at the guest physical address; empty: it is off
   */
  record MoveBar(String device, int bar, Optional<Long> at) implements Step {
    @Override
    public String name() {
      return "bar";
    }
  }
}
