package io.github.stopcopy.core.dirty;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicIntegerArray;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Supplier;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;

/**
 * Threads mark while others harvest without a pause: every mark is in exactly one harvest. In a
 * round a page is marked once, by one thread, with its neighbours in the word marked by another at
 * about the same time; what the harvests fetched must add up to the pages marked, none of them
 * twice.
 */
class DirtyBitmapStressTest {

  private static final int PAGES = 1 << 21;
  private static final int PAGES_PER_GROUP = 64 * BitWords.PER_GROUP;
  private static final int MARKERS = 2;

  /** After how many pages a thread waits for the other. */
  private static final int STRIDE = 1 << 12;

  /** The same for ranges, which are marked faster. */
  private static final int STRIDE_OF_RANGES = 1 << 16;

  /** Two lines of the cache, so that the threads do not wait for each other's progress. */
  private static final int APART = 32;

  private static long single;
  private static long ranged;
  private static long harvests;
  private static long lost;
  private static long twice;

  /** What is marked and harvested: the real bitmap or a broken one. */
  interface Marks {
    void mark(long page);

    void mark(long first, long count);

    long harvestInto(long first, long count, DirtyBitmap target, long targetPage);

    /** What one thread marks in. */
    default Marks of(int thread) {
      return this;
    }
  }

  /** Each thread has a marker, but for the first if others mark without one too. */
  private record Marked(DirtyBitmap bitmap, boolean isMixed) implements Marks {
    @Override
    public Marks of(int thread) {
      return thread == 0 && isMixed ? new Real(bitmap) : new OfThread(bitmap.marker());
    }

    @Override
    public void mark(long page) {
      throw new UnsupportedOperationException("no thread");
    }

    @Override
    public void mark(long first, long count) {
      throw new UnsupportedOperationException("no thread");
    }

    @Override
    public long harvestInto(long first, long count, DirtyBitmap target, long targetPage) {
      return bitmap.harvestInto(first, count, target, targetPage);
    }
  }

  private record OfThread(DirtyMarker marker) implements Marks {
    @Override
    public void mark(long page) {
      marker.mark(page);
    }

    @Override
    public void mark(long first, long count) {
      marker.mark(first, count);
    }

    @Override
    public long harvestInto(long first, long count, DirtyBitmap target, long targetPage) {
      throw new UnsupportedOperationException("threads that mark do not harvest");
    }
  }

  private record Real(DirtyBitmap bitmap) implements Marks {
    @Override
    public void mark(long page) {
      bitmap.mark(page);
    }

    @Override
    public void mark(long first, long count) {
      bitmap.mark(first, count);
    }

    @Override
    public long harvestInto(long first, long count, DirtyBitmap target, long targetPage) {
      return bitmap.harvestInto(first, count, target, targetPage);
    }
  }

  /** How one of the threads that mark marks its share; answers how many pages that were. */
  private interface Marker {
    long markShare(Marks marks, int thread, AtomicIntegerArray progress);
  }

  /** A round: pages marked, harvests, and the pages that were lost or fetched twice. */
  private record Outcome(long marked, long harvests, long lost, long twice) {}

  @Test
  void singlePagesAreInExactlyOneHarvest() throws InterruptedException {
    single += rounds(20, DirtyBitmapStressTest::everySecondPage, PAGES, 1);
  }

  /** No other mark raises the bit of the summary again that a harvest has cleared too late. */
  @Test
  void theOnlyMarksOfAGroupAreInExactlyOneHarvest() throws InterruptedException {
    single += rounds(512, DirtyBitmapStressTest::aPageOfEachGroup, PAGES, 1);
  }

  @Test
  void singlePagesAreInExactlyOneHarvestOfAPart() throws InterruptedException {
    single += rounds(6, DirtyBitmapStressTest::everySecondPage, 12_345, 1);
  }

  @Test
  void singlePagesAreInExactlyOneOfTwoHarvestersHarvests() throws InterruptedException {
    single += rounds(4, DirtyBitmapStressTest::everySecondPage, PAGES, 2);
  }

  @Test
  void pagesOfMarkersAreInExactlyOneHarvest() throws InterruptedException {
    single += markers(10, DirtyBitmapStressTest::everySecondPage, PAGES, 1);
    single += markers(128, DirtyBitmapStressTest::aPageOfEachGroup, PAGES, 1);
  }

  @Test
  void pagesOfMarkersAreInExactlyOneHarvestOfAPart() throws InterruptedException {
    single += markers(4, DirtyBitmapStressTest::everySecondPage, 12_345, 1);
    single += markers(2, DirtyBitmapStressTest::everySecondPage, 1 << 18, 1);
  }

  @Test
  void pagesOfMarkersAreInExactlyOneOfTwoHarvestersHarvests() throws InterruptedException {
    single += markers(3, DirtyBitmapStressTest::everySecondPage, PAGES, 2);
  }

  @Test
  void rangesOfMarkersAreInExactlyOneHarvest() throws InterruptedException {
    ranged += markers(6, DirtyBitmapStressTest::everySecondRange, PAGES, 1);
    ranged += markers(3, DirtyBitmapStressTest::everySecondRange, 12_345, 1);
  }

  /** The first mark without a marker comes when a harvest may be alone with the words. */
  @Test
  void pagesMarkedWithAndWithoutMarkersAreInExactlyOneHarvest() throws InterruptedException {
    Supplier<Marks> mixed = () -> new Marked(new DirtyBitmap(PAGES), true);
    single += rounds(mixed, 2, DirtyBitmapStressTest::everySecondPage, PAGES, 1);
    single += rounds(mixed, 128, DirtyBitmapStressTest::aPageOfEachGroup, PAGES, 1);
  }

  @Test
  void rangesAreInExactlyOneHarvest() throws InterruptedException {
    ranged += rounds(16, DirtyBitmapStressTest::everySecondRange, PAGES, 1);
    ranged += rounds(8, DirtyBitmapStressTest::everySecondRange, 12_345, 1);
  }

  @Test
  void aRunIsNeverEmptyWhateverOthersDo() throws InterruptedException {
    DirtyBitmap bitmap = new DirtyBitmap(64);
    AtomicBoolean stop = new AtomicBoolean();
    Thread toggling =
        new Thread(() -> {
          while (!stop.get()) {
            bitmap.mark(0);
            bitmap.clear(0);
          }
        });
    toggling.start();
    long[] least = {1};
    for (int i = 0; i < 2_000_000 && least[0] == 1; i++) {
      bitmap.forEachRun((first, count) -> least[0] = Math.min(least[0], count));
    }
    stop.set(true);
    toggling.join();
    assertThat(least[0]).isEqualTo(1);
  }

  @Test
  void aHarvestThatClearsTheSummaryLastIsFoundOut() throws InterruptedException {
    long found = 0;
    for (int i = 0; i < 200 && found == 0; i++) {
      found = round(new SummaryLast(PAGES), DirtyBitmapStressTest::everySecondPage, PAGES, 1).lost;
    }
    assertThat(found).as("marks lost by a bitmap that loses marks").isPositive();
  }

  @AfterAll
  static void tell() {
    System.out.println(
        String.format(
            Locale.ROOT,
            "%,d marks by %d threads and %,d pages marked in ranges, %,d harvests meanwhile: "
                + "%,d lost, %,d twice",
            single,
            MARKERS,
            ranged,
            harvests,
            lost,
            twice));
  }

  /** Answers how many pages were marked. */
  private static long rounds(int rounds, Marker marker, int part, int harvesters)
      throws InterruptedException {
    return rounds(() -> new Real(new DirtyBitmap(PAGES)), rounds, marker, part, harvesters);
  }

  private static long markers(int rounds, Marker marker, int part, int harvesters)
      throws InterruptedException {
    return rounds(
        () -> new Marked(new DirtyBitmap(PAGES), false), rounds, marker, part, harvesters);
  }

  private static long rounds(
      Supplier<Marks> marks, int rounds, Marker marker, int part, int harvesters)
      throws InterruptedException {
    long marked = 0;
    long lostHere = 0;
    long twiceHere = 0;
    for (int i = 0; i < rounds; i++) {
      Outcome outcome = round(marks.get(), marker, part, harvesters);
      marked += outcome.marked;
      harvests += outcome.harvests;
      lostHere += outcome.lost;
      twiceHere += outcome.twice;
    }
    lost += lostHere;
    twice += twiceHere;
    assertThat(lostHere).as("lost").isZero();
    assertThat(twiceHere).as("twice").isZero();
    return marked;
  }

  /** Neighbours in the first word of each group. */
  private static long aPageOfEachGroup(Marks marks, int thread, AtomicIntegerArray progress) {
    for (int page = thread; page < PAGES; page += PAGES_PER_GROUP) {
      marks.mark(page);
    }
    return PAGES / PAGES_PER_GROUP;
  }

  private static long everySecondPage(Marks marks, int thread, AtomicIntegerArray progress) {
    for (int page = thread; page < PAGES; page += MARKERS) {
      marks.mark(page);
      if ((page & STRIDE - 1) == thread) {
        keepUp(thread, page, progress);
      }
    }
    return PAGES / MARKERS;
  }

  /** Ranges of 1 to 200 pages, and now and then of some groups, that meet anywhere in a word. */
  private static long everySecondRange(Marks marks, int thread, AtomicIntegerArray progress) {
    long marked = 0;
    int state = 1;
    int reached = 0;
    for (int first = 0, number = 0; first < PAGES; number++) {
      state = state * 1_103_515_245 + 12_345;
      int count = 1 + (state >>> 16) % ((state >>> 8 & 31) == 0 ? 3000 : 200);
      count = Math.min(count, PAGES - first);
      if (number % MARKERS == thread) {
        marks.mark(first, count);
        marked += count;
      }
      first += count;
      if (first - reached >= STRIDE_OF_RANGES) {
        keepUp(thread, first, progress);
        reached = first;
      }
    }
    return marked;
  }

  /** Waits until no other thread is far behind. */
  private static void keepUp(int thread, int page, AtomicIntegerArray progress) {
    progress.set(thread * APART, page);
    for (int other = 0; other < MARKERS; other++) {
      while (progress.get(other * APART) < page - STRIDE) {
        Thread.yield();
      }
    }
  }

  /** Marks pages once while others harvest, harvests what is left and adds up. */
  private static Outcome round(Marks marks, Marker marker, int part, int harvesters)
      throws InterruptedException {
    AtomicIntegerArray progress = new AtomicIntegerArray(MARKERS * APART);
    AtomicLong marked = new AtomicLong();
    AtomicReference<Throwable> failed = new AtomicReference<>();
    List<Thread> marking = new ArrayList<>();
    for (int i = 0; i < MARKERS; i++) {
      int thread = i;
      marking.add(
          new Thread(() -> {
            marked.addAndGet(marker.markShare(marks.of(thread), thread, progress));
            progress.set(thread * APART, Integer.MAX_VALUE);
          }));
    }
    List<Harvester> harvesting = new ArrayList<>();
    for (int i = 0; i < harvesters; i++) {
      harvesting.add(new Harvester(marks, part));
    }
    for (List<? extends Thread> threads : List.of(harvesting, marking)) {
      for (Thread thread : threads) {
        thread.setUncaughtExceptionHandler((where, why) -> failed.set(why));
        thread.start();
      }
    }
    for (Thread thread : marking) {
      thread.join();
    }
    for (Harvester harvester : harvesting) {
      harvester.stop = true;
      harvester.join();
    }
    assertThat(failed.get()).isNull();
    harvesting.get(0).sweep();
    return addUp(marked.get(), harvesting);
  }

  private static Outcome addUp(long marked, List<Harvester> harvesters) {
    long sweeps = 0;
    long fetched = 0;
    DirtyBitmap seen = new DirtyBitmap(PAGES);
    for (Harvester harvester : harvesters) {
      sweeps += harvester.sweeps;
      fetched += harvester.fetched;
      harvester.seen.harvestInto(seen, 0);
    }
    return new Outcome(marked, sweeps, marked - seen.count(), fetched - seen.count());
  }

  /** Harvests without a pause, whole or part by part, into a place for each sweep that is clean. */
  private static final class Harvester extends Thread {

    private final Marks marks;
    private final int part;
    private final DirtyBitmap scratch = new DirtyBitmap(PAGES + 64);
    private final DirtyBitmap seen = new DirtyBitmap(PAGES);
    private volatile boolean stop;
    private int sweeps;
    private long fetched;

    Harvester(Marks marks, int part) {
      this.marks = marks;
      this.part = part;
    }

    @Override
    public void run() {
      while (!stop) {
        sweep();
      }
    }

    /**
     * The scratch is clean, so what is new in it is what was fetched; every other sweep is shifted.
     */
    void sweep() {
      int shift = sweeps++ % 2 * 7;
      for (int first = 0; first < PAGES; first += part) {
        int count = Math.min(part, PAGES - first);
        fetched += marks.harvestInto(first, count, scratch, first + shift);
      }
      scratch.harvestInto(shift, PAGES, seen, 0);
    }
  }

  /** Clears the summary after the words: a mark that comes between the two is hidden for good. */
  private static final class SummaryLast implements Marks {

    private final long[] words;
    private final long[] summary;

    SummaryLast(int pages) {
      this.words = new long[pages / 64];
      this.summary = new long[pages / 64 / BitWords.PER_GROUP / 64];
    }

    @Override
    public void mark(long page) {
      int word = (int) (page >>> 6);
      BitWords.WORD.getAndBitwiseOr(words, word, 1L << page);
      int group = word >>> BitWords.GROUP_SHIFT;
      if ((BitWords.load(summary, group >>> 6) & 1L << group) == 0) {
        BitWords.WORD.getAndBitwiseOr(summary, group >>> 6, 1L << group);
      }
    }

    @Override
    public void mark(long first, long count) {
      throw new UnsupportedOperationException("only single pages");
    }

    @Override
    public long harvestInto(long first, long count, DirtyBitmap target, long targetPage) {
      long fresh = 0;
      for (int at = 0; at < summary.length; at++) {
        for (long groups = BitWords.load(summary, at); groups != 0; groups &= groups - 1) {
          int from = BitWords.firstOfLowest(at, groups);
          for (int word = from; word < from + BitWords.PER_GROUP; word++) {
            long bits = (long) BitWords.WORD.getAndSet(words, word, 0L);
            for (; bits != 0; bits &= bits - 1) {
              target.mark(targetPage + ((long) word << 6) + Long.numberOfTrailingZeros(bits));
              fresh++;
            }
          }
          BitWords.WORD.getAndBitwiseAnd(summary, at, ~Long.lowestOneBit(groups));
        }
      }
      return fresh;
    }
  }
}
