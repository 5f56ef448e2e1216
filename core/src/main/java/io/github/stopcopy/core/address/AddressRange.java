package io.github.stopcopy.core.address;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A range of addresses with both ends inclusive, so that the last byte of the 64-bit space can be
 * named. Never empty.
 *
 * @param first the first address, unsigned
 * @param last the last address, unsigned, not below {@code first}
 */
public record AddressRange(long first, long last) {

  /** Checks the order of the ends. */
  public AddressRange {
    if (U64.less(last, first)) {
      throw new IllegalArgumentException(
          "range ends at " + U64.hex(last) + ", before its start " + U64.hex(first));
    }
  }

  /** As records compare, written out: to make that at run time takes as long as much of a check. */
  @Override
  public boolean equals(@Nullable Object other) {
    return other instanceof AddressRange range && first == range.first && last == range.last;
  }

  @Override
  public int hashCode() {
    return 31 * Long.hashCode(first) + Long.hashCode(last);
  }

  /**
   * The range of {@code size} bytes, which is not 0, from {@code first}.
   *
   * @throws IllegalArgumentException if it is empty or reaches beyond 2^64-1
   */
  public static AddressRange ofSize(long first, ByteSize size) {
    if (size.isZero() || U64.addOverflows(first, size.lastOffset())) {
      throw new IllegalArgumentException("no range of " + size + " bytes from " + U64.hex(first));
    }
    return new AddressRange(first, first + size.lastOffset());
  }

  /**
   * The same addresses by ranges that do not overlap, ascending. Those that only touch stay apart.
   *
   * @param ranges in any order
   */
  public static List<AddressRange> disjoint(List<AddressRange> ranges) {
    List<AddressRange> sorted = new ArrayList<>(ranges);
    sorted.sort((a, b) -> U64.compare(a.first, b.first));
    List<AddressRange> disjoint = new ArrayList<>();
    for (AddressRange range : sorted) {
      AddressRange before = disjoint.isEmpty() ? null : disjoint.get(disjoint.size() - 1);
      if (before != null && before.overlaps(range)) {
        long last = U64.max(before.last, range.last);
        disjoint.set(disjoint.size() - 1, new AddressRange(before.first, last));
      } else {
        disjoint.add(range);
      }
    }
    return disjoint;
  }

  /** The number of bytes. */
  public ByteSize size() {
    return ByteSize.ofLastOffset(last - first);
  }

  /**
   * The range cut into pieces of a power of two bytes, each aligned to its size, ascending: the
   * shape that translations are announced in. There are at most 126.
   */
  public List<AddressRange> alignedPieces() {
    List<AddressRange> pieces = new ArrayList<>();
    long start = first;
    while (true) {
      // The size minus 1, so that all of the 64-bit space is a piece too.
      long mask = start == 0 ? U64.MAX : Long.lowestOneBit(start) - 1;
      while (U64.less(last - start, mask)) {
        mask >>>= 1;
      }
      pieces.add(new AddressRange(start, start + mask));
      if (start + mask == last) {
        return pieces;
      }
      start += mask + 1;
    }
  }

  /** Whether the address lies inside. */
  public boolean contains(long address) {
    return U64.lessOrEqual(first, address) && U64.lessOrEqual(address, last);
  }

  /** Whether the other range lies wholly inside. */
  public boolean contains(AddressRange other) {
    return contains(other.first) && contains(other.last);
  }

  /** Whether the two share an address. */
  public boolean overlaps(AddressRange other) {
    return U64.lessOrEqual(first, other.last) && U64.lessOrEqual(other.first, last);
  }

  /** {@code [0x..,0x..]}. */
  @Override
  public String toString() {
    return "[" + U64.hex(first) + "," + U64.hex(last) + "]";
  }
}
