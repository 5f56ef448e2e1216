package com.example.snippets;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.stopcopy.core.address.AddressRange;
import io.github.stopcopy.core.dirty.DirtyBitmap;
import io.github.stopcopy.core.dirty.DirtyMarker;
import io.github.stopcopy.core.dirty.RangeCoalescing;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Dirty pages and the ranges in which they are looked for. */
class DirtyPagesTest {

  @Test
  void pagesAreMarkedAndHarvested() {
    // @start region=bitmap
    DirtyBitmap dirty = new DirtyBitmap(1L << 20); // 4 GiB in pages of 4 KiB
    dirty.mark(5); // from any thread, also while another harvests
    dirty.mark(100, 28);

    DirtyBitmap toSend = new DirtyBitmap(dirty.pages());
    long fetched = dirty.harvestInto(toSend, 0); // and dirty is clean
    long first = toSend.nextDirty(0);
    // @end
    assertThat(fetched).isEqualTo(29);
    assertThat(first).isEqualTo(5);
    assertThat(dirty.count()).isZero();
  }

  @Test
  void aThreadThatMarksManyHasAMarker() {
    DirtyBitmap dirty = new DirtyBitmap(1L << 20);
    // @start region=marker
    long fetched;
    DirtyBitmap toSend = new DirtyBitmap(dirty.pages());
    try (DirtyMarker marker = dirty.marker()) { // one for each thread
      for (long page = 0; page < 1000; page++) {
        marker.mark(page * 7 % 1000);
      }
      fetched = dirty.harvestInto(toSend, 0); // here or in any thread: finds all of them
      marker.mark(5); // for the next harvest
    }
    // @end
    assertThat(fetched).isEqualTo(1000);
    assertThat(dirty.count()).isEqualTo(1);
  }

  @Test
  void rangesAreCoalesced() {
    // @start region=coalescing
    List<AddressRange> ram =
        List.of(
            new AddressRange(0, 0x9ffff),
            new AddressRange(0xc0000, 0x7fffffff),
            new AddressRange(0x100000000L, 0x107fffffffL));
    List<AddressRange> two = RangeCoalescing.coalesce(ram, 2); // the smallest gap is closed
    // @end
    assertThat(two).containsExactly(new AddressRange(0, 0x7fffffff), ram.get(2));
  }
}
