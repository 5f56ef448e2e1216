package io.github.stopcopy.vfiopci.subsystem;

import io.github.stopcopy.core.error.QemuError;
import io.github.stopcopy.core.memory.MemorySection;
import io.github.stopcopy.core.memory.RamDiscardManager;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** RAM that comes and goes in blocks, as with virtio-mem. */
public final class Blocks implements RamDiscardManager {

  public final BitSet plugged = new BitSet();
  public final Map<Listener, MemorySection> listeners = new LinkedHashMap<>();
  private final long block;

  public Blocks(long block) {
    this.block = block;
  }

  /** Plugs some blocks as one piece; if a listener refuses, those told before forget them. */
  public Optional<QemuError> plug(int first, int count) {
    List<Listener> told = new ArrayList<>();
    for (Listener listener : listeners.keySet()) {
      Optional<QemuError> refused = listener.populate(first * block, count * block);
      if (refused.isPresent()) {
        told.forEach(other -> other.discard(first * block, count * block));
        return refused;
      }
      told.add(listener);
    }
    plugged.set(first, first + count);
    return Optional.empty();
  }

  public void unplug(int first, int count) {
    listeners.keySet().forEach(listener -> listener.discard(first * block, count * block));
    plugged.clear(first, first + count);
  }

  @Override
  public long granularity() {
    return block;
  }

  @Override
  public boolean isPopulated(long offset, long size) {
    return plugged.nextClearBit((int) (offset / block)) >= (offset + size + block - 1) / block;
  }

  @Override
  public Optional<QemuError> register(Listener listener, MemorySection section) {
    listeners.put(listener, section);
    return replayPopulated(section, listener);
  }

  @Override
  public void unregister(Listener listener) {
    MemorySection section = listeners.remove(listener);
    forEachRun(
        section,
        (first, size) -> {
          listener.discard(first, size);
          return Optional.empty();
        });
  }

  @Override
  public Optional<QemuError> replayPopulated(MemorySection section, Listener listener) {
    return forEachRun(section, listener::populate);
  }

  private interface Visitor {
    Optional<QemuError> visit(long offset, long size);
  }

  /** Visits the runs of plugged blocks, cut to the section. */
  private Optional<QemuError> forEachRun(MemorySection section, Visitor visitor) {
    long begin = section.offsetInRegion();
    long end = begin + section.size().lowBits();
    int at = plugged.nextSetBit((int) (begin / block));
    while (at >= 0 && at * block < end) {
      int next = plugged.nextClearBit(at);
      long first = Math.max(begin, at * block);
      Optional<QemuError> refused = visitor.visit(first, Math.min(end, next * block) - first);
      if (refused.isPresent()) {
        return refused;
      }
      at = plugged.nextSetBit(next);
    }
    return Optional.empty();
  }
}
