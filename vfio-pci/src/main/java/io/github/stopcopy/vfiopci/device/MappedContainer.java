package io.github.stopcopy.vfiopci.device;

import io.github.stopcopy.core.address.AddressRange;
import io.github.stopcopy.core.error.Errno;
import io.github.stopcopy.core.error.QemuError;
import io.github.stopcopy.core.host.HostContainer;
import io.github.stopcopy.core.memory.AddressSpace;
import io.github.stopcopy.vfiopci.DmaMapping;
import io.github.stopcopy.vfiopci.TrackingRequest;
import io.github.stopcopy.vfiopci.VfioContainer;
import io.github.stopcopy.vfiopci.VfioDevice;
import io.github.stopcopy.vfiopci.event.VfioEvent;
import io.github.stopcopy.vfiopci.kernel.KernelContainer;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * A container: the groups that share one set of I/O page tables, for one address space (R-LST-1 ..
 * R-LST-6). Not thread-safe.
 */
public final class MappedContainer implements VfioContainer {

  private final VfioSubsystem vfio;
  private final int number;
  private final AddressSpace space;
  private final KernelContainer kernel;
  private final VfioMemoryListener listener;
  private final boolean iommufd;
  private final DirtyTracking tracking;
  private final DirtySync dirtySync;
  private final List<VfioGroup> groups = new ArrayList<>();
  private final List<GuestIommuSection> guestIommuSections = new ArrayList<>();
  private @Nullable QemuError error;
  private boolean initialized;

  MappedContainer(
      VfioSubsystem vfio, int number, AddressSpace space, KernelContainer kernel, boolean iommufd) {
    this.vfio = vfio;
    this.number = number;
    this.space = space;
    this.kernel = kernel;
    this.iommufd = iommufd;
    this.tracking = new DirtyTracking(this);
    this.dirtySync = new DirtySync(this, tracking);
    this.listener = new VfioMemoryListener(this);
  }

  @Override
  public int number() {
    return number;
  }

  @Override
  public AddressSpace space() {
    return space;
  }

  @Override
  public boolean isBehindVirtualIommu() {
    return space != vfio.system();
  }

  @Override
  public List<VfioDevice> devices() {
    return List.copyOf(pciDevices());
  }

  /** The devices, in the same order. */
  List<VfioPciDevice> pciDevices() {
    List<VfioPciDevice> all = new ArrayList<>();
    for (VfioGroup group : groups) {
      all.addAll(group.devices());
    }
    return all;
  }

  /** The names of the devices, for messages. */
  String deviceNames() {
    return String.join(", ", pciDevices().stream().map(VfioPciDevice::name).toList());
  }

  /** The sections that the vIOMMU translates, newest first (R-LST-74). */
  List<GuestIommuSection> guestIommuSections() {
    return Collections.unmodifiableList(guestIommuSections);
  }

  @Override
  public List<AddressRange> iommuSections() {
    return guestIommuSections.stream().map(GuestIommuSection::range).toList();
  }

  @Override
  public List<DmaMapping> mappings() {
    return kernel.mappings();
  }

  @Override
  public TrackingRequest trackingRequest(AddressSpace seen) {
    return TrackedRanges.of(this, seen);
  }

  @Override
  public boolean canTrackDirtyPages() {
    return kernel.info().dirtyTracking() && (kernel.info().dirtyPageSizes() & vfio.pageSize()) != 0;
  }

  /** What the host's IOMMU can do for it. */
  public HostContainer hostFacts() {
    return kernel.info();
  }

  /** Whether it stands for an iommufd; its devices never share a type1 container. */
  boolean isIommufd() {
    return iommufd;
  }

  /** The kernel's side. */
  KernelContainer kernel() {
    return kernel;
  }

  VfioSubsystem vfio() {
    return vfio;
  }

  DirtyTracking tracking() {
    return tracking;
  }

  DirtySync dirtySync() {
    return dirtySync;
  }

  List<VfioGroup> groups() {
    return groups;
  }

  void addGuestIommuSection(GuestIommuSection section) {
    guestIommuSections.add(0, section);
  }

  void removeGuestIommuSection(GuestIommuSection section) {
    guestIommuSections.remove(section);
  }

  boolean addGroup(VfioGroup group) {
    if (kernel.addGroup(group.number()).isPresent()) {
      return false;
    }
    groups.add(0, group);
    group.setContainer(this);
    return true;
  }

  void removeGroup(VfioGroup group) {
    groups.remove(group);
    kernel.removeGroup(group.number());
  }

  /** Maps what the address space shows; an error closes the container again (R-LST-6, R-OBS-14). */
  Optional<QemuError> open() {
    Optional<QemuError> refused = vfio.memory().register(listener, space);
    if (error == null && refused.isPresent()) {
      error = refused.get();
    }
    if (error != null) {
      close();
      return Optional.of(error.withPrefix("memory listener initialization failed: "));
    }
    initialized = true;
    return Optional.empty();
  }

  void close() {
    vfio.memory().unregister(listener);
  }

  boolean isInitialized() {
    return initialized;
  }

  /** Keeps the first error of the replay at set-up (R-LST-60). */
  void keepError(QemuError failure) {
    if (error == null) {
      error = failure;
    }
  }

  /** Adds a mapping, after removing what the kernel says is in the way (R-LST-30). */
  Optional<QemuError> map(DmaMapping mapping) {
    long iova = mapping.iova();
    long size = mapping.size();
    Optional<Errno> refused = kernel.map(mapping);
    if (refused.isPresent() && refused.get() == Errno.EBUSY) {
      kernel.unmap(iova, size);
      refused = kernel.map(mapping);
    }
    vfio.events().record(new VfioEvent.DmaMap(number, iova, size, mapping.readonly(), refused));
    if (refused.isEmpty()) {
      return Optional.empty();
    }
    Errno errno = refused.get();
    if (vfio.behaviour().printsIoctlErrors()) {
      vfio.events().error("VFIO_MAP_DMA failed: " + errno.text());
    }
    return Optional.of(DmaText.mapFailed(vfio.behaviour(), iova, size, errno));
  }

  /** Unmaps a range without a look at dirty pages; size 0 stands for everything. */
  Optional<Errno> unmap(long iova, long size) {
    Optional<Errno> refused = size == 0 ? kernel.unmapAll() : kernel.unmap(iova, size);
    if (refused.isPresent()
        && refused.get() == Errno.EINVAL
        && vfio.behaviour().retriesUnmapAtTop()
        && size != 0
        && iova + size == 0) {
      refused = kernel.unmap(iova, size - Long.lowestOneBit(kernel.info().pageSizes()));
    }
    vfio.events().record(new VfioEvent.DmaUnmap(number, iova, size, refused));
    if (refused.isPresent() && vfio.behaviour().printsIoctlErrors()) {
      vfio.events().error("VFIO_UNMAP_DMA failed: " + refused.get().text());
    }
    return refused;
  }
}
