package io.github.stopcopy.core.viommu;

import io.github.stopcopy.core.address.U64;
import io.github.stopcopy.core.spi.GuestAction.ContextMode;
import java.util.NavigableMap;
import java.util.NavigableSet;
import java.util.Optional;
import java.util.TreeMap;
import java.util.TreeSet;

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

  private final NavigableMap<Long, Long> pages = new TreeMap<>();
  private final NavigableSet<Long> touched = new TreeSet<>();
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

  /** Guest physical addresses by IOVA. Both are too small for their sign to matter. */
  public NavigableMap<Long, Long> pages() {
    return pages;
  }

  /** The IOVAs of pages written since the vIOMMU last walked the tables. */
  public NavigableSet<Long> touched() {
    return touched;
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
    int already = pages.subMap(iova, iova + count * PAGE).size();
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
    for (int i = 0; i < count; i++) {
      pages.put(iova + i * PAGE, guestAddress + i * PAGE);
      touched.add(iova + i * PAGE);
    }
    return Optional.empty();
  }

  /** Clears page table entries, also of pages that are not there; says why it cannot. */
  public Optional<String> unmap(long iova, int count) {
    Optional<String> unfit = unfit("iova", iova, count, WIDEST_IOVA_BITS);
    if (unfit.isEmpty()) {
      NavigableMap<Long, Long> cleared = pages.subMap(iova, true, iova + count * PAGE, false);
      touched.addAll(cleared.keySet());
      cleared.clear();
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
