package io.github.stopcopy.core.viommu;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.stopcopy.core.Seeds;
import io.github.stopcopy.core.address.AddressRange;
import java.util.List;
import java.util.NavigableMap;
import java.util.NavigableSet;
import java.util.SplittableRandom;
import java.util.TreeMap;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;

/** What a guest writes to its I/O page table, kept as runs and asked for by page. */
class GuestTableTest {

  private static final long PAGE = GuestTable.PAGE;

  private final GuestTable table = new GuestTable();

  private static NavigableSet<Long> pages(List<AddressRange> runs) {
    NavigableSet<Long> pages = new TreeSet<>();
    long behind = -1;
    for (AddressRange run : runs) {
      assertThat(run.first()).as("runs are ascending and apart").isGreaterThan(behind);
      for (long page = run.first(); page <= run.last(); page += PAGE) {
        pages.add(page);
      }
      behind = run.last();
    }
    return pages;
  }

  @Test
  void aMillionPagesThatFollowEachOtherAreOneRun() {
    for (int i = 0; i < 16; i++) {
      long first = (long) i << 28;
      assertThat(table.map(first, 0x40_0000_0000L + first, 1 << 16)).isEmpty();
    }

    assertThat(table.mapped()).containsExactly(new AddressRange(0, (1L << 32) - PAGE));
    assertThat(table.touched()).containsExactly(new AddressRange(0, (1L << 32) - PAGE));
    assertThat(table.target(0x1234_5000)).contains(0x40_1234_5000L);
    assertThat(table.map(1L << 32, 0, 1))
        .contains("a table of more than 1048576 pages is not modelled");
    assertThat(table.map(0, 0, 1 << 20)).as("written over").isEmpty();
  }

  @Test
  void onlyPagesThatAreThereAreTouchedWhenTheyGo() {
    table.map(0x1000, 0x1000, 2);
    table.walked();

    assertThat(table.unmap(0, 1 << 20)).isEmpty();

    assertThat(table.touched()).containsExactly(new AddressRange(0x1000, 0x2000));
    assertThat(table.mapped()).isEmpty();
  }

  @Test
  void anyOrderOfWritesLeavesWhatAMapOfPagesWouldHold() {
    Seeds.run(
        300,
        seed -> {
          SplittableRandom random = new SplittableRandom(seed);
          GuestTable written = new GuestTable();
          NavigableMap<Long, Long> expected = new TreeMap<>();
          NavigableSet<Long> touched = new TreeSet<>();
          for (int step = 0; step < 40; step++) {
            long iova = random.nextInt(32) * PAGE;
            int count = 1 + random.nextInt(12);
            if (random.nextInt(3) > 0) {
              // often one that goes on with what lies before
              long target = random.nextBoolean() ? iova + 0x10000 : random.nextInt(32) * PAGE;
              assertThat(written.map(iova, target, count)).isEmpty();
              for (int i = 0; i < count; i++) {
                expected.put(iova + i * PAGE, target + i * PAGE);
                touched.add(iova + i * PAGE);
              }
            } else if (random.nextInt(8) > 0) {
              assertThat(written.unmap(iova, count)).isEmpty();
              var gone = expected.subMap(iova, true, iova + (count - 1) * PAGE, true);
              touched.addAll(gone.keySet());
              gone.clear();
            } else {
              written.walked();
              touched.clear();
            }
            assertThat(pages(written.mapped())).isEqualTo(expected.keySet());
            assertThat(pages(written.touched())).isEqualTo(touched);
            NavigableSet<Long> either = new TreeSet<>(expected.keySet());
            either.addAll(List.of(0L, 0x5000L));
            assertThat(pages(written.mappedAnd(List.of(0x5000L, 0L)))).isEqualTo(either);
            for (long page = 0; page < 48 * PAGE; page += PAGE) {
              assertThat(written.target(page).orElse(null)).isEqualTo(expected.get(page));
            }
          }
        });
  }
}
