package io.github.stopcopy.vfiopci.subsystem;

import io.github.stopcopy.core.address.AddressRange;
import io.github.stopcopy.core.error.QemuError;
import io.github.stopcopy.core.memory.AddressSpace;
import io.github.stopcopy.vfiopci.DmaMapping;
import io.github.stopcopy.vfiopci.TrackedBy;
import io.github.stopcopy.vfiopci.TrackingRequest;
import io.github.stopcopy.vfiopci.VfioContainer;
import io.github.stopcopy.vfiopci.device.VfioPciDevice;
import io.github.stopcopy.vfiopci.environment.VfioEnvironment;
import io.github.stopcopy.vfiopci.mapping.GuestIommuSection;
import io.github.stopcopy.vfiopci.mapping.MappedContainer;
import io.github.stopcopy.vfiopci.mapping.TranslatedMemory;
import io.github.stopcopy.vfiopci.mapping.VfioMemoryListener;
import io.github.stopcopy.vfiopci.mapping.VmWarnings;
import io.github.stopcopy.vfiopci.tracking.DirtySync;
import io.github.stopcopy.vfiopci.tracking.DirtyTracking;
import io.github.stopcopy.vfiopci.tracking.VmDevices;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * A container with the groups in it, for one address space (R-LST-1 .. R-LST-6): puts together what
 * maps and what tracks for it. Not thread-safe.
 */
final class AttachedContainer implements VfioContainer {

  private final VfioEnvironment environment;
  private final MappedContainer mapped;
  private final AddressSpace space;
  private final DirtyTracking tracking;
  private final VfioMemoryListener listener;
  private final List<VfioGroup> groups = new ArrayList<>();

  /** The devices of all groups in their order, which the floors below look at. */
  private final List<VfioPciDevice> devices = new ArrayList<>();

  AttachedContainer(
      VfioEnvironment environment,
      MappedContainer mapped,
      AddressSpace space,
      VmDevices vm,
      VmWarnings warnings) {
    this.environment = environment;
    this.mapped = mapped;
    this.space = space;
    this.tracking = new DirtyTracking(environment, space, mapped, devices, vm);
    TranslatedMemory translated = new TranslatedMemory(environment, warnings);
    DirtySync sync = new DirtySync(environment, mapped, devices, translated, tracking);
    this.listener =
        new VfioMemoryListener(environment, mapped, translated, tracking, sync, warnings);
  }

  @Override
  public int number() {
    return mapped.number();
  }

  @Override
  public AddressSpace space() {
    return space;
  }

  @Override
  public boolean isBehindVirtualIommu() {
    return space != environment.system();
  }

  @Override
  public List<String> deviceNames() {
    List<String> names = new ArrayList<>(devices.size());
    devices.forEach(device -> names.add(device.name()));
    return names;
  }

  @Override
  public List<AddressRange> iommuSections() {
    return mapped.guestIommuSections().stream().map(GuestIommuSection::range).toList();
  }

  @Override
  public List<DmaMapping> mappings() {
    return mapped.kernel().mappings();
  }

  @Override
  public boolean canTrackDirtyPages() {
    return tracking.canTrackDirtyPages();
  }

  @Override
  public TrackedBy trackedBy() {
    return tracking.trackedBy();
  }

  @Override
  public boolean findsWrites() {
    return tracking.findsWrites();
  }

  @Override
  public TrackingRequest trackingRequest(AddressSpace seen) {
    return tracking.request(seen);
  }

  /** What maps for it. */
  MappedContainer mapped() {
    return mapped;
  }

  /** What tracks for it. */
  DirtyTracking tracking() {
    return tracking;
  }

  boolean isWithoutGroups() {
    return groups.isEmpty();
  }

  /** Adds a group unless the kernel refuses. */
  boolean addGroup(VfioGroup group) {
    if (mapped.kernel().addGroup(group.number()).isPresent()) {
      return false;
    }
    groups.add(0, group);
    return true;
  }

  void removeGroup(VfioGroup group) {
    groups.remove(group);
    mapped.kernel().removeGroup(group.number());
  }

  /** Adds a device to one of its groups, the newest of that. */
  void add(VfioGroup group, VfioPciDevice device) {
    int place = 0;
    for (VfioGroup before : groups) {
      if (before == group) {
        break;
      }
      place += before.devices().size();
    }
    group.add(device);
    devices.add(place, device);
  }

  /** Removes a device from one of its groups. */
  void remove(VfioGroup group, VfioPciDevice device) {
    group.remove(device);
    devices.remove(device);
  }

  /** Maps what the address space shows; an error closes the container again (R-LST-6, R-OBS-14). */
  Optional<QemuError> open() {
    return listener.open(space);
  }

  /** Unmaps everything. */
  void close() {
    listener.close();
  }
}
