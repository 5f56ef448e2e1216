package io.github.stopcopy.core.iova;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.stopcopy.core.Seeds;
import io.github.stopcopy.core.address.U64;
import io.github.stopcopy.core.memory.IommuAccess;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.SplittableRandom;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Mappings of I/O virtual addresses against a tree with an object for each. */
class IovaMapTest {

  private static final long PAGE = IovaMap.PAGE;
  private static final long UNMAPPED = 0x123;

  /** What the map is to hold: an object for each mapping, by its first address. */
  private static final class Tree {

    private final NavigableMap<Long, IovaMapping> mappings = new TreeMap<>(U64::compare);

    boolean map(long first, long last, long target, IommuAccess access) {
      if (!overlapping(first, last).isEmpty()) {
        return false;
      }
      mappings.put(first, new IovaMapping(first, last, target, access));
      return true;
    }

    boolean mapPages(long first, long last, long pageSize, long target, IommuAccess access) {
      if (!overlapping(first, last).isEmpty()) {
        return false;
      }
      for (long at = 0; ; at += pageSize) {
        map(first + at, first + at + pageSize - 1, target + at, access);
        if (first + at + pageSize - 1 == last) {
          return true;
        }
      }
    }

    void unmap(long first, long last) {
      for (IovaMapping gone : overlapping(first, last)) {
        mappings.remove(gone.first());
        if (U64.less(gone.first(), first)) {
          map(gone.first(), first - 1, gone.target(), gone.access());
        }
        if (U64.less(last, gone.last())) {
          map(last + 1, gone.last(), gone.target() + (last + 1 - gone.first()), gone.access());
        }
      }
    }

    List<IovaMapping> overlapping(long first, long last) {
      Map.Entry<Long, IovaMapping> before = mappings.floorEntry(first);
      boolean reaches = before != null && U64.lessOrEqual(first, before.getValue().last());
      long from = reaches ? before.getKey() : first;
      return List.copyOf(mappings.subMap(from, true, last, true).values());
    }

    /** The runs in a range, of mappings of one size and access. */
    List<IovaMapping> pieces(long first, long last) {
      List<IovaMapping> pieces = new ArrayList<>();
      for (IovaMapping mapping : overlapping(first, last)) {
        long from = U64.max(first, mapping.first());
        pieces.add(
            new IovaMapping(
                from,
                U64.min(last, mapping.last()),
                mapping.target() + (from - mapping.first()),
                mapping.access()));
      }
      return pieces;
    }
  }

  private static List<IovaMapping> mappings(IovaMap map, long first, long last) {
    List<IovaMapping> found = new ArrayList<>();
    map.forEach(
        first,
        last,
        (from, to, target, access) -> found.add(new IovaMapping(from, to, target, access)));
    return found;
  }

  private static List<IovaMapping> runs(IovaMap map, long first, long last) {
    List<IovaMapping> found = new ArrayList<>();
    map.forEachRun(
        first,
        last,
        (from, to, target, access) -> found.add(new IovaMapping(from, to, target, access)));
    return found;
  }

  /** As few ranges as lead to the same by the same access. */
  private static List<IovaMapping> joined(List<IovaMapping> pieces) {
    List<IovaMapping> joined = new ArrayList<>();
    for (IovaMapping piece : pieces) {
      IovaMapping before = joined.isEmpty() ? null : joined.get(joined.size() - 1);
      if (before != null
          && before.last() + 1 == piece.first()
          && before.access() == piece.access()
          && before.target() + (piece.first() - before.first()) == piece.target()) {
        joined.set(
            joined.size() - 1,
            new IovaMapping(before.first(), piece.last(), before.target(), before.access()));
      } else {
        joined.add(piece);
      }
    }
    return joined;
  }

  private static void assertHolds(IovaMap map, Tree tree) {
    assertThat(map.size()).isEqualTo(tree.mappings.size());
    assertThat(map.isEmpty()).isEqualTo(tree.mappings.isEmpty());
    assertThat(mappings(map, 0, U64.MAX)).isEqualTo(List.copyOf(tree.mappings.values()));
  }

  /** The same of two maps as two trees have it, page by page. */
  private static List<IovaMapping> differing(Tree before, Tree after, long first, int pages) {
    List<IovaMapping> differing = new ArrayList<>();
    for (int i = 0; i < pages; i++) {
      long page = first + i * PAGE;
      List<IovaMapping> was = before.pieces(page, page + PAGE - 1);
      List<IovaMapping> is = after.pieces(page, page + PAGE - 1);
      if (!was.equals(is)) {
        differing.addAll(was);
        differing.addAll(is);
      }
    }
    return differing;
  }

  private static List<IovaMapping> differing(IovaMap before, IovaMap after, long first, int pages) {
    List<IovaMapping> differing = new ArrayList<>();
    before.forEachDifference(
        after,
        first,
        first + pages * PAGE - 1,
        (from, to, was, targetBefore, is, target) -> {
          for (long at = 0; at <= to - from; at += PAGE) {
            long page = from + at;
            if (was != IommuAccess.NONE) {
              differing.add(new IovaMapping(page, page + PAGE - 1, targetBefore + at, was));
            }
            if (is != IommuAccess.NONE) {
              differing.add(new IovaMapping(page, page + PAGE - 1, target + at, is));
            }
          }
        });
    return differing;
  }

  private static IommuAccess access(SplittableRandom random) {
    return random.nextInt(4) == 0 ? IommuAccess.READ : IommuAccess.READ_WRITE;
  }

  /** Pages around 0, around 2^63 and up to 2^64-1, where comparing as signed numbers shows. */
  @ParameterizedTest
  @ValueSource(longs = {0, Long.MAX_VALUE - 31 * 4096L - 4095, -64 * 4096L, 0x40000000})
  void anyOrderOfCallsLeavesWhatATreeHolds(long base) {
    Seeds.run(
        150,
        seed -> {
          SplittableRandom random = new SplittableRandom(seed);
          IovaMap map = new IovaMap();
          Tree tree = new Tree();
          IovaMap former = new IovaMap();
          Tree formerTree = new Tree();
          for (int step = 0; step < 120; step++) {
            int page = random.nextInt(64);
            long first = base + page * PAGE;
            int pages = 1 + random.nextInt(Math.min(random.nextInt(4) == 0 ? 64 : 4, 64 - page));
            long last = first + pages * PAGE - 1;
            // often one that goes on with what lies beside
            long target = random.nextInt(3) > 0 ? first + 0x5000 : random.nextInt(8) * PAGE;
            IommuAccess access = access(random);
            switch (random.nextInt(5)) {
              case 0 ->
                  assertThat(map.map(first, last, target, access))
                      .isEqualTo(tree.map(first, last, target, access));
              case 1, 2 -> {
                long size =
                    PAGE << random.nextInt(Math.min(3, 1 + Integer.numberOfTrailingZeros(pages)));
                assertThat(map.mapPages(first, last, size, target, access))
                    .isEqualTo(tree.mapPages(first, last, size, target, access));
              }
              case 3 -> {
                if (random.nextBoolean()) {
                  map.unmap(first, last);
                  tree.unmap(first, last);
                } else if (map.unmapPages(first, last, PAGE)) {
                  assertThat(tree.overlapping(first, last))
                      .allMatch(gone -> gone.last() - gone.first() == PAGE - 1);
                  tree.unmap(first, last);
                } else {
                  assertThat(tree.overlapping(first, last))
                      .anyMatch(kept -> kept.last() - kept.first() != PAGE - 1);
                }
              }
              default -> {
                if (random.nextInt(10) == 0) {
                  map.clear();
                  tree.mappings.clear();
                } else {
                  former = map;
                  formerTree = tree;
                  map = new IovaMap();
                  tree = new Tree();
                  for (IovaMapping each : formerTree.mappings.values()) {
                    map.map(each.first(), each.last(), each.target(), each.access());
                    tree.map(each.first(), each.last(), each.target(), each.access());
                  }
                }
              }
            }

            assertHolds(map, tree);
            assertThat(mappings(map, first, last)).isEqualTo(tree.overlapping(first, last));
            assertThat(joined(runs(map, first + 1, last - 1)))
                .isEqualTo(joined(tree.pieces(first + 1, last - 1)));
            assertThat(map.overlaps(first, last))
                .isEqualTo(!tree.overlapping(first, last).isEmpty());
            List<IovaMapping> at = tree.overlapping(first + 7, first + 7);
            assertThat(map.at(first + 7).stream().toList()).isEqualTo(at);
            assertThat(map.translate(first + 7, UNMAPPED))
                .isEqualTo(
                    at.isEmpty() ? UNMAPPED : at.get(0).target() + (first + 7 - at.get(0).first()));
            assertThat(map.splits(first)).isEqualTo(!at.isEmpty() && at.get(0).first() != first);
            assertThat(differing(former, map, base, 64))
                .isEqualTo(differing(formerTree, tree, base, 64));
          }
        });
  }

  /** Enough to split and join leaves and blocks of them, in random order and from either end. */
  @Test
  void manyMappingsAreFoundAndGo() {
    Seeds.run(
        2,
        seed -> {
          SplittableRandom random = new SplittableRandom(seed);
          IovaMap map = new IovaMap();
          Tree tree = new Tree();
          for (int round = 0; round < 4; round++) {
            for (int i = 0; i < 30_000; i++) {
              long number =
                  switch (round) {
                    case 0 -> i;
                    case 1 -> 200_000 - i;
                    default -> random.nextInt(1 << 20);
                  };
              long first = number * 2 * PAGE;
              assertThat(map.map(first, first + PAGE - 1, number, IommuAccess.READ_WRITE))
                  .isEqualTo(tree.map(first, first + PAGE - 1, number, IommuAccess.READ_WRITE));
            }
            assertHolds(map, tree);
            for (int i = 0; i < 40_000 && round != 2; i++) {
              long first = random.nextInt(1 << 20) * 2 * PAGE;
              long last = first + (random.nextInt(20) == 0 ? 400 * PAGE : PAGE) - 1;
              map.unmap(first, last);
              tree.unmap(first, last);
            }
            assertHolds(map, tree);
          }
          map.unmap(0, U64.MAX);
          assertHolds(map, new Tree());
        });
  }

  /**
   * Scattered pages, close to each other and far away, with mappings of more pages between them:
   * what lies in blocks becomes runs and the other way round.
   */
  @Test
  void pagesThatLeadAnywhereAreFoundAndGo() {
    Seeds.run(
        30,
        seed -> {
          SplittableRandom random = new SplittableRandom(seed);
          IovaMap map = new IovaMap();
          Tree tree = new Tree();
          int spread = 1 << random.nextInt(6, 13);
          int farSpread = 1 << random.nextInt(1, 12);
          for (int step = 0; step < 3000; step++) {
            boolean isFar = random.nextInt(3) == 0;
            long first = (isFar ? random.nextInt(farSpread) * 512 : random.nextInt(spread)) * PAGE;
            long last = first + (random.nextInt(30) == 0 ? 1 + random.nextInt(40) : 1) * PAGE - 1;
            long target = random.nextInt(5) == 0 ? first : random.nextLong();
            if (random.nextInt(3) == 0) {
              map.unmap(first, last);
              tree.unmap(first, last);
            } else {
              IommuAccess access =
                  random.nextInt(20) == 0 ? IommuAccess.READ : IommuAccess.READ_WRITE;
              assertThat(map.map(first, last, target, access))
                  .isEqualTo(tree.map(first, last, target, access));
            }
            long there = (random.nextBoolean() ? first : random.nextInt(spread) * PAGE) + 5;
            List<IovaMapping> at = tree.overlapping(there, there);
            assertThat(map.at(there).stream().toList()).isEqualTo(at);
            assertThat(map.translate(there, UNMAPPED))
                .isEqualTo(
                    at.isEmpty() ? UNMAPPED : at.get(0).target() + (there - at.get(0).first()));
            assertThat(map.splits(there)).isEqualTo(!at.isEmpty());
            assertThat(map.overlaps(there - 5, there + 9 * PAGE))
                .isEqualTo(!tree.overlapping(there - 5, there + 9 * PAGE).isEmpty());
            if (step % 100 == 0) {
              assertHolds(map, tree);
              assertThat(runs(map, 0, U64.MAX).size()).isLessThanOrEqualTo(tree.mappings.size());
            }
          }
          assertThat(joined(runs(map, 0, U64.MAX))).isEqualTo(joined(tree.pieces(0, U64.MAX)));
        });
  }

  @Test
  void aTebibyteOfPagesIsOneRunAndSplitsByPages() {
    IovaMap map = new IovaMap();

    map.mapPages(0, (1L << 40) - 1, PAGE, 1L << 41, IommuAccess.READ);
    map.unmap(0x5000, 0x5fff);

    assertThat(map.size()).isEqualTo((1L << 28) - 1);
    assertThat(map.splits(0x8000)).isFalse();
    assertThat(runs(map, 0, U64.MAX))
        .containsExactly(
            new IovaMapping(0, 0x4fff, 1L << 41, IommuAccess.READ),
            new IovaMapping(0x6000, (1L << 40) - 1, (1L << 41) + 0x6000, IommuAccess.READ));
  }

  /** A page that holds mappings whole takes them along; one that would cut any does not. */
  @Test
  void pagesGoWithTheMappingsThatTheyHold() {
    IovaMap map = new IovaMap();
    map.mapPages(0x4000, 0xbfff, 2 * PAGE, 0, IommuAccess.READ);
    map.map(0x10000, 0x10fff, 0, IommuAccess.READ);

    assertThat(map.unmapPages(0x4000, 0x7fff, PAGE)).isFalse();
    assertThat(map.unmapPages(0x5000, 0x8fff, 2 * PAGE)).isFalse();
    assertThat(map.unmapPages(0x2000, 0x5fff, 4 * PAGE)).isTrue();
    assertThat(map.size()).isEqualTo(4);
    assertThat(map.unmapPages(0, 0x17fff, 4 * PAGE)).isTrue();
    assertThat(map.isEmpty()).isTrue();
    assertThat(map.unmapPages(0, 0x17fff, 4 * PAGE)).as("nothing there").isTrue();
    map.map(0, U64.MAX, 0, IommuAccess.READ);
    assertThat(map.unmapPages(0, PAGE - 1, PAGE)).as("2^64 bytes").isFalse();
    assertThat(map.size()).isEqualTo(1);
    assertThatThrownBy(() -> map.unmapPages(0, 3 * PAGE - 1, 2 * PAGE))
        .hasMessageContaining("pages of 0x2000 bytes");
  }

  @Test
  void theWholeSpaceIsAMappingThatCanBeCut() {
    IovaMap map = new IovaMap();

    assertThat(map.map(0, U64.MAX, 1, IommuAccess.READ_WRITE)).isTrue();
    assertThat(map.map(PAGE, 2 * PAGE - 1, 0, IommuAccess.READ_WRITE)).isFalse();
    assertThat(map.translate(U64.MAX, UNMAPPED)).isZero();
    assertThat(map.splits(0)).isFalse();
    assertThat(map.splits(PAGE)).isTrue();
    map.unmap(-PAGE, U64.MAX);

    assertThat(mappings(map, 0, U64.MAX))
        .containsExactly(new IovaMapping(0, -PAGE - 1, 1, IommuAccess.READ_WRITE));
  }

  @Test
  void aVisitorMayChangeTheMap() {
    IovaMap map = new IovaMap();
    for (long page = 0; page < 6; page++) {
      map.map(page * PAGE, page * PAGE + PAGE - 1, page % 2 << 40, IommuAccess.READ);
    }
    List<Long> visited = new ArrayList<>();

    map.forEachRun(
        0,
        U64.MAX,
        (first, last, target, access) -> {
          visited.add(first);
          map.unmap(first, last);
          map.unmap(4 * PAGE, 5 * PAGE - 1);
        });

    assertThat(visited).containsExactly(0L, PAGE, 2 * PAGE, 3 * PAGE, 5 * PAGE);
    assertThat(map.isEmpty()).isTrue();
  }

  @Test
  void whatIsNoWholePageIsRefused() {
    IovaMap map = new IovaMap();

    assertThatThrownBy(() -> map.map(1, PAGE - 1, 0, IommuAccess.READ))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("0x1 to 0xfff");
    assertThatThrownBy(() -> map.unmap(PAGE, 0)).isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> map.unmap(PAGE, PAGE - 1))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> map.mapPages(0, 3 * PAGE - 1, 2 * PAGE, 0, IommuAccess.READ))
        .hasMessageContaining("pages of 0x2000 bytes");
    assertThatThrownBy(() -> map.mapPages(1, PAGE, PAGE, 0, IommuAccess.READ))
        .hasMessageContaining("from 0x1 to 0x1000, expected whole pages");
    assertThatThrownBy(() -> map.mapPages(0, PAGE - 1, 2048, 0, IommuAccess.READ))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> map.map(0, PAGE - 1, 0, IommuAccess.NONE))
        .hasMessageContaining("without access");
    assertThat(map).hasToString("0 mappings");
  }

  /** Whichever comes last: mappings that go on with each other are one run. */
  @Test
  void neighboursAreOneRunInAnyOrder() {
    for (List<Integer> order :
        List.of(
            List.of(0, 1, 2),
            List.of(0, 2, 1),
            List.of(1, 0, 2),
            List.of(1, 2, 0),
            List.of(2, 0, 1),
            List.of(2, 1, 0))) {
      IovaMap map = new IovaMap();
      for (int part : order) {
        long first = 0x10000 + part * 4 * PAGE;
        map.map(first, first + 4 * PAGE - 1, first + 0x70000, IommuAccess.READ);
      }
      long last = 0x10000 + 12 * PAGE - 1;

      assertThat(runs(map, 0, U64.MAX))
          .as("%s", order)
          .containsExactly(new IovaMapping(0x10000, last, 0x80000, IommuAccess.READ));
      assertThat(map.size()).isEqualTo(3);
    }
  }

  /** Also with pages that led elsewhere than all around them until then. */
  @Test
  void aPageThatGoesOnWithOneOfABlockIsARunWithIt() {
    IovaMap map = new IovaMap();
    for (long page = 0; page < 20; page += 2) {
      map.map(page * PAGE, (page + 1) * PAGE - 1, page << 32, IommuAccess.READ_WRITE);
    }
    map.map(3 * PAGE, 4 * PAGE - 1, (2L << 32) + PAGE, IommuAccess.READ_WRITE);
    map.map(5 * PAGE, 6 * PAGE - 1, (6L << 32) - PAGE, IommuAccess.READ_WRITE);
    map.map(7 * PAGE, 8 * PAGE - 1, (6L << 32) + PAGE, IommuAccess.READ_WRITE);
    map.map(9 * PAGE, 10 * PAGE - 1, (8L << 32) + PAGE, IommuAccess.READ);

    assertThat(runs(map, 2 * PAGE, 10 * PAGE - 1))
        .containsExactly(
            new IovaMapping(2 * PAGE, 4 * PAGE - 1, 2L << 32, IommuAccess.READ_WRITE),
            new IovaMapping(4 * PAGE, 5 * PAGE - 1, 4L << 32, IommuAccess.READ_WRITE),
            new IovaMapping(5 * PAGE, 8 * PAGE - 1, (6L << 32) - PAGE, IommuAccess.READ_WRITE),
            new IovaMapping(8 * PAGE, 9 * PAGE - 1, 8L << 32, IommuAccess.READ_WRITE),
            new IovaMapping(9 * PAGE, 10 * PAGE - 1, (8L << 32) + PAGE, IommuAccess.READ));
  }

  @Test
  void whatLeadsElsewhereIsARunOfItsOwn() {
    IovaMap map = new IovaMap();
    map.map(0, PAGE - 1, 0x5000, IommuAccess.READ);
    map.map(PAGE, 2 * PAGE - 1, 0x9000, IommuAccess.READ);
    map.map(2 * PAGE, 3 * PAGE - 1, 0xa000, IommuAccess.READ_WRITE);
    map.map(3 * PAGE, 5 * PAGE - 1, 0xb000, IommuAccess.READ_WRITE);

    assertThat(runs(map, 0, U64.MAX)).hasSize(4);
  }
}
