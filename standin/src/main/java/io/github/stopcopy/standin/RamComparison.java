package io.github.stopcopy.standin;

import io.github.stopcopy.core.address.AddressRange;
import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** Compares the RAM of two VMs, from files, and finds what differs. Not thread-safe. */
final class RamComparison {

  private static final int PAGE = 4096;
  private static final int CHUNK = 256 * PAGE;

  private final byte[] left = new byte[CHUNK];
  private final byte[] right = new byte[CHUNK];
  private final List<AddressRange> differing = new ArrayList<>();
  private long differingBytes;
  private long bytes;

  /** From the first to the last differing byte of each page; those that touch are one. */
  List<AddressRange> differing() {
    return differing;
  }

  long differingBytes() {
    return differingBytes;
  }

  /** How many bytes were compared. */
  long bytes() {
    return bytes;
  }

  /** Compares two files with the same piece of RAM. */
  void compare(AddressRange ram, Path one, Path other) throws IOException {
    long size = ram.last() - ram.first() + 1;
    try (FileChannel first = FileChannel.open(one);
        FileChannel second = FileChannel.open(other)) {
      if (first.size() != size || second.size() != size) {
        throw new IOException(
            ram + ": QEMU saved " + first.size() + " and " + second.size() + " bytes of it");
      }
      for (long at = 0; at < size; at += CHUNK) {
        int count = (int) Math.min(CHUNK, size - at);
        read(first, left, count);
        read(second, right, count);
        compare(ram.first() + at, count);
      }
    }
    bytes += size;
  }

  static void read(FileChannel from, byte[] into, int count) throws IOException {
    ByteBuffer buffer = ByteBuffer.wrap(into, 0, count);
    while (buffer.hasRemaining()) {
      if (from.read(buffer) < 0) {
        throw new EOFException("the RAM that QEMU saved becomes shorter");
      }
    }
  }

  private void compare(long address, int count) {
    if (Arrays.equals(left, 0, count, right, 0, count)) {
      return;
    }
    for (int page = 0; page < count; page += PAGE) {
      int end = Math.min(count, page + PAGE);
      int first = Arrays.mismatch(left, page, end, right, page, end);
      if (first >= 0) {
        int last = end - 1;
        while (left[last] == right[last]) {
          last--;
        }
        add(new AddressRange(address + page + first, address + last));
        for (int i = page + first; i <= last; i++) {
          differingBytes += left[i] == right[i] ? 0 : 1;
        }
      }
    }
  }

  private void add(AddressRange range) {
    int latest = differing.size() - 1;
    if (latest >= 0 && differing.get(latest).last() + 1 == range.first()) {
      range = new AddressRange(differing.remove(latest).first(), range.last());
    }
    differing.add(range);
  }
}
