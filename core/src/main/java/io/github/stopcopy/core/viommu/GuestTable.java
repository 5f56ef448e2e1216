package io.github.stopcopy.core.viommu;

import io.github.stopcopy.core.address.AddressRange;
import io.github.stopcopy.core.address.U64;
import io.github.stopcopy.core.spi.GuestAction.ContextMode;
import java.util.Collection;
import java.util.List;
import java.util.Optional;

/**
 * What a guest has written to its memory for one device: the context entry and the pages of its I/O
 * page table, of an x86 vIOMMU. Whether the vIOMMU has looked at it is another matter. Not
 * thread-safe.
 */
public final class GuestTable {

  /** Bytes of a page. */
  public static final long PAGE = 4096;

  /** The most pages that a table has here. */
  public static final int MAX_PAGES = 1 << 20;

  /** No page table is wider: five levels. */
  private static final int WIDEST_IOVA_BITS = 57;

  /** No page table entry holds a longer address. */
  private static final int WIDEST_ADDRESS_BITS = 52;

  private final PageRuns pages = new PageRuns();
  private final PageRuns touched = new PageRuns();
  private ContextMode mode = ContextMode.ABSENT;
  private int addressBits;

  /** A table that nothing was written to. */
  public GuestTable() {}

  /** How the context entry has requests treated. */
  public ContextMode mode() {
    return mode;
  }

  /** The width of the page table in bits, by the context entry. */
  public int addressBits() {
    return addressBits;
  }

  /** Where the page at an IOVA leads: a guest physical address; empty if nowhere. */
  public Optional<Long> target(long iova) {
    return pages.target(iova);
  }

  /** The IOVAs of the first and last page of each run of pages that lead somewhere, ascending. */
  public List<AddressRange> mapped() {
    return pages.ranges();
  }

  /**
   * The pages that lead somewhere and some others, as runs like those of {@link #mapped}.
   *
   * @param others IOVAs of pages, which may lead somewhere or not
   */
  public List<AddressRange> mappedAnd(Collection<Long> others) {
    PageRuns all = new PageRuns();
    others.forEach(page -> all.put(page, 1, page));
    for (AddressRange run : pages.ranges()) {
      all.put(run.first(), PageRuns.pages(run), run.first());
    }
    return all.ranges();
  }

  /** The pages written since the vIOMMU last walked the tables, as runs. */
  public List<AddressRange> touched() {
    return touched.ranges();
  }

  /** The vIOMMU has walked the tables. */
  public void walked() {
    touched.clear();
  }

  /** Writes the context entry; says why it cannot. */
  public Optional<String> writeContext(ContextMode mode, int addressBits) {
    if (mode != ContextMode.ABSENT && addressBits != 39 && addressBits != 48 && addressBits != 57) {
      return Optional.of(
          "a context entry of " + addressBits + " bits is not modelled, expected 39, 48 or 57");
    }
    this.mode = mode;
    this.addressBits = addressBits;
    return Optional.empty();
  }

  /** Says why page table entries cannot be written; empty if they can. */
  public Optional<String> unfit(long iova, long guestAddress, int count) {
    Optional<String> unfit = unfit("iova", iova, count, WIDEST_IOVA_BITS);
    if (unfit.isEmpty()) {
      unfit = unfit("gpa", guestAddress, count, WIDEST_ADDRESS_BITS);
    }
    if (unfit.isPresent()) {
      return unfit;
    }
    long already = pages.within(iova, count).stream().mapToLong(PageRuns::pages).sum();
    return pages.size() - already > MAX_PAGES - count
        ? Optional.of("a table of more than " + MAX_PAGES + " pages is not modelled")
        : Optional.empty();
  }

  /** Writes page table entries; says why it cannot. */
  public Optional<String> map(long iova, long guestAddress, int count) {
    Optional<String> unfit = unfit(iova, guestAddress, count);
    if (unfit.isPresent()) {
      return unfit;
    }
    pages.put(iova, count, guestAddress);
    touched.put(iova, count, iova);
    return Optional.empty();
  }

  /** Clears page table entries, also of pages that are not there; says why it cannot. */
  public Optional<String> unmap(long iova, int count) {
    Optional<String> unfit = unfit("iova", iova, count, WIDEST_IOVA_BITS);
    if (unfit.isEmpty()) {
      for (AddressRange run : pages.within(iova, count)) {
        touched.put(run.first(), PageRuns.pages(run), run.first());
      }
      pages.remove(iova, count);
    }
    return unfit;
  }

  private static Optional<String> unfit(String what, long address, int count, int bits) {
    if (count < 1 || count > MAX_PAGES) {
      return Optional.of(count + " pages are not modelled, expected 1 to " + MAX_PAGES);
    }
    if (address % PAGE != 0) {
      return Optional.of(what + " " + U64.hex(address) + " is not at a page of " + PAGE + " bytes");
    }
    long pastEnd = 1L << bits;
    if (U64.less(pastEnd - count * PAGE, address)) {
      return Optional.of(
          what
              + " "
              + U64.hex(address)
              + " does not fit a page table, which takes "
              + bits
              + " bits");
    }
    return Optional.empty();
  }
}
