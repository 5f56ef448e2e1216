package io.github.stopcopy.testkit;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.stopcopy.core.address.AddressRange;
import io.github.stopcopy.core.address.ByteSize;
import io.github.stopcopy.core.address.U64;
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
    CLEARS_AT_BEGIN,
    DROPS_ADDRESSES_FROM_4_GIB_ON,
    CUTS_SIZES_TO_32_BITS,
    MAPS_64_AT_MOST,
    IGNORES_UNALIGNED,
    ROUNDS_OUT,
    ROUNDS_IN
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
        believed(section.range()).ifPresent(mapped::add);
      }
    }

    @Override
    public void regionDel(MemorySection section) {
      removals++;
      if (fault != Fault.MISSES_A_REMOVAL || removals % 20 != 0) {
        believed(section.range()).ifPresent(mapped::remove);
      }
    }

    /** What the listener makes of a section. */
    private Optional<AddressRange> believed(AddressRange range) {
      long first = range.first();
      long last = range.last();
      boolean aligned = first % 4096 == 0 && (last + 1) % 4096 == 0;
      return switch (fault) {
        case DROPS_ADDRESSES_FROM_4_GIB_ON -> Optional.of(range).filter(one -> first >>> 32 == 0);
        case CUTS_SIZES_TO_32_BITS ->
            Optional.of(new AddressRange(first, first + (last - first & 0xffffffffL)));
        case MAPS_64_AT_MOST ->
            Optional.of(range).filter(one -> mapped.size() < 64 || mapped.contains(one));
        case IGNORES_UNALIGNED -> Optional.of(range).filter(one -> aligned);
        case ROUNDS_OUT -> Optional.of(new AddressRange(first & -4096, last | 4095));
        case ROUNDS_IN -> wholePages(range);
        default -> Optional.of(range);
      };
    }

    @Override
    public Optional<QemuError> logGlobalStart() {
      if (fault == Fault.ADDS_AT_LOG_START) {
        mapped.add(new AddressRange(1L << 40, (1L << 40) + 4095));
      }
      return Optional.empty();
    }
  }

  /** The whole pages of 4096 bytes in a range, below the last of all. */
  private static Optional<AddressRange> wholePages(AddressRange range) {
    long first = U64.alignUp(range.first(), 4096);
    long end = U64.alignDown(range.last() + 1, 4096);
    return U64.lessOrEqual(range.first(), first) && U64.less(first, end)
        ? Optional.of(new AddressRange(first, end - 1))
        : Optional.empty();
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

  /** Maps whole pages only, and says so. */
  @Nested
  class OnlyWholePages extends MemoryListenerContract<MapListener> {
    @Override
    protected MapListener create(GuestMemory memory, AddressSpace space) {
      return new MapListener(Fault.ROUNDS_IN);
    }

    @Override
    protected List<AddressRange> mapped(MapListener listener) {
      return listener.mapped;
    }

    @Override
    protected Optional<AddressRange> mappedPart(FlatRange range) {
      return wholePages(range.range());
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
    "DROPS_ADDRESSES_FROM_4_GIB_ON, sectionsLieAnywhere",
    "CUTS_SIZES_TO_32_BITS, sectionsLieAnywhere",
    "MAPS_64_AT_MOST, manySectionsAreFollowed",
    "IGNORES_UNALIGNED, unalignedSectionsAreFollowed",
    "ROUNDS_OUT, unalignedSectionsAreFollowed",
    "ROUNDS_IN, unalignedSectionsAreFollowed",
    "DROPS_ADDRESSES_FROM_4_GIB_ON, everyCommitIsFollowed",
    "IGNORES_UNALIGNED, everyCommitIsFollowed",
    "ROUNDS_OUT, everyCommitIsFollowed",
  })
  void theContractFailsForAListenerThatDoesNotFollow(Fault injected, String expected) {
    fault = injected;

    assertThat(ContractRun.of(Lying.class, expected).failed()).containsKey(expected);
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
