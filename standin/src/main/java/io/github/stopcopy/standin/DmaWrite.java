package io.github.stopcopy.standin;

import io.github.stopcopy.core.address.AddressRange;
import io.github.stopcopy.core.address.U64;

/**
 * What one device writes: to each I/O virtual address a byte that follows from the address and the
 * seed, so that two writes with different seeds hardly ever leave the same bytes. Immutable.
 *
 * @param device the name of the device, e.g. {@code 0000:01:00.0}
 * @param written I/O virtual addresses with inclusive ends
 * @param seed any number
 */
public record DmaWrite(String device, AddressRange written, long seed) {

  private static final long STEP = 0x9e3779b97f4a7c15L;

  /** How many bytes it has. */
  public long length() {
    return written.last() - written.first() + 1;
  }

  /** The byte that is at an address after it. */
  byte byteAt(long iova) {
    long mixed = seed + (iova >>> 3) * STEP;
    mixed = (mixed ^ mixed >>> 30) * 0xbf58476d1ce4e5b9L;
    mixed = (mixed ^ mixed >>> 27) * 0x94d049bb133111ebL;
    mixed ^= mixed >>> 31;
    return (byte) (mixed >>> 8 * (iova & 7));
  }

  /** In one line. */
  @Override
  public String toString() {
    return device + " writes " + written + " (seed " + U64.hex(seed) + ")";
  }
}
