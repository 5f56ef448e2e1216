package io.github.stopcopy.benchmarks.dirty;

import java.util.Locale;

/** Which pages of a guest are dirty. */
public enum Pattern {
  /** None. */
  EMPTY(Marks.Kind.PAGES, 0),
  /** 0.01 % of the pages, at random. */
  SPARSE(Marks.Kind.PAGES, 1e-4),
  /** 1 % of the pages in runs of 512. */
  CLUSTERED(Marks.Kind.RUNS, 0.01 / Marks.RUN),
  /** Random pages in every word of the bitmap, half of all. */
  DENSE(Marks.Kind.PAGES, 0);

  private final Marks.Kind kind;
  private final double share;

  Pattern(Marks.Kind kind, double share) {
    this.kind = kind;
    this.share = share;
  }

  /** The marks that make the pattern; none for a dense one. */
  Marks marks(long pages, long seed) {
    return Marks.random(kind, pages, count(pages), seed);
  }

  /** The words of the bitmap, none of them 0 in a dense pattern. */
  long[] words(long pages, long seed) {
    if (this != DENSE) {
      return marks(pages, seed).words(pages);
    }
    SplitMix random = new SplitMix(seed);
    long[] words = new long[(int) (pages >>> 6)];
    for (int word = 0; word < words.length; word++) {
      long bits = random.next();
      words[word] = bits == 0 ? 1 : bits;
    }
    return words;
  }

  /** How the loops in C are told to make the same. */
  String inC(long pages, long seed) {
    return this == DENSE ? "dense 0 " + seed : kind.inC(count(pages), seed);
  }

  /** As it is named in the table. */
  @Override
  public String toString() {
    return name().toLowerCase(Locale.ROOT);
  }

  private int count(long pages) {
    return (int) Math.round(pages * share);
  }
}
