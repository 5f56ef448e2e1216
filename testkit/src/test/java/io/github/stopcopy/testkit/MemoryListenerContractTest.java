package io.github.stopcopy.testkit;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.stopcopy.core.address.AddressRange;
import io.github.stopcopy.core.address.ByteSize;
import io.github.stopcopy.core.error.QemuError;
import io.github.stopcopy.core.memory.AddressSpace;
import io.github.stopcopy.core.memory.FlatRange;
import io.github.stopcopy.core.memory.GuestMemory;
import io.github.stopcopy.core.memory.MemoryListener;
import io.github.stopcopy.core.memory.MemoryRegion;
import io.github.stopcopy.core.memory.MemorySection;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The contract of listeners passes an honest one and fails one that does not follow. */
class MemoryListenerContractTest {

  /** What is wrong with a listener. */
  enum Fault {
    NONE,
    MISSES_A_REMOVAL,
    MISSES_READ_ONLY_RUNS,
    ADDS_AT_LOG_START,
    CLEARS_AT_BEGIN
  }

  private static Fault fault = Fault.NONE;

  private static final class MapListener implements MemoryListener {
    private final List<AddressRange> mapped = new ArrayList<>();
    private final Fault fault;
    private int removals;

    MapListener(Fault fault) {
      this.fault = fault;
    }

    @Override
    public void begin() {
      if (fault == Fault.CLEARS_AT_BEGIN) {
        mapped.clear();
      }
    }

    @Override
    public void regionAdd(MemorySection section) {
      if (fault != Fault.MISSES_READ_ONLY_RUNS || !section.readonly()) {
        mapped.add(section.range());
      }
    }

    @Override
    public void regionDel(MemorySection section) {
      removals++;
      if (fault != Fault.MISSES_A_REMOVAL || removals % 20 != 0) {
        mapped.remove(section.range());
      }
    }

    @Override
    public Optional<QemuError> logGlobalStart() {
      if (fault == Fault.ADDS_AT_LOG_START) {
        mapped.add(new AddressRange(1L << 40, (1L << 40) + 4095));
      }
      return Optional.empty();
    }
  }

  @Nested
  class Honest extends MemoryListenerContract<MapListener> {
    @Override
    protected MapListener create(GuestMemory memory, AddressSpace space) {
      return new MapListener(Fault.NONE);
    }

    @Override
    protected List<AddressRange> mapped(MapListener listener) {
      return listener.mapped;
    }
  }

  /** Does not follow read-only runs, and says so. */
  @Nested
  class OnlyWhatCanBeWritten extends MemoryListenerContract<MapListener> {
    @Override
    protected MapListener create(GuestMemory memory, AddressSpace space) {
      return new MapListener(Fault.MISSES_READ_ONLY_RUNS);
    }

    @Override
    protected List<AddressRange> mapped(MapListener listener) {
      return listener.mapped;
    }

    @Override
    protected boolean follows(FlatRange range) {
      return !range.readonly();
    }
  }

  /** Not run on its own: it fails. */
  static class Lying extends MemoryListenerContract<MapListener> {
    @Override
    protected MapListener create(GuestMemory memory, AddressSpace space) {
      return new MapListener(fault);
    }

    @Override
    protected List<AddressRange> mapped(MapListener listener) {
      return listener.mapped;
    }
  }

  @ParameterizedTest
  @CsvSource({
    "MISSES_A_REMOVAL, everyCommitIsFollowed",
    "MISSES_READ_ONLY_RUNS, registrationReplaysWhatIsThere",
    "ADDS_AT_LOG_START, dirtyLoggingMapsNothing",
    "CLEARS_AT_BEGIN, anEmptyTransactionIsHarmless",
  })
  void theContractFailsForAListenerThatDoesNotFollow(Fault injected, String expected) {
    fault = injected;

    assertThat(ContractRun.of(Lying.class).failed()).containsKey(expected);
  }

  @Test
  void anHonestListenerPassesEveryCase() {
    fault = Fault.NONE;

    ContractRun run = ContractRun.of(Lying.class);

    assertThat(run.failed()).isEmpty();
    assertThat(run.skipped()).isEmpty();
    assertThat(run.passed()).hasSizeGreaterThan(7);
  }

  @Test
  void randomTopologiesShowEveryKindOfRegion() {
    List<String> kinds = new ArrayList<>();
    Seeds.forEach(
        20,
        random -> {
          GuestMemory memory = new GuestMemory(false, false);
          MemoryRegion root = memory.container("root", ByteSize.WHOLE_SPACE);
          AddressSpace space = memory.addressSpace("memory", root);
          RandomTopology topology = new RandomTopology(random, memory, root);
          for (int i = 0; i < 20; i++) {
            topology.change();
            space
                .view()
                .ranges()
                .forEach(range -> kinds.add(range.region().getClass().getSimpleName()));
          }
        });
    assertThat(kinds).contains("Ram", "Rom", "RomDevice", "RamDevice", "Io");
  }
}
