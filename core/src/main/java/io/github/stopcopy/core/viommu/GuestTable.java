package io.github.stopcopy.core.viommu;

import io.github.stopcopy.core.address.AddressRange;
import io.github.stopcopy.core.address.U64;
import io.github.stopcopy.core.iova.IovaMap;
import io.github.stopcopy.core.memory.IommuAccess;
import io.github.stopcopy.core.memory.IommuNotifier;
import io.github.stopcopy.core.spi.GuestAction.ContextMode;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * What a guest has written to its memory for one device: the context entry and the pages of its I/O
 * page table, of an x86 vIOMMU. Whether the vIOMMU has looked at it is another matter. Not
 * thread-safe.
 */
public final class GuestTable {

  /** Bytes of a page. */
  public static final long PAGE = IovaMap.PAGE;

  /** The most pages that a table has here. */
  public static final int MAX_PAGES = 1 << 20;

  /** No page table is wider: five levels. */
  private static final int WIDEST_IOVA_BITS = 57;

  /** No page table entry holds a longer address. */
  private static final int WIDEST_ADDRESS_BITS = 52;

  /** No address of a guest. */
  private static final long NOWHERE = -1;

  private final IovaMap pages = new IovaMap();
  private final IovaMap touched = new IovaMap(); // each page leads to itself
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
    long target = pages.translate(iova, NOWHERE);
    return target == NOWHERE ? Optional.empty() : Optional.of(target);
  }

  /** The IOVAs of the first and last page of each run of pages that lead somewhere, ascending. */
  public List<AddressRange> mapped() {
    return runs(pages);
  }

  /** The pages written since the vIOMMU last walked the tables, as runs like {@link #mapped}. */
  public List<AddressRange> touched() {
    return runs(touched);
  }

  private static List<AddressRange> runs(IovaMap map) {
    List<AddressRange> runs = new ArrayList<>();
    map.forEachRun(
        0,
        U64.MAX,
        (first, last, target, access) -> runs.add(new AddressRange(first, last - PAGE + 1)));
    return runs;
  }

  /**
   * The pages that a table can hold and that lie in the range of a notifier whole.
   *
   * @param notifier whose range
   * @param addressBits the width of the table; 0 if nothing is translated
   */
  public static Optional<AddressRange> walked(IommuNotifier notifier, int addressBits) {
    long last = U64.min(notifier.end(), addressBits == 0 ? 0 : U64.MAX >>> (64 - addressBits));
    if (U64.less(last, PAGE - 1) || U64.less(last, notifier.start())) {
      return Optional.empty();
    }
    long first = U64.alignUp(notifier.start(), PAGE);
    long end = U64.alignDown(last - (PAGE - 1), PAGE) + PAGE - 1;
    return U64.less(first, end) ? Optional.of(new AddressRange(first, end)) : Optional.empty();
  }

  /**
   * Visits the pages of a range that the table does not lead where it led when that was announced,
   * as runs and ascending.
   *
   * @param announced what was announced; the visitor may change it
   * @param range whole pages
   * @param all whether all pages are looked at, and not only those touched since the vIOMMU last
   *     walked the tables
   */
  public void forEachChange(
      IovaMap announced, AddressRange range, boolean all, IovaMap.DifferenceVisitor visitor) {
    if (all) {
      announced.forEachDifference(pages, range.first(), range.last(), visitor);
    } else {
      touched.forEachRun(
          range.first(),
          range.last(),
          (first, last, target, access) ->
              announced.forEachDifference(pages, first, last, visitor));
    }
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
    long more = count;
    if (pages.size() > MAX_PAGES - count) {
      long[] already = {0};
      pages.forEachRun(
          iova,
          last(iova, count),
          (first, last, target, access) -> already[0] += (last - first) / PAGE + 1);
      more -= already[0];
    }
    return pages.size() > MAX_PAGES - more
        ? Optional.of("a table of more than " + MAX_PAGES + " pages is not modelled")
        : Optional.empty();
  }

  /** Writes page table entries; says why it cannot. */
  public Optional<String> map(long iova, long guestAddress, int count) {
    Optional<String> unfit = unfit(iova, guestAddress, count);
    if (unfit.isEmpty()) {
      put(pages, iova, last(iova, count), guestAddress);
      put(touched, iova, last(iova, count), iova);
    }
    return unfit;
  }

  /** Clears page table entries, also of pages that are not there; says why it cannot. */
  public Optional<String> unmap(long iova, int count) {
    Optional<String> unfit = unfit("iova", iova, count, WIDEST_IOVA_BITS);
    if (unfit.isEmpty()) {
      long last = last(iova, count);
      pages.forEachRun(iova, last, (first, end, target, access) -> put(touched, first, end, first));
      pages.unmap(iova, last);
    }
    return unfit;
  }

  private static void put(IovaMap map, long first, long last, long target) {
    map.unmap(first, last);
    map.mapPages(first, last, PAGE, target, IommuAccess.READ_WRITE);
  }

  private static long last(long iova, int count) {
    return iova + count * PAGE - 1;
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
