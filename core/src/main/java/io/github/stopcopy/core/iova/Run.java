package io.github.stopcopy.core.iova;

import io.github.stopcopy.core.memory.IommuAccess;

/**
 * How a run is written: as the number of its first page, a word that holds the number of the last
 * one and what the mappings in it are like, and the target of its first byte. A run is mappings of
 * the same size and access, a power of two pages each, that follow each other and lead to addresses
 * that follow each other; or one mapping of another size. Page numbers have 52 bits. Static,
 * thread-safe.
 */
final class Run {

  /** How far an address is shifted to get the number of its page. */
  static final int PAGE_SHIFT = 12;

  /** The number of the last page of 2^64 bytes. */
  static final long LAST_PAGE = -1L >>> PAGE_SHIFT;

  private static final int KIND_BITS = 8;
  private static final int KIND_MASK = (1 << KIND_BITS) - 1;
  private static final int ACCESS_BITS = 2;

  /** Stands for a size that is no power of two: the run is one mapping. */
  private static final int ONE_MAPPING = 63;

  private static final int READ = 1;
  private static final int WRITE = 2;

  /** By the bits for reading and writing. */
  private static final IommuAccess[] ACCESSES = {
    IommuAccess.NONE, IommuAccess.READ, IommuAccess.WRITE, IommuAccess.READ_WRITE
  };

  /** A single page that may be read and written, the most common mapping. */
  static final int PAGE_KIND = kind(1, IommuAccess.READ_WRITE);

  private Run() {}

  /** What mappings of so many pages are like. */
  static int kind(long pages, IommuAccess access) {
    int shift = Long.bitCount(pages) == 1 ? Long.numberOfTrailingZeros(pages) : ONE_MAPPING;
    int allowed = (access.canRead() ? READ : 0) | (access.canWrite() ? WRITE : 0);
    return shift << ACCESS_BITS | allowed;
  }

  static long word(long lastPage, int kind) {
    return lastPage << KIND_BITS | kind;
  }

  static long last(long word) {
    return word >>> KIND_BITS;
  }

  static int kind(long word) {
    return (int) word & KIND_MASK;
  }

  static IommuAccess access(int kind) {
    return ACCESSES[kind & (1 << ACCESS_BITS) - 1];
  }

  /** Whether more mappings of the kind can follow in the same run. */
  static boolean canGrow(int kind) {
    return kind >>> ACCESS_BITS != ONE_MAPPING;
  }

  /** How many mappings a run of so many pages holds. */
  static long mappings(long pages, int kind) {
    return canGrow(kind) ? pages >>> (kind >>> ACCESS_BITS) : 1;
  }

  /** The pages from the first of a run to the first of the mapping that holds one of its pages. */
  static long startOfMapping(long pagesIntoRun, int kind) {
    return canGrow(kind) ? pagesIntoRun & -1L << (kind >>> ACCESS_BITS) : 0;
  }

  /** How many pages each mapping of a run of so many pages has. */
  static long pagesOfMapping(long pagesOfRun, int kind) {
    return canGrow(kind) ? 1L << (kind >>> ACCESS_BITS) : pagesOfRun;
  }
}
