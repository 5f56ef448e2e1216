package io.github.stopcopy.core.dirty;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.fail;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.SplittableRandom;

/** A bitmap and the BitSet that it is held against. */
final class BitmapModel {

  /** Pages near which words, groups and words of the summary meet. */
  private static final int[] EDGES = {0, 64, 512, 32_768};

  final DirtyBitmap bitmap;
  final BitSet model;
  final int pages;
  private final SplittableRandom random;

  BitmapModel(int pages, SplittableRandom random) {
    this.bitmap = new DirtyBitmap(pages);
    this.model = new BitSet(pages);
    this.pages = pages;
    this.random = random;
  }

  /** A size: none, about a word, a few groups, and now and then several words of the summary. */
  static int anySize(SplittableRandom random) {
    int kind = random.nextInt(40);
    if (kind == 0) {
      return 0;
    }
    if (kind == 1) {
      return 32_768 * (1 + random.nextInt(3)) + random.nextInt(-600, 600);
    }
    if (kind < 10) {
      return Math.max(
          0, EDGES[random.nextInt(3)] * (1 + random.nextInt(3)) + random.nextInt(-2, 3));
    }
    return random.nextInt(1, kind < 20 ? 130 : 2000);
  }

  /** A page, often where words or groups meet or at the end. */
  int anyPage() {
    if (random.nextInt(3) != 0) {
      return random.nextInt(pages);
    }
    int edge = EDGES[random.nextInt(EDGES.length)];
    int page =
        random.nextInt(4) == 0 ? pages - 1 : edge * random.nextInt(pages / Math.max(edge, 1) + 1);
    return Math.min(Math.max(page + random.nextInt(-1, 2), 0), pages - 1);
  }

  /** How many pages a range from here has: none, a few, or up to the end. */
  int anyCount(int first) {
    int left = pages - first;
    return switch (random.nextInt(4)) {
      case 0 -> left;
      case 1 -> random.nextInt(Math.min(left, 70) + 1);
      default -> random.nextInt(left + 1);
    };
  }

  /** Marks some pages and ranges in both. */
  void markSome() {
    for (int i = random.nextInt(8); i > 0 && pages > 0; i--) {
      int first = anyPage();
      int count = random.nextInt(3) == 0 ? anyCount(first) : 1;
      bitmap.mark(first, count);
      model.set(first, first + count);
    }
  }

  /**
   * Marks in the model what another model has from {@code first} on, moved; answers how many are
   * new.
   */
  long take(BitSet other, int first, int count, int at) {
    int before = model.cardinality();
    for (int page = other.nextSetBit(first);
        page >= 0 && page < first + count;
        page = other.nextSetBit(page + 1)) {
      model.set(page - first + at);
    }
    return model.cardinality() - before;
  }

  /**
   * Whatever the bitmap can be asked is as in the model, and no dirty page is hidden by the
   * summary.
   */
  void check() {
    ByteBuffer bytes = ByteBuffer.allocate((int) DirtyBitmap.bytes(pages));
    bitmap.writeTo(bytes);
    if (!BitSet.valueOf(bytes.flip()).equals(model)) {
      fail("the words are " + BitSet.valueOf(bytes) + ", expected " + model);
    }
    assertThat(bitmap.count()).isEqualTo(model.cardinality());
    assertThat(bitmap.toString()).isEqualTo(model.cardinality() + " of " + pages + " pages dirty");
    List<Long> runs = new ArrayList<>();
    bitmap.forEachRun((first, count) -> {
      runs.add(first);
      runs.add(first + count);
    });
    assertThat(runs).isEqualTo(runsOfModel());
    for (int i = 0; i < 20 && pages > 0; i++) {
      int page = anyPage();
      assertThat(bitmap.isDirty(page)).isEqualTo(model.get(page));
      assertThat(bitmap.nextDirty(page)).isEqualTo(model.nextSetBit(page));
      assertThat(bitmap.nextClean(page)).isEqualTo(Math.min(model.nextClearBit(page), pages));
    }
    assertThat(bitmap.nextDirty(pages)).isEqualTo(-1);
    assertThat(bitmap.nextClean(pages)).isEqualTo(pages);
  }

  private List<Long> runsOfModel() {
    List<Long> runs = new ArrayList<>();
    for (int first = model.nextSetBit(0); first >= 0; ) {
      int end = model.nextClearBit(first);
      runs.add((long) first);
      runs.add((long) end);
      first = model.nextSetBit(end);
    }
    return runs;
  }
}
