package com.example.snippets;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.stopcopy.core.iova.IovaMap;
import io.github.stopcopy.core.memory.IommuAccess;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What I/O virtual addresses lead to. */
class IovaMapTest {

  @Test
  void mappingsComeAndGo() {
    // @start region=map
    IovaMap map = new IovaMap();
    map.map(0x1000, 0x2fff, 0x7000_0000, IommuAccess.READ_WRITE); // a mapping of two pages
    map.mapPages(0x10_0000, 0x4fff_ffff, 4096, 0x8000_0000L, IommuAccess.READ); // many of one

    long target = map.translate(0x1234, -1); // 0x70000234
    boolean cuts = map.splits(0x2000); // true: its two pages were mapped together
    map.unmap(0x10_0000, 0x1f_ffff); // 256 mappings

    List<Long> firsts = new ArrayList<>();
    map.forEachRun(0, -1, (first, last, to, access) -> firsts.add(first)); // two runs
    // @end
    assertThat(target).isEqualTo(0x7000_0234);
    assertThat(cuts).isTrue();
    assertThat(firsts).containsExactly(0x1000L, 0x20_0000L);
    assertThat(map.size()).isEqualTo(1 + (0x4fff_ffff + 1 - 0x20_0000) / 4096);
  }
}
