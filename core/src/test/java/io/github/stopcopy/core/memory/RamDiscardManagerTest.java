package io.github.stopcopy.core.memory;

import static io.github.stopcopy.core.memory.Views.ALL;
import static io.github.stopcopy.core.memory.Views.size;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import io.github.stopcopy.core.error.QemuError;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/**
 * RAM whose parts come and go, on a small manager written against the interface (R-AS-90, R-AS-91).
 */
class RamDiscardManagerTest {

  private static final long BLOCK = 0x1000;

  private final GuestMemory memory = new GuestMemory(false, true);
  private final MemoryRegion system = memory.container("system", ALL);
  private final MemoryRegion.Ram ram = memory.ram("vmem", size(0x8000));
  private final AddressSpace space = memory.addressSpace("memory", system);
  private final List<String> log = new ArrayList<>();
  private final Blocks manager = new Blocks();

  /** Blocks of one page, plugged one at a time; a refused block is taken back. */
  private static final class Blocks implements RamDiscardManager {
    private final BitSet plugged = new BitSet();
    private final Map<Listener, MemorySection> listeners = new LinkedHashMap<>();

    Optional<QemuError> plug(int block) {
      List<Listener> told = new ArrayList<>();
      for (Listener listener : listeners.keySet()) {
        Optional<QemuError> refused = listener.populate(block * BLOCK, BLOCK);
        if (refused.isPresent()) {
          told.forEach(other -> other.discard(block * BLOCK, BLOCK));
          return refused;
        }
        told.add(listener);
      }
      plugged.set(block);
      return Optional.empty();
    }

    @Override
    public long granularity() {
      return BLOCK;
    }

    @Override
    public boolean isPopulated(long offset, long size) {
      int first = (int) (offset / BLOCK);
      return plugged.nextClearBit(first) >= (offset + size + BLOCK - 1) / BLOCK;
    }

    @Override
    public Optional<QemuError> register(Listener listener, MemorySection section) {
      listeners.put(listener, section);
      return replayPopulated(section, listener);
    }

    @Override
    public void unregister(Listener listener) {
      listeners.remove(listener);
      plugged.stream().forEach(block -> listener.discard(block * BLOCK, BLOCK));
    }

    @Override
    public Optional<QemuError> replayPopulated(MemorySection section, Listener listener) {
      int first = (int) (section.offsetInRegion() / BLOCK);
      int end = first + (int) ((section.size().lastOffset() + 1) / BLOCK);
      for (int block = plugged.nextSetBit(first); block >= 0 && block < end; ) {
        Optional<QemuError> refused = listener.populate(block * BLOCK, BLOCK);
        if (refused.isPresent()) {
          return refused;
        }
        block = plugged.nextSetBit(block + 1);
      }
      return Optional.empty();
    }
  }

  private final class Recorder implements RamDiscardManager.Listener {
    private final String name;
    private Optional<QemuError> refusal = Optional.empty();

    Recorder(String name) {
      this.name = name;
    }

    @Override
    public Optional<QemuError> populate(long offset, long size) {
      log.add(name + " +" + Long.toHexString(offset));
      return refusal;
    }

    @Override
    public void discard(long offset, long size) {
      log.add(name + " -" + Long.toHexString(offset));
    }
  }

  private MemorySection map() {
    ram.setDiscardManager(manager);
    system.add(0x100000, ram);
    return space.view().ranges().get(0).section();
  }

  @Test
  void R_AS_90_theManagerIsAttachedBeforeTheRegionIsMapped() {
    MemorySection section = map();
    assertThat(((MemoryRegion.Ram) section.region()).discardManager()).containsSame(manager);
    MemoryRegion.Ram mapped = memory.ram("mapped", size(0x1000));
    assertThat(mapped.discardManager()).isEmpty();
    system.add(0, mapped);
    assertThatIllegalStateException()
        .isThrownBy(() -> mapped.setDiscardManager(manager))
        .withMessageContaining("R-AS-90");
  }

  @Test
  void R_AS_90_thereIsOneManager() {
    ram.setDiscardManager(manager);
    assertThatIllegalStateException()
        .isThrownBy(() -> ram.setDiscardManager(new Blocks()))
        .withMessage("vmem has a discard manager");
  }

  @Test
  void R_AS_91_aListenerHearsAtOnceOfThePluggedPartsAscending() {
    MemorySection section = map();
    manager.plug(5);
    manager.plug(1);
    manager.register(new Recorder("L"), section);
    assertThat(log).containsExactly("L +1000", "L +5000");
    assertThat(manager.isPopulated(0x1000, 0x1000)).isTrue();
    assertThat(manager.isPopulated(0x1000, 0x1001)).isFalse();
  }

  @Test
  void R_AS_91_unregisteringDiscardsThePluggedParts() {
    MemorySection section = map();
    Recorder listener = new Recorder("L");
    manager.plug(2);
    manager.register(listener, section);
    log.clear();
    manager.unregister(listener);
    assertThat(log).containsExactly("L -2000");
  }

  @Test
  void R_AS_91_aFailedPopulateIsRolledBackAtThoseAlreadyTold() {
    MemorySection section = map();
    Recorder second = new Recorder("second");
    second.refusal = Optional.of(QemuError.of("cannot map"));
    manager.register(new Recorder("first"), section);
    manager.register(second, section);
    assertThat(manager.plug(3)).isPresent();
    assertThat(log).containsExactly("first +3000", "second +3000", "first -3000");
    assertThat(manager.isPopulated(0x3000, 0x1000)).isFalse();
  }
}
