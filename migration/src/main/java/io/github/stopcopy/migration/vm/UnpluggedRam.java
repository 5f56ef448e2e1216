package io.github.stopcopy.migration.vm;

import io.github.stopcopy.core.error.QemuError;
import io.github.stopcopy.core.memory.MemorySection;
import io.github.stopcopy.core.memory.RamDiscardManager;
import java.util.Optional;

/** The memory of virtio-mem before the guest plugs any of it: nothing is there yet (R-AS-90). */
final class UnpluggedRam implements RamDiscardManager {

  private final long granularity;

  UnpluggedRam(long granularity) {
    this.granularity = Long.highestOneBit(granularity);
  }

  @Override
  public long granularity() {
    return granularity;
  }

  @Override
  public boolean isPopulated(long offset, long size) {
    return false;
  }

  @Override
  public Optional<QemuError> register(Listener listener, MemorySection section) {
    return Optional.empty();
  }

  @Override
  public void unregister(Listener listener) {}

  @Override
  public Optional<QemuError> replayPopulated(MemorySection section, Listener listener) {
    return Optional.empty();
  }
}
