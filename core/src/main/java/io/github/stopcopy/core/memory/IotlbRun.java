package io.github.stopcopy.core.memory;

import io.github.stopcopy.core.address.U64;
import java.util.Objects;
import java.util.function.Consumer;

/**
 * Changes of translations that a vIOMMU announces one after the other, ascending and alike: of
 * pages that follow each other. Immutable.
 *
 * @param first the change of the first page; its size is that of each page
 * @param pages how many there are, from 1 on
 * @param step how far the translated address of a page is from that of the page before, in bytes
 *     modulo 2^64: the size of a page, or 0 where none is told
 */
public record IotlbRun(IotlbEvent first, long pages, long step) {

  /** Checks that there are pages and that the last one ends at 2^64-1 or before. */
  public IotlbRun {
    if (pages < 1) {
      throw new IllegalArgumentException("a run of " + pages + " pages, expected 1 or more");
    }
    IotlbEntry entry = first.entry();
    long behind = U64.MAX - entry.lastIova();
    if (pages > 1
        && (entry.addressMask() == U64.MAX
            || U64.less(Long.divideUnsigned(behind, entry.addressMask() + 1), pages - 1))) {
      throw new IllegalArgumentException(
          pages + " pages from " + U64.hex(entry.iova()) + " reach beyond 2^64-1");
    }
  }

  /** The size of a page in bytes, modulo 2^64. */
  public long pageSize() {
    return first.entry().addressMask() + 1;
  }

  /** The last I/O virtual address of the last page. */
  public long lastIova() {
    return first.entry().lastIova() + (pages - 1) * pageSize();
  }

  /**
   * The change of one page.
   *
   * @param page which, from 0 on and below {@link #pages}
   */
  public IotlbEvent event(long page) {
    Objects.checkIndex(page, pages);
    if (page == 0) {
      return first;
    }
    IotlbEntry entry = first.entry();
    return new IotlbEvent(
        first.type(),
        new IotlbEntry(
            entry.target(),
            entry.iova() + page * pageSize(),
            entry.translatedAddress() + page * step,
            entry.addressMask(),
            entry.access()));
  }

  /** Hands over the changes one after the other. */
  public void forEach(Consumer<IotlbEvent> consumer) {
    for (long page = 0; page < pages; page++) {
      consumer.accept(event(page));
    }
  }
}
