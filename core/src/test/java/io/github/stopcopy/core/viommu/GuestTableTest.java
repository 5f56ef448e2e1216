package io.github.stopcopy.core.viommu;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.stopcopy.core.Seeds;
import io.github.stopcopy.core.address.AddressRange;
import io.github.stopcopy.core.address.U64;
import io.github.stopcopy.core.iova.IovaMap;
import io.github.stopcopy.core.memory.IommuAccess;
import io.github.stopcopy.core.memory.IommuNotifier;
import io.github.stopcopy.core.memory.NotifierFlags;
import java.util.ArrayList;
import java.util.List;
import java.util.NavigableMap;
import java.util.NavigableSet;
import java.util.Objects;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.TreeMap;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;

/** What a guest writes to its I/O page table, kept as runs and asked for by page. */
class GuestTableTest {

  private static final long PAGE = GuestTable.PAGE;
  private static final AddressRange ALL = new AddressRange(0, U64.MAX);

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

  private static NavigableSet<Long> changed(
      GuestTable table, IovaMap announced, AddressRange range, boolean all) {
    List<AddressRange> runs = new ArrayList<>();
    table.forEachChange(
        announced,
        range,
        all,
        (first, last, before, was, after, is) ->
            runs.add(new AddressRange(first, last - PAGE + 1)));
    return pages(runs);
  }

  private static void announce(GuestTable table, IovaMap announced) {
    table.forEachChange(
        announced,
        ALL,
        false,
        (first, last, before, was, after, is) -> {
          announced.unmap(first, last);
          if (after != IommuAccess.NONE) {
            announced.mapPages(first, last, PAGE, is, after);
          }
        });
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
          IovaMap announced = new IovaMap();
          NavigableMap<Long, Long> known = new TreeMap<>();
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
              announce(written, announced);
              known.clear();
              known.putAll(expected);
              written.walked();
              touched.clear();
            }
            assertThat(pages(written.mapped())).isEqualTo(expected.keySet());
            assertThat(pages(written.touched())).isEqualTo(touched);
            NavigableSet<Long> different = new TreeSet<>(known.keySet());
            different.addAll(expected.keySet());
            different.removeIf(page -> Objects.equals(known.get(page), expected.get(page)));
            assertThat(changed(written, announced, ALL, false)).isEqualTo(different);
            assertThat(changed(written, announced, ALL, true)).isEqualTo(different);
            assertThat(changed(written, announced, new AddressRange(0x5000, 0x8fff), false))
                .isEqualTo(different.subSet(0x5000L, 0x9000L));
            for (long page = 0; page < 48 * PAGE; page += PAGE) {
              assertThat(written.target(page).orElse(null)).isEqualTo(expected.get(page));
            }
          }
        });
  }

  private static Optional<AddressRange> walked(long start, long end, int addressBits) {
    IommuNotifier notifier = new IommuNotifier(NotifierFlags.IOTLB_EVENTS, start, end, entry -> {});
    return GuestTable.walked(notifier, addressBits);
  }

  @Test
  void theWidthOfTheTableAndTheNotifierLimitWhatIsWalkedToWholePages() {
    assertThat(walked(0, U64.MAX, 39)).contains(new AddressRange(0, (1L << 39) - 1));
    assertThat(walked(0x5000, 0xfedfffffL, 48)).contains(new AddressRange(0x5000, 0xfedfffffL));
    assertThat(walked(0x4001, 0x6ffe, 48)).contains(new AddressRange(0x5000, 0x5fff));
    assertThat(walked(0x4001, 0x5ffe, 48)).isEmpty();
    assertThat(walked(0, 0xffe, 48)).isEmpty();
    assertThat(walked(1L << 39, U64.MAX, 39)).isEmpty();
    assertThat(walked(0, U64.MAX, 0)).isEmpty();
  }
}
