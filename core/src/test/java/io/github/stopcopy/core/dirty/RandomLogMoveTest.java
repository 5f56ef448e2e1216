package io.github.stopcopy.core.dirty;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.stopcopy.core.Seeds;
import io.github.stopcopy.core.address.AddressRange;
import io.github.stopcopy.core.address.U64;
import java.util.SplittableRandom;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;

/** Dirty pages that move from bitmaps and logs to logs, held against sets of small pages. */
class RandomLogMoveTest {

  private static final long PAGE = 4096;

  /** A log, and the numbers of the 4 KiB pieces that are dirty in it, unsigned modulo 2^52. */
  private static final class Held {
    final DirtyLog log;
    final TreeSet<Long> pieces = new TreeSet<>();

    Held(long pageSize) {
      log = new DirtyLog(pageSize);
    }

    /** Bytes become dirty: every page of the log of which one is touched. */
    void expect(long first, long lastOffset) {
      long piecesPerPage = log.pageSize() / PAGE;
      long page = first >>> 12;
      for (long i = 0; i <= (first - (page << 12) + lastOffset) >>> 12; i++) {
        long piece = page + i & (1L << 52) - 1;
        long from = piece & -piecesPerPage;
        for (long k = 0; k < piecesPerPage; k++) {
          pieces.add(from + k);
        }
      }
    }

    void compare() {
      TreeSet<Long> found = new TreeSet<>();
      for (AddressRange range : log.dirtyRanges()) {
        for (long piece = range.first() >>> 12; piece <= range.last() >>> 12; piece++) {
          found.add(piece);
        }
      }
      assertThat(found).isEqualTo(pieces);
      assertThat(log.count()).isEqualTo(pieces.size() / (log.pageSize() / PAGE));
      assertThat(log.isEmpty()).isEqualTo(pieces.isEmpty());
    }
  }

  private static long pageSize(SplittableRandom random) {
    return PAGE << (random.nextBoolean() ? 0 : random.nextInt(5));
  }

  private static long address(SplittableRandom random) {
    long near = random.nextInt(1 << 20) * (random.nextBoolean() ? PAGE : 1L);
    return switch (random.nextInt(3)) {
      case 0 -> near;
      case 1 -> -near;
      default -> Long.MIN_VALUE - near;
    };
  }

  @Test
  void R_DT_52_aBitmapIsMarkedFromAnyAddressOn() {
    Seeds.run(
        300,
        seed -> {
          SplittableRandom random = new SplittableRandom(seed);
          Held held = new Held(pageSize(random));
          for (int round = 0; round < 3; round++) {
            long bitmapPage = pageSize(random);
            int pages = 1 + random.nextInt(200);
            DirtyBitmap bitmap = new DirtyBitmap(pages);
            long address = address(random);
            for (int i = random.nextInt(20); i > 0; i--) {
              long first = random.nextInt(pages);
              long count = 1 + random.nextInt((int) Math.min(30, pages - first));
              bitmap.mark(first, count);
              held.expect(address + first * bitmapPage, count * bitmapPage - 1);
            }
            held.log.harvest(bitmap, bitmapPage, address);
            assertThat(bitmap.count()).isZero();
            held.compare();
          }
        });
  }

  @Test
  void R_DT_52_aRunOfSeveralWindowsIsMarkedWhole() {
    DirtyLog log = new DirtyLog(PAGE);
    DirtyBitmap bitmap = new DirtyBitmap(4L * DirtyLog.WINDOW_PAGES);
    bitmap.fill();
    bitmap.clear(3);
    log.harvest(bitmap, PAGE, 0x7000);
    assertThat(log.dirtyRanges())
        .containsExactly(
            new AddressRange(0x7000, 0x9fff),
            new AddressRange(0xb000, 0x7000 + 4L * DirtyLog.WINDOW_PAGES * PAGE - 1));
    assertThat(log.count()).isEqualTo(4L * DirtyLog.WINDOW_PAGES - 1);
  }

  @Test
  void aLogMovesIntoAnotherAtAnyDistance() {
    Seeds.run(
        300,
        seed -> {
          SplittableRandom random = new SplittableRandom(seed);
          Held target = new Held(pageSize(random));
          for (int round = 0; round < 3; round++) {
            Held source = new Held(pageSize(random));
            long distance = random.nextInt(4) == 0 ? random.nextInt(10_000) : address(random);
            for (int i = random.nextInt(10); i > 0; i--) {
              long first = address(random);
              long last = U64.addSaturated(first, random.nextInt(1 << 18));
              source.log.mark(new AddressRange(first, last));
              source.expect(first, last - first);
            }
            for (AddressRange range : source.log.dirtyRanges()) {
              target.expect(range.first() + distance, range.last() - range.first());
            }
            source.compare();
            source.log.moveInto(target.log, distance);
            assertThat(source.log.isEmpty()).isTrue();
            target.compare();
          }
        });
  }

  @Test
  void R_DT_44_aPartIsCollectedIntoAnotherLogAndCleared() {
    DirtyLog log = new DirtyLog(0x10000);
    DirtyLog found = new DirtyLog(PAGE);
    log.mark(new AddressRange(0x20000, 0x5ffff));
    log.collect(new AddressRange(0x28000, 0x47fff), found);
    assertThat(found.dirtyRanges()).containsExactly(new AddressRange(0x28000, 0x47fff));
    assertThat(log.dirtyRanges())
        .as("pages that were cut stay dirty")
        .containsExactly(new AddressRange(0x20000, 0x2ffff), new AddressRange(0x40000, 0x5ffff));
  }
}
