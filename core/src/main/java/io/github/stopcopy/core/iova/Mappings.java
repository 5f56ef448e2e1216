package io.github.stopcopy.core.iova;

import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * The mappings of an {@link IovaMap} by the numbers of their pages: runs, and single pages in
 * blocks where many lie close to each other and none goes on with the one before. No page is in
 * both, and wherever one mapping goes on with another, they are one run. Not thread-safe.
 */
final class Mappings {

  /** How many single pages make a block, and how few that are left are none. */
  private static final int MAKE_BLOCK = 4;

  private static final int FEWEST_OF_BLOCK = 3;

  /** Pages far apart are at multiples of 2 MiB. */
  private static final int FAR = 9;

  /** The most runs that are looked at for those that make a block. */
  private static final int MOST_LOOKED_AT = 512;

  private final RunTree runs = new RunTree();
  private final RunTree.Cursor cursor = runs.cursor();
  private final PageBlocks near = new PageBlocks(0); // of Run.PAGE_KIND, as those that are far
  private final PageBlocks far = new PageBlocks(FAR);
  private long size;

  long size() {
    return size;
  }

  void clear() {
    runs.clear();
    near.clear();
    far.clear();
    size = 0;
  }

  /** A walk that is nowhere yet. */
  Segment segment() {
    return new Segment(runs, near, far);
  }

  /** Whether any page from one to another, which is included, is mapped. */
  boolean overlaps(long firstPage, long lastPage) {
    return cursor.floor(lastPage) && cursor.last() >= firstPage
        || near.holdsAny(firstPage, lastPage)
        || far.holdsAny(firstPage, lastPage);
  }

  /** Where the first byte of a page leads, or {@code unmapped} if it is not mapped. */
  long target(long page, long unmapped) {
    long[] block = near.blockOf(page);
    if (block != null && near.holds(block, page)) {
      return near.target(block, page);
    }
    block = far.blockOf(page);
    if (block != null && far.holds(block, page)) {
      return far.target(block, page);
    }
    return cursor.floor(page) && cursor.last() >= page
        ? cursor.target() + (page - cursor.first() << Run.PAGE_SHIFT)
        : unmapped;
  }

  /** Whether a page is mapped, and whether the first byte of the page is not that of a mapping. */
  boolean isWithin(long page) {
    return cursor.floor(page)
        && cursor.last() >= page
        && Run.startOfMapping(page - cursor.first(), cursor.kind()) != page - cursor.first();
  }

  /** Adds mappings of a kind, unless a page is mapped already. */
  boolean add(long firstPage, long lastPage, long target, int kind) {
    long targetBehind = target + (lastPage - firstPage + 1 << Run.PAGE_SHIFT);
    if (kind == Run.PAGE_KIND && firstPage == lastPage) {
      PageBlocks blocks = blocksFor(firstPage);
      if (blocks != null
          && !PageBlocks.hasRuns(Objects.requireNonNull(blocks.blockOf(firstPage)))) {
        // No need to look at runs, unless it becomes one with the page before or behind.
        if (near.holds(firstPage) || far.holds(firstPage)) {
          return false;
        }
        if (!leadsTo(firstPage - 1, target - IovaMap.PAGE)
            && !leadsTo(lastPage + 1, targetBehind)) {
          blocks.add(firstPage, target);
          size++;
          return true;
        }
      }
    }
    boolean isBehind = cursor.floor(lastPage);
    if (isBehind && cursor.last() >= firstPage
        || near.holdsAny(firstPage, lastPage)
        || far.holdsAny(firstPage, lastPage)) {
      return false;
    }
    size += Run.mappings(lastPage - firstPage + 1, kind);
    if (!Run.canGrow(kind)) {
      insertRun(firstPage, Run.word(lastPage, kind), target);
      return true;
    }
    if (kind == Run.PAGE_KIND) {
      boolean isPulled = pull(firstPage - 1, target - IovaMap.PAGE);
      isPulled |= pull(lastPage + 1, targetBehind);
      if (isPulled) {
        isBehind = cursor.floor(lastPage);
      }
    }
    join(firstPage, lastPage, target, kind, isBehind);
    return true;
  }

  /** Adds mappings at the cursor, as a part of the run before and that behind if they go on. */
  private void join(long firstPage, long lastPage, long target, int kind, boolean isBehind) {
    long word = Run.word(lastPage, kind);
    boolean joinsNext = false;
    if (cursor.nextFirst() == lastPage + 1) {
      cursor.next();
      joinsNext =
          cursor.kind() == kind
              && cursor.target() == target + (lastPage - firstPage + 1 << Run.PAGE_SHIFT);
      if (joinsNext) {
        word = cursor.word();
        cursor.setFirst(firstPage, target);
      }
      cursor.floor(joinsNext ? firstPage - 1 : lastPage);
    }
    boolean joinsBefore =
        isBehind
            && cursor.last() + 1 == firstPage
            && cursor.kind() == kind
            && cursor.target() + (firstPage - cursor.first() << Run.PAGE_SHIFT) == target;
    if (joinsBefore) {
      cursor.setWord(word);
      if (joinsNext) {
        cursor.next();
        cursor.remove();
      }
    } else if (!joinsNext) {
      insert(firstPage, word, target);
      return;
    }
    markBlocks(firstPage, lastPage);
  }

  /** The blocks that have one for a page; null if neither have. */
  private @Nullable PageBlocks blocksFor(long page) {
    if (near.blockOf(page) != null) {
      return near;
    }
    return far.blockOf(page) == null ? null : far;
  }

  /** The blocks that hold a page; null if neither do. */
  private @Nullable PageBlocks blocksOf(long page) {
    if (near.holds(page)) {
      return near;
    }
    return far.holds(page) ? far : null;
  }

  /** Puts a run behind the cursor, or a single page into its block. */
  private void insert(long firstPage, long word, long target) {
    boolean isPage = word == Run.word(firstPage, Run.PAGE_KIND);
    PageBlocks blocks = isPage ? blocksFor(firstPage) : null;
    if (blocks != null) {
      blocks.add(firstPage, target);
      return;
    }
    insertRun(firstPage, word, target);
    if (isPage && cursor.singlesAround(near, Run.PAGE_KIND, MAKE_BLOCK) >= MAKE_BLOCK) {
      makeBlock(near, firstPage);
    } else if (isPage
        && far.counts(firstPage)
        && cursor.singlesAround(far, Run.PAGE_KIND, MAKE_BLOCK) >= MAKE_BLOCK) {
      makeBlock(far, firstPage);
    }
  }

  /** Puts a run behind the cursor, and goes there. */
  private void insertRun(long firstPage, long word, long target) {
    cursor.insert(firstPage, word, target);
    markBlocks(firstPage, Run.last(word));
  }

  /** A block is never empty, so that a run reaches into two at most: where it begins and ends. */
  private void markBlocks(long firstPage, long lastPage) {
    if (!near.isEmpty()) {
      markBlocks(near, firstPage, lastPage);
    }
    if (!far.isEmpty()) {
      markBlocks(far, firstPage, lastPage);
    }
  }

  private static void markBlocks(PageBlocks blocks, long firstPage, long lastPage) {
    for (long page : new long[] {firstPage - 1, firstPage, lastPage, lastPage + 1}) {
      long[] block = blocks.blockAt(page);
      if (block != null) {
        PageBlocks.setHasRuns(block);
      }
    }
  }

  /** Makes a block of single pages that are runs until now. */
  private void makeBlock(PageBlocks blocks, long around) {
    long begin = blocks.first(around);
    long end = blocks.last(around);
    blocks.create(around);
    boolean isAny = cursor.ceiling(begin);
    for (int i = 0; isAny && cursor.first() <= end && i < MOST_LOOKED_AT; i++) {
      long page = cursor.first();
      if (blocks.counts(page) && cursor.word() == Run.word(page, Run.PAGE_KIND)) {
        blocks.add(page, cursor.target());
        cursor.remove();
      }
      isAny = cursor.ceiling(page + 1);
    }
    if (cursor.floor(end + 1) && cursor.last() + 1 >= begin) {
      PageBlocks.setHasRuns(Objects.requireNonNull(blocks.blockAt(begin)));
    }
  }

  private boolean leadsTo(long page, long target) {
    return leadsTo(near, page, target) || leadsTo(far, page, target);
  }

  private static boolean leadsTo(PageBlocks blocks, long page, long target) {
    long[] block = blocks.blockOf(page);
    return block != null && blocks.holds(block, page) && blocks.target(block, page) == target;
  }

  /** Takes a page out of its block if it leads to a target, and makes it a run. */
  private boolean pull(long page, long target) {
    if (!leadsTo(page, target)) {
      return false;
    }
    removePage(Objects.requireNonNull(blocksOf(page)), page);
    cursor.floor(page);
    insertRun(page, Run.word(page, Run.PAGE_KIND), target);
    return true;
  }

  /** Removes a page from its block; too few that are left make none. */
  private void removePage(PageBlocks blocks, long page) {
    if (blocks.remove(page) >= FEWEST_OF_BLOCK) {
      return;
    }
    long[] block = Objects.requireNonNull(blocks.blockOf(page));
    long[] left = new long[PageBlocks.size(block)];
    long next = blocks.first(page);
    for (int i = 0; i < left.length; i++) {
      left[i] = blocks.ceiling(next);
      next = left[i] + 1;
    }
    blocks.drop(page);
    for (long single : left) {
      cursor.floor(single);
      insertRun(single, Run.word(single, Run.PAGE_KIND), blocks.target(block, single));
    }
  }

  /** Removes the mappings from one page to another, which is included; cuts those beyond. */
  void remove(long firstPage, long lastPage) {
    PageBlocks only = firstPage == lastPage ? blocksOf(firstPage) : null;
    if (only != null) {
      removePage(only, firstPage);
      size--;
      return;
    }
    removePages(near, firstPage, lastPage);
    removePages(far, firstPage, lastPage);
    if (cursor.floor(firstPage) && cursor.first() == firstPage && cursor.last() == lastPage) {
      size -= Run.mappings(lastPage - firstPage + 1, cursor.kind());
      cursor.remove();
      return;
    }
    cut(firstPage);
    if (lastPage != Run.LAST_PAGE) {
      cut(lastPage + 1);
    }
    size -= cursor.removeAll(firstPage, lastPage);
  }

  private void removePages(PageBlocks blocks, long firstPage, long lastPage) {
    for (long page = blocks.ceiling(firstPage);
        page != RunTree.NO_PAGE && page <= lastPage;
        page = blocks.ceiling(page + 1)) {
      if (firstPage <= blocks.first(page) && blocks.last(page) <= lastPage) {
        size -= PageBlocks.size(Objects.requireNonNull(blocks.blockOf(page)));
        blocks.drop(page);
      } else {
        removePage(blocks, page);
        size--;
      }
    }
  }

  /** Has a run begin at a page if one holds it; a mapping of more pages becomes two. */
  private void cut(long page) {
    if (!cursor.floor(page) || cursor.first() == page || cursor.last() < page) {
      return;
    }
    long first = cursor.first();
    long last = cursor.last();
    int kind = cursor.kind();
    long target = cursor.target();
    long start = first + Run.startOfMapping(page - first, kind);
    long end = start == page ? page : start + Run.pagesOfMapping(last - first + 1, kind);
    if (start > first) {
      cursor.setWord(Run.word(start - 1, kind));
    }
    if (start < page) {
      int below = Run.kind(page - start, Run.access(kind));
      if (start > first) {
        cursor.insert(start, Run.word(page - 1, below), target + (start - first << Run.PAGE_SHIFT));
      } else {
        cursor.setWord(Run.word(page - 1, below));
      }
      int above = Run.kind(end - page, Run.access(kind));
      cursor.insert(page, Run.word(end - 1, above), target + (page - first << Run.PAGE_SHIFT));
      size++;
    }
    if (end <= last) {
      cursor.insert(end, Run.word(last, kind), target + (end - first << Run.PAGE_SHIFT));
    }
  }
}
