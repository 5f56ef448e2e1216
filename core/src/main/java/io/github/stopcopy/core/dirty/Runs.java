package io.github.stopcopy.core.dirty;

/**
 * Joins the bits of words to runs, also across words, and hands them on. Used once, by one thread.
 */
final class Runs implements DirtyGroups.WordVisitor {

  private final DirtyBitmap.RunVisitor visitor;
  private long first;
  private long end;

  /** Runs for a visitor. */
  Runs(DirtyBitmap.RunVisitor visitor) {
    this.visitor = visitor;
  }

  /** Adds a word; words come in ascending order and those left out are zero. */
  @Override
  public void word(int word, long bits) {
    long page = (long) word << 6;
    for (long left = bits; left != 0; ) {
      int skipped = Long.numberOfTrailingZeros(left);
      long start = page + skipped;
      if (start != end) {
        end();
        first = start;
      }
      end = start + Long.numberOfTrailingZeros(~(left >>> skipped));
      left &= left + (1L << skipped);
    }
  }

  /** Hands on the run that is open, if there is one. */
  void end() {
    if (first < end) {
      visitor.run(first, end - first);
    }
  }
}
