package io.github.stopcopy.benchmarks.dirty;

import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

/**
 * Marking, harvesting and visiting the dirty pages of a guest of 1 TiB, for looking inside; the
 * figures that count come from {@link DirtyPages}. Every call begins with bitmaps that were just
 * reset.
 */
@State(Scope.Thread)
@BenchmarkMode(Mode.SingleShotTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Fork(value = 1, jvmArgsAppend = "-Xmx3g")
@Warmup(iterations = 200)
@Measurement(iterations = 100)
public class DirtyPagesBenchmark {

  private static final long PAGES = 1L << 28;

  /** Whose bitmaps. */
  @Param({"stopcopy", "long[]", "BitSet", "RoaringBitmap"})
  public String library;

  /** Which pages are dirty. */
  @Param({"SPARSE", "CLUSTERED"})
  public Pattern pattern;

  private Marks marks;
  private Guest dirty;
  private Guest clean;

  /** Makes a guest with dirty pages and one without, whose migration has some. */
  @Setup
  public void build() {
    marks = pattern.marks(PAGES, 1);
    long[] log = pattern.words(PAGES, 1);
    dirty = guest(log, new long[log.length]);
    clean = guest(new long[log.length], pattern.words(PAGES, 2));
  }

  /** Makes both what they were. */
  @Setup(Level.Invocation)
  public void reset() {
    dirty.reset();
    clean.reset();
  }

  /** Marks the pages. */
  @Benchmark
  public long mark() {
    return clean.mark(marks);
  }

  /** Marks the pages and harvests them into a bitmap that is not empty. */
  @Benchmark
  public long cycle() {
    return clean.cycle(marks);
  }

  /** Harvests into an empty bitmap. */
  @Benchmark
  public long harvest() {
    return dirty.harvest();
  }

  /** Visits the runs of dirty pages. */
  @Benchmark
  public long runs() {
    return dirty.runs();
  }

  private Guest guest(long[] log, long[] migration) {
    return Works.guests(log, migration).stream()
        .filter(guest -> guest.name().equals(library))
        .findFirst()
        .orElseThrow();
  }
}
