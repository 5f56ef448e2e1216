package io.github.stopcopy.core.dirty;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.stopcopy.core.Seeds;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.BitSet;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

/** Random operations on bitmaps, each held against BitSets. */
class RandomBitmapTest {

  private static final int OPERATIONS = 17;

  @Test
  void R_DT_44_R_DT_52_R_DT_60_everyOperationDoesWhatItDoesToABitSet() {
    int[] done = new int[OPERATIONS];
    Seeds.run(
        4000,
        seed -> {
          SplittableRandom random = new SplittableRandom(seed);
          BitmapModel one = new BitmapModel(BitmapModel.anySize(random), random);
          BitmapModel two = new BitmapModel(BitmapModel.anySize(random), random);
          for (int i = 0; i < 12; i++) {
            int operation = random.nextInt(OPERATIONS);
            boolean swap = random.nextBoolean();
            play(operation, swap ? one : two, swap ? two : one, random);
            done[operation]++;
            one.check();
            two.check();
          }
        });
    if (Seeds.areUsual()) {
      assertThat(Arrays.stream(done).min().orElseThrow()).isGreaterThan(2000);
    }
  }

  private static void play(
      int operation, BitmapModel one, BitmapModel two, SplittableRandom random) {
    int first = one.pages == 0 ? 0 : one.anyPage();
    int count = one.anyCount(first);
    switch (operation) {
      case 0 -> markPages(one, random);
      case 1, 2, 3 -> {
        one.bitmap.mark(first, count);
        one.model.set(first, first + count);
      }
      case 4 -> clearPages(one, random);
      case 5 -> {
        one.bitmap.clear(first, count);
        one.model.clear(first, first + count);
      }
      case 6 -> {
        if (random.nextInt(4) == 0) {
          one.bitmap.fill();
          one.model.set(0, one.pages);
        }
      }
      case 7, 8 -> harvestWhole(one, random);
      case 9, 10 -> harvestPart(one, two, random);
      case 11 -> merge(one, random);
      case 12 -> split(one, random);
      case 13 -> join(one, random);
      case 14 -> exchange(one, random);
      default -> one.markSome();
    }
  }

  private static void markPages(BitmapModel one, SplittableRandom random) {
    for (int i = random.nextInt(20); i > 0 && one.pages > 0; i--) {
      int page = one.anyPage();
      one.bitmap.mark(page);
      one.model.set(page);
    }
  }

  private static void clearPages(BitmapModel one, SplittableRandom random) {
    for (int i = random.nextInt(20); i > 0 && one.pages > 0; i--) {
      int page = one.anyPage();
      assertThat(one.bitmap.clear(page)).isEqualTo(one.model.get(page));
      one.model.clear(page);
    }
  }

  /** A bitmap with dirty pages that has room for so many pages from {@code at} on. */
  private static BitmapModel target(int pages, int at, SplittableRandom random) {
    BitmapModel target = new BitmapModel(pages + at + random.nextInt(200), random);
    target.markSome();
    return target;
  }

  /** Where pages go to in a target: at a word, at a group, or anywhere. */
  private static int anyPlace(SplittableRandom random) {
    return switch (random.nextInt(4)) {
      case 0 -> 0;
      case 1 -> 64 * random.nextInt(20);
      case 2 -> 512 * random.nextInt(3);
      default -> random.nextInt(1200);
    };
  }

  private static void harvestWhole(BitmapModel one, SplittableRandom random) {
    int at = anyPlace(random);
    BitmapModel target = target(one.pages, at, random);
    assertThat(one.bitmap.harvestInto(target.bitmap, at))
        .isEqualTo(target.take(one.model, 0, one.pages, at));
    one.model.clear();
    target.check();
  }

  private static void harvestPart(BitmapModel one, BitmapModel two, SplittableRandom random) {
    int most = Math.min(one.pages, two.pages);
    int count = random.nextInt(3) == 0 ? most : random.nextInt(most + 1);
    int first = random.nextInt(one.pages - count + 1);
    int at = random.nextInt(two.pages - count + 1);
    if (random.nextInt(3) == 0) {
      int word = first & ~63;
      first = word + count <= one.pages ? word : first;
      at = Math.min(at & ~63 | first & 63, two.pages - count);
    }
    assertThat(one.bitmap.harvestInto(first, count, two.bitmap, at))
        .isEqualTo(two.take(one.model, first, count, at));
    one.model.clear(first, first + count);
  }

  private static void merge(BitmapModel one, SplittableRandom random) {
    int at = anyPlace(random);
    BitmapModel target = target(one.pages, at, random);
    assertThat(one.bitmap.mergeInto(target.bitmap, at))
        .isEqualTo(target.take(one.model, 0, one.pages, at));
    target.check();
  }

  private static void split(BitmapModel one, SplittableRandom random) {
    int parts = random.nextInt(4) == 0 ? 16 : random.nextInt(1, 20);
    int at = anyPlace(random);
    BitSet pages = new BitSet();
    for (int page = 0; page < one.pages * parts; page++) {
      pages.set(page, one.model.get(page / parts));
    }
    BitmapModel target = target(one.pages * parts, at, random);
    assertThat(one.bitmap.splitInto(target.bitmap, at, parts))
        .isEqualTo(target.take(pages, 0, one.pages * parts, at));
    target.check();
  }

  private static void join(BitmapModel one, SplittableRandom random) {
    int parts = random.nextInt(4) == 0 ? 16 : random.nextInt(1, 600);
    int at = anyPlace(random);
    BitSet pages = new BitSet();
    one.model.stream().forEach(page -> pages.set(page / parts));
    int large = (one.pages + parts - 1) / parts;
    BitmapModel target = target(large, at, random);
    assertThat(one.bitmap.joinInto(target.bitmap, at, parts))
        .isEqualTo(target.take(pages, 0, large, at));
    target.check();
  }

  private static void exchange(BitmapModel one, SplittableRandom random) {
    byte[] bytes = new byte[(int) DirtyBitmap.bytes(one.pages)];
    for (int i = random.nextInt(2) * bytes.length; i < bytes.length; i++) {
      bytes[i] = (byte) (random.nextInt(5) == 0 ? random.nextInt() : 0);
    }
    if (bytes.length > 0) {
      Arrays.fill(bytes, bytes.length - 8, bytes.length, (byte) random.nextInt());
    }
    BitSet sent = BitSet.valueOf(bytes);
    assertThat(one.bitmap.mergeFrom(ByteBuffer.wrap(bytes)))
        .isEqualTo(one.take(sent, 0, one.pages, 0));
  }
}
