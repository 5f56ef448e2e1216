package io.github.stopcopy.core.iova;

import io.github.stopcopy.core.address.U64;
import io.github.stopcopy.core.memory.IommuAccess;
import java.util.Optional;

/**
 * What I/O virtual addresses lead to: mappings that do not overlap, each of any number of pages and
 * with an access of its own. Which addresses were mapped together stays known, as some IOMMUs
 * refuse to unmap a part, and no mapping takes an object: those of the same size that follow each
 * other and lead to addresses that follow each other take the room of one, others 24 bytes and what
 * arrays keep free. Single pages that may be read and written and lie close to each other take 8 to
 * 16 bytes, and are found without a search. Mapping, unmapping and asking take the logarithm of the
 * mappings at most.
 *
 * <p>All ranges are of I/O virtual addresses, unsigned, with inclusive ends, and consist of pages
 * of {@value #PAGE} bytes: {@code first} and {@code last + 1} are multiples of it, else an
 * IllegalArgumentException is thrown. Targets are any numbers modulo 2^64. Not thread-safe; a
 * visitor may ask and change the map that it visits.
 *
 * {@snippet file="IovaMapTest.java" region="map"}
 */
public final class IovaMap {

  /** Bytes of a page; mappings consist of whole pages. */
  public static final long PAGE = 1L << Run.PAGE_SHIFT;

  private final Mappings mappings = new Mappings();

  /** A map without mappings. */
  public IovaMap() {}

  /** How many mappings there are. */
  public long size() {
    return mappings.size();
  }

  /** Whether nothing is mapped. */
  public boolean isEmpty() {
    return mappings.size() == 0;
  }

  /**
   * Adds a mapping.
   *
   * @param target where its first address leads
   * @return false if an address is mapped already; nothing is done then
   */
  public boolean map(long first, long last, long target, IommuAccess access) {
    checkRange(first, last);
    return add(first, last, target, Run.kind(pages(first, last), access));
  }

  /**
   * Adds as many mappings as there are pages of a size in the range, as a guest that writes the
   * entries of a page table does; takes no longer than one.
   *
   * @param pageSize bytes, a power of two from {@link #PAGE} on, which the range is a multiple of
   * @param target where the first address leads
   * @return false if an address is mapped already; nothing is done then
   */
  public boolean mapPages(long first, long last, long pageSize, long target, IommuAccess access) {
    checkPages(first, last, pageSize);
    return add(first, last, target, Run.kind(pageSize >>> Run.PAGE_SHIFT, access));
  }

  private boolean add(long first, long last, long target, int kind) {
    if (Run.access(kind) == IommuAccess.NONE) {
      throw new IllegalArgumentException("a mapping without access, expected one with some");
    }
    return mappings.add(first >>> Run.PAGE_SHIFT, last >>> Run.PAGE_SHIFT, target, kind);
  }

  /**
   * Unmaps all addresses of a range, mapped or not. Of a mapping that reaches beyond it the rest
   * stays, as one mapping on each side.
   */
  public void unmap(long first, long last) {
    checkRange(first, last);
    mappings.remove(first >>> Run.PAGE_SHIFT, last >>> Run.PAGE_SHIFT);
  }

  /**
   * Unmaps all pages of a size in a range, mapped or not, if to unmap one after the other cuts no
   * mapping as far as can be told at once.
   *
   * @param pageSize bytes, a power of two from {@link #PAGE} on, which the range is a multiple of
   * @return false if a mapping might be cut; nothing is done then
   */
  public boolean unmapPages(long first, long last, long pageSize) {
    checkPages(first, last, pageSize);
    Segment run = mappings.segment();
    for (long from = first; ; from = run.last() + 1) {
      run.goTo(from);
      if (run.isMapped()) {
        long bytes = run.bytesOfMapping(); // 0 stands for 2^64
        boolean isCut =
            bytes == 0
                || Long.remainderUnsigned(pageSize, bytes) != 0
                || (run.first() - first & bytes - 1) != 0;
        if (isCut) {
          return false;
        }
      }
      if (U64.lessOrEqual(last, run.last())) {
        break;
      }
    }
    unmap(first, last);
    return true;
  }

  /** Unmaps everything. */
  public void clear() {
    mappings.clear();
  }

  /**
   * Whether a mapping holds both the address and the one before: to unmap from there on cuts it.
   */
  public boolean splits(long iova) {
    long page = iova >>> Run.PAGE_SHIFT;
    return (iova & PAGE - 1) == 0 ? mappings.isWithin(page) : mappings.overlaps(page, page);
  }

  /** Whether any address of a range is mapped. */
  public boolean overlaps(long first, long last) {
    return mappings.overlaps(first >>> Run.PAGE_SHIFT, last >>> Run.PAGE_SHIFT);
  }

  /** Where an address leads, or {@code unmapped} if it is not mapped. */
  public long translate(long iova, long unmapped) {
    long into = iova & PAGE - 1;
    return mappings.target(iova >>> Run.PAGE_SHIFT, unmapped - into) + into;
  }

  /** The mapping that holds an address. */
  public Optional<IovaMapping> at(long iova) {
    Segment run = mappings.segment();
    run.goTo(iova);
    if (!run.isMapped()) {
      return Optional.empty();
    }
    long start = run.startOfMapping(iova);
    long end = start + run.bytesOfMapping() - 1;
    return Optional.of(new IovaMapping(start, end, run.target(start), run.access()));
  }

  /** Takes mappings, or runs of addresses that are mapped alike. */
  @FunctionalInterface
  public interface Visitor {
    /**
     * Addresses that lead to as many others from {@code target} on.
     *
     * @param first the first I/O virtual address
     * @param last the last one
     * @param target where the first one leads
     * @param access what is allowed
     */
    void visit(long first, long last, long target, IommuAccess access);
  }

  /** Visits the mappings that share addresses with a range, whole and ascending. */
  public void forEach(long first, long last, Visitor visitor) {
    forEachRun(first, last, true, visitor);
  }

  /**
   * Visits the mapped addresses of a range, ascending and as far at once as mappings of the same
   * size and access follow each other and lead to addresses that follow each other.
   */
  public void forEachRun(long first, long last, Visitor visitor) {
    forEachRun(first, last, false, visitor);
  }

  private void forEachRun(long first, long last, boolean byMapping, Visitor visitor) {
    Segment run = mappings.segment();
    for (long from = first; ; from = run.last() + 1) {
      run.goTo(from);
      if (!run.isMapped() && U64.less(run.last(), last)) {
        run.goTo(run.last() + 1);
      }
      if (!run.isMapped() || U64.less(last, run.first())) {
        return;
      }
      long end = U64.min(run.last(), last);
      if (byMapping) {
        forEachOf(run, U64.max(run.first(), from), end, visitor);
      } else {
        long begin = U64.max(run.first(), from);
        visitor.visit(begin, end, run.target(begin), run.access());
      }
      if (end == last) {
        return;
      }
    }
  }

  /** Visits the mappings of a run that share addresses with a part of it. */
  private static void forEachOf(Segment run, long first, long last, Visitor visitor) {
    long bytes = run.bytesOfMapping();
    long start = run.startOfMapping(first);
    while (true) {
      long end = start + bytes - 1;
      visitor.visit(start, end, run.target(start), run.access());
      if (U64.lessOrEqual(last, end)) {
        return;
      }
      start = end + 1;
    }
  }

  /** Takes what is different in two maps. */
  @FunctionalInterface
  public interface DifferenceVisitor {
    /**
     * Addresses that do not lead to the same in both.
     *
     * @param first the first I/O virtual address
     * @param last the last one
     * @param before what was allowed; NONE if they were not mapped
     * @param targetBefore where the first one led; of no meaning if it was not mapped
     * @param after what is allowed; NONE if they are not mapped
     * @param targetAfter where the first one leads; of no meaning if it is not mapped
     */
    void visit(
        long first,
        long last,
        IommuAccess before,
        long targetBefore,
        IommuAccess after,
        long targetAfter);
  }

  /**
   * Visits the addresses of a range that another map leads elsewhere, ascending and as far at once
   * as both lead to addresses that follow each other. Takes as long as there are such runs in both,
   * however many mappings they hold.
   *
   * @param after the other map
   * @param visitor may change both maps
   */
  public void forEachDifference(IovaMap after, long first, long last, DifferenceVisitor visitor) {
    Segment was = mappings.segment();
    Segment is = after.mappings.segment();
    for (long from = first; ; ) {
      was.goTo(from);
      is.goTo(from);
      long end = U64.min(last, U64.min(was.last(), is.last()));
      boolean isSame =
          was.access() == is.access() && (!is.isMapped() || was.target(from) == is.target(from));
      if (!isSame) {
        visitor.visit(from, end, was.access(), was.target(from), is.access(), is.target(from));
      }
      if (end == last) {
        return;
      }
      from = end + 1;
    }
  }

  private static long pages(long first, long last) {
    return (last - first >>> Run.PAGE_SHIFT) + 1;
  }

  private static void checkPages(long first, long last, long pageSize) {
    checkRange(first, last);
    if (Long.bitCount(pageSize) != 1
        || U64.less(pageSize, PAGE)
        || (last - first + 1 & pageSize - 1) != 0) {
      throw new IllegalArgumentException(
          "pages of "
              + U64.hex(pageSize)
              + " bytes from "
              + U64.hex(first)
              + " to "
              + U64.hex(last)
              + ", expected a power of two from "
              + PAGE
              + " on and whole pages");
    }
  }

  private static void checkRange(long first, long last) {
    if (((first | last + 1) & PAGE - 1) != 0 || U64.less(last, first)) {
      throw new IllegalArgumentException(
          "from "
              + U64.hex(first)
              + " to "
              + U64.hex(last)
              + ", expected whole pages of "
              + PAGE
              + " bytes");
    }
  }

  /** How many mappings there are. */
  @Override
  public String toString() {
    return mappings.size() + " mappings";
  }
}
