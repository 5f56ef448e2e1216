package io.github.stopcopy.benchmarks.paired;

/** A way of doing a piece of work. */
public interface Variant {

  /** Names it in the table; no two of a work have the same. */
  String name();

  /** What its checksums are of: variants with the same question must give the same. */
  String question();

  /** Does the work so many times and measures it, but not what prepares it. */
  Sample play(int times);

  /** A checksum of all that the last time left behind; not measured. */
  long content();
}
