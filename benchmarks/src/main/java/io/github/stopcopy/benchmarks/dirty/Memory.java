package io.github.stopcopy.benchmarks.dirty;

import com.sun.management.ThreadMXBean;
import io.github.stopcopy.core.dirty.DirtyBitmap;
import java.io.PrintStream;
import java.lang.management.ManagementFactory;
import java.util.Locale;

/** How much memory a bitmap takes, asked of the JVM. Static, thread-safe. */
final class Memory {

  private static final double BITS_GOAL = 1 + 1.0 / 256;

  private Memory() {}

  static void print(PrintStream out, long pages) {
    out.println();
    out.println("| bitmap | bytes | bits a page | goal | |");
    out.println("|---|---|---|---|---|");
    long bytes = bytes(pages);
    double bits = bytes * 8.0 / pages;
    out.printf(
        Locale.ROOT,
        "| %s of %d pages | %d | %.5f | ≤ %.5f | %s |%n",
        Works.STOPCOPY,
        pages,
        bytes,
        bits,
        BITS_GOAL,
        bits <= BITS_GOAL ? "met" : "**missed**");
    for (Pattern pattern : Pattern.values()) {
      long[] words = pattern.words(pages, 1);
      long roaring = new RoaringGuest(words, words).bytes();
      out.printf(
          Locale.ROOT,
          "| RoaringBitmap, %s | %d | %.5f | | |%n",
          pattern,
          roaring,
          roaring * 8.0 / pages);
    }
  }

  /** What the JVM allocates for a bitmap, its objects and arrays. */
  static long bytes(long pages) {
    new DirtyBitmap(0).nextDirty(0); // loads the classes
    ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
    long thread = Thread.currentThread().getId();
    long before = threads.getThreadAllocatedBytes(thread);
    DirtyBitmap bitmap = new DirtyBitmap(pages);
    long bytes = threads.getThreadAllocatedBytes(thread) - before;
    if (bitmap.nextDirty(0) >= 0) {
      throw new IllegalStateException("a new bitmap is not clean: " + bitmap);
    }
    return bytes;
  }
}
