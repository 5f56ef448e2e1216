package io.github.stopcopy.fuzz;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.api.FuzzedDataProvider;
import com.code_intelligence.jazzer.junit.FuzzTest;
import io.github.stopcopy.core.dirty.DirtyBitmap;
import java.nio.ByteBuffer;
import java.util.BitSet;

/** Bitmaps as the kernel exchanges them, of any bytes, held against BitSets. */
class BitmapExchangeFuzz {

  private static final int MOST_PAGES = 70_000;

  @FuzzTest(maxDuration = "30s")
  void R_DT_44_R_DT_52_anyBytesAreMergedAndWritten(FuzzedDataProvider data) {
    int pages = data.consumeInt(0, data.consumeBoolean() ? MOST_PAGES : 1100);
    DirtyBitmap bitmap = new DirtyBitmap(pages);
    BitSet model = new BitSet();
    int room = (int) DirtyBitmap.bytes(pages);
    while (data.remainingBytes() > 0) {
      switch (data.consumeInt(0, 5)) {
        case 0, 1 -> merge(bitmap, model, data, room);
        case 2 -> mark(bitmap, model, data);
        case 3 -> harvest(bitmap, model, data);
        case 4 -> moved(bitmap, model, data);
        default -> wrongSize(bitmap, data, room);
      }
      check(bitmap, model, room);
    }
  }

  private static void merge(DirtyBitmap bitmap, BitSet model, FuzzedDataProvider data, int room) {
    int at = data.consumeInt(0, Math.max(0, room - 1));
    byte[] some = data.consumeBytes(Math.min(room - at, data.consumeInt(0, 200)));
    byte[] bytes = new byte[room];
    System.arraycopy(some, 0, bytes, at, some.length);
    ByteBuffer in = ByteBuffer.wrap(bytes);
    int before = model.cardinality();
    BitSet sent = BitSet.valueOf(bytes);
    sent.clear((int) bitmap.pages(), Math.max((int) bitmap.pages(), sent.length()));
    model.or(sent);
    assertThat(bitmap.mergeFrom(in)).isEqualTo(model.cardinality() - before);
    assertThat(in.remaining()).isZero();
  }

  private static void mark(DirtyBitmap bitmap, BitSet model, FuzzedDataProvider data) {
    int first = data.consumeInt(0, (int) bitmap.pages());
    int count = data.consumeInt(0, (int) bitmap.pages() - first);
    if (data.consumeBoolean()) {
      bitmap.mark(first, count);
      model.set(first, first + count);
    } else {
      bitmap.clear(first, count);
      model.clear(first, first + count);
    }
  }

  /** Fetches a part and brings it back to where it was. */
  private static void harvest(DirtyBitmap bitmap, BitSet model, FuzzedDataProvider data) {
    int first = data.consumeInt(0, (int) bitmap.pages());
    int count = data.consumeInt(0, (int) bitmap.pages() - first);
    int at = data.consumeInt(0, 600);
    DirtyBitmap target = new DirtyBitmap(at + count);
    BitSet part = model.get(first, first + count);
    assertThat(bitmap.harvestInto(first, count, target, at)).isEqualTo(part.cardinality());
    assertThat(target.nextDirty(0)).isEqualTo(part.isEmpty() ? -1 : at + part.nextSetBit(0));
    assertThat(bitmap.count()).isEqualTo(model.cardinality() - part.cardinality());
    assertThat(target.harvestInto(at, count, bitmap, first)).isEqualTo(part.cardinality());
    assertThat(target.count()).isZero();
  }

  private static void moved(DirtyBitmap bitmap, BitSet model, FuzzedDataProvider data) {
    int at = data.consumeInt(0, 1100);
    int parts = data.consumeInt(1, 17);
    DirtyBitmap moved = new DirtyBitmap(at + bitmap.pages());
    assertThat(bitmap.mergeInto(moved, at)).isEqualTo(model.cardinality());
    DirtyBitmap split = new DirtyBitmap(bitmap.pages() * parts + at);
    assertThat(bitmap.splitInto(split, at, parts)).isEqualTo((long) model.cardinality() * parts);
    DirtyBitmap joined = new DirtyBitmap((bitmap.pages() + parts - 1) / parts + at);
    assertThat(bitmap.joinInto(joined, at, parts))
        .isEqualTo(model.stream().map(page -> page / parts).distinct().count());
    for (int page = model.nextSetBit(0); page >= 0; page = model.nextSetBit(page + 1)) {
      if (!moved.isDirty(at + page)
          || !split.isDirty(at + (long) page * parts)
          || !joined.isDirty(at + page / parts)) {
        throw new AssertionError("page " + page + " was not moved to " + at);
      }
    }
  }

  private static void wrongSize(DirtyBitmap bitmap, FuzzedDataProvider data, int room) {
    int bytes = data.consumeInt(0, room + 16);
    try {
      bitmap.mergeFrom(ByteBuffer.allocate(bytes));
      assertThat(bytes).isEqualTo(room);
    } catch (IllegalArgumentException refused) {
      assertThat(bytes).isNotEqualTo(room);
    }
  }

  private static void check(DirtyBitmap bitmap, BitSet model, int room) {
    ByteBuffer out = ByteBuffer.allocate(room);
    bitmap.writeTo(out);
    assertThat(BitSet.valueOf(out.flip()).equals(model)).as("the words").isTrue();
    assertThat(bitmap.count()).isEqualTo(model.cardinality());
    long[] next = {0};
    bitmap.forEachRun((first, count) -> {
      assertThat(first).isEqualTo(model.nextSetBit((int) next[0]));
      next[0] = first + count;
      assertThat(next[0]).isEqualTo(model.nextClearBit((int) first));
    });
    assertThat(model.nextSetBit((int) next[0])).isEqualTo(-1);
    DirtyBitmap again = new DirtyBitmap(bitmap.pages());
    assertThat(again.mergeFrom(out)).isEqualTo(model.cardinality());
  }
}
