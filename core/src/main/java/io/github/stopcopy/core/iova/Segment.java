package io.github.stopcopy.core.iova;

import io.github.stopcopy.core.address.U64;
import io.github.stopcopy.core.memory.IommuAccess;

/**
 * Where a walk through a map is: in a run, or in addresses between runs that are not mapped. It
 * holds what it needs of the run, so that the map may change meanwhile. Not thread-safe.
 */
final class Segment {

  private final RunTree runs;
  private final PageBlocks near;
  private final PageBlocks far;

  /** At the last run that begins before the segment or with it. */
  private final RunTree.Cursor cursor;

  private boolean isPlaced;
  private int changes;
  private long first;
  private long last;
  private long target;
  private int kind;
  private IommuAccess access = IommuAccess.NONE;

  /** A segment of nothing yet. */
  Segment(RunTree runs, PageBlocks near, PageBlocks far) {
    this.runs = runs;
    this.near = near;
    this.far = far;
    this.cursor = runs.cursor();
  }

  /** Goes to the segment that holds an address. */
  void goTo(long iova) {
    int now = runs.changes() + near.changes() + far.changes();
    boolean isKnown = isPlaced && changes == now;
    if (isKnown && U64.lessOrEqual(first, iova) && U64.lessOrEqual(iova, last)) {
      return;
    }
    long page = iova >>> Run.PAGE_SHIFT;
    boolean isRun = false;
    if (isKnown && iova == last + 1) {
      // The run, page or gap that follows: no search.
      if (cursor.nextFirst() == page) {
        isRun = cursor.next();
      }
    } else {
      isPlaced = true;
      changes = now;
      isRun = cursor.floor(page) && cursor.last() >= page;
    }
    if (isRun) {
      run();
    } else if (!isPage(near, page) && !isPage(far, page)) {
      gap(page);
    }
  }

  private boolean isPage(PageBlocks blocks, long page) {
    long[] block = blocks.blockOf(page);
    if (block == null || !blocks.holds(block, page)) {
      return false;
    }
    first = page << Run.PAGE_SHIFT;
    last = first | IovaMap.PAGE - 1;
    target = blocks.target(block, page);
    kind = Run.PAGE_KIND;
    access = Run.access(kind);
    return true;
  }

  private void run() {
    first = cursor.first() << Run.PAGE_SHIFT;
    last = cursor.last() << Run.PAGE_SHIFT | IovaMap.PAGE - 1;
    target = cursor.target();
    kind = cursor.kind();
    access = Run.access(kind);
  }

  /** The cursor is at the last run before. */
  private void gap(long page) {
    first = page << Run.PAGE_SHIFT;
    long next = U64.min(cursor.nextFirst(), U64.min(near.ceiling(page), far.ceiling(page)));
    // NO_PAGE is the greatest
    last = next == RunTree.NO_PAGE ? U64.MAX : (next << Run.PAGE_SHIFT) - 1;
    target = 0;
    access = IommuAccess.NONE;
  }

  boolean isMapped() {
    return access != IommuAccess.NONE;
  }

  IommuAccess access() {
    return access;
  }

  /** The first address of the run; of unmapped addresses the one gone to, or an earlier one. */
  long first() {
    return first;
  }

  /** The last address. */
  long last() {
    return last;
  }

  /** Where an address of the run leads. */
  long target(long iova) {
    return target + (iova - first);
  }

  /** The first address of the mapping that holds one of the run. */
  long startOfMapping(long iova) {
    long into = iova - first >>> Run.PAGE_SHIFT;
    return first + (Run.startOfMapping(into, kind) << Run.PAGE_SHIFT);
  }

  /** How many bytes each mapping of the run has, modulo 2^64. */
  long bytesOfMapping() {
    long pages = (last - first >>> Run.PAGE_SHIFT) + 1;
    return Run.pagesOfMapping(pages, kind) << Run.PAGE_SHIFT;
  }
}
