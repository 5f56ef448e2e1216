package io.github.stopcopy.vfiopci.mapping;

import io.github.stopcopy.core.address.AddressRange;
import io.github.stopcopy.core.address.U64;
import io.github.stopcopy.core.error.Errno;
import io.github.stopcopy.core.error.QemuError;
import io.github.stopcopy.core.memory.MemoryRegion;
import io.github.stopcopy.core.memory.MemorySection;
import io.github.stopcopy.core.memory.RamDiscardManager;
import io.github.stopcopy.vfiopci.DmaMapping;
import io.github.stopcopy.vfiopci.environment.VfioEnvironment;
import java.util.List;
import java.util.Optional;

/** Maps the plugged parts of RAM that comes and goes in pieces (R-LST-55, R-LST-56). */
final class DiscardedRamListener implements RamDiscardManager.Listener {

  /** What KVM has, or QEMU assumes, as slots for memory. */
  private static final int MEMORY_SLOTS = 512;

  private final VfioEnvironment vfio;
  private final MappedContainer container;
  private final RamDiscardManager manager;
  private final MemorySection section;

  DiscardedRamListener(
      VfioEnvironment vfio,
      MappedContainer container,
      MemoryRegion.Ram ram,
      MemorySection section) {
    this.vfio = vfio;
    this.container = container;
    this.manager = ram.discardManager().orElseThrow();
    this.section = section;
  }

  MemorySection section() {
    return section;
  }

  Optional<QemuError> register() {
    return manager.register(this, section);
  }

  void unregister() {
    manager.unregister(this);
  }

  @Override
  public Optional<QemuError> populate(long offset, long size) {
    long granularity = manager.granularity();
    long end = offset + size;
    for (long start = offset; U64.less(start, end); ) {
      long next = U64.min(U64.alignUp(start + 1, granularity), end);
      Optional<QemuError> refused =
          container.map(
              new DmaMapping(
                  iova(start),
                  next - start,
                  vfio.memory().ramDirtyLog().addressOf(section.region(), start),
                  section.readonly()));
      if (refused.isPresent()) {
        discard(offset, size);
        return refused;
      }
      start = next;
    }
    return Optional.empty();
  }

  @Override
  public void discard(long offset, long size) {
    Optional<Errno> refused = container.unmap(iova(offset), size);
    if (refused.isPresent()) {
      vfio.events()
          .error(
              "vfio_ram_discard_notify_discard: vfio_dma_unmap() failed: " + refused.get().text());
    }
  }

  /**
   * Whether the pieces of all such RAM could need more mappings than the container holds
   * (R-LST-56): a warning in 8.1, an error later.
   */
  static Optional<QemuError> checkMappingLimit(
      VfioEnvironment vfio, MappedContainer container, List<DiscardedRamListener> listeners) {
    long maps = 0;
    for (DiscardedRamListener listener : listeners) {
      AddressRange range = listener.section.range();
      long granularity = listener.manager.granularity();
      long first = U64.alignDown(range.first(), granularity);
      long end = U64.alignUp(range.last() + 1, granularity);
      maps += Long.divideUnsigned(end - first, granularity);
    }
    long most = container.kernel().info().dmaAvailable();
    if (U64.lessOrEqual(maps + MEMORY_SLOTS - listeners.size(), most)) {
      return Optional.empty();
    }
    String text =
        ": possibly running out of DMA mappings. E.g., try increasing the 'block-size' of"
            + " virtio-mem devies. Maximum possible DMA mappings: "
            + U64.decimal(most)
            + ", Maximum possible memslots: "
            + MEMORY_SLOTS;
    if (vfio.behaviour().mappingLimitIsError()) {
      return Optional.of(QemuError.of("vfio_ram_discard_register_listener" + text));
    }
    vfio.events().warning("vfio_register_ram_discard_listener" + text);
    return Optional.empty();
  }

  private long iova(long offsetInRegion) {
    return section.offsetInAddressSpace() + (offsetInRegion - section.offsetInRegion());
  }
}
