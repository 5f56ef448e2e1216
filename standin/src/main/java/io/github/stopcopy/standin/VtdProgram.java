package io.github.stopcopy.standin;

import io.github.stopcopy.core.spi.GuestAction.ContextMode;
import java.io.IOException;
import java.util.HashMap;
import java.util.Map;

/**
 * What guest software does with the Intel vIOMMU in legacy mode: tables in guest memory, at an
 * address where nothing else of an idle guest is, then the registers. Not thread-safe.
 */
final class VtdProgram {

  private static final long TABLES = 0x1000000;
  private static final int PAGE = 4096;
  private static final long REGISTERS = 0xfed90000L;
  private static final long GLOBAL_COMMAND = REGISTERS + 0x18;
  private static final long GLOBAL_STATUS = REGISTERS + 0x1c;
  private static final long ROOT_TABLE = REGISTERS + 0x20;
  private static final long CONTEXT_COMMAND = REGISTERS + 0x28;
  private static final long IOTLB_INVALIDATE = REGISTERS + 0xf8;

  /** What of the status is to be repeated in a command: not the bits that act once. */
  private static final int KEPT = 0x96ffffff;

  private static final int TRANSLATION_ENABLE = 1 << 31;
  private static final int SET_ROOT_POINTER = 1 << 30;
  private static final int PRESENT = 1;
  private static final int READ_WRITE = 3;
  private static final int PASS_THROUGH = 2 << 2;

  private final Qtest memory;
  private final long root;
  private final Map<Integer, Long> contexts = new HashMap<>();
  private final Map<Integer, Long> tables = new HashMap<>();
  private final Map<Long, Long> lower = new HashMap<>();
  private final Map<Integer, Integer> levels = new HashMap<>();
  private long next = TABLES;

  VtdProgram(Qtest memory) throws IOException {
    this.memory = memory;
    root = newPage();
  }

  private long newPage() throws IOException {
    long page = next;
    next += PAGE;
    memory.zero(page, PAGE);
    return page;
  }

  /**
   * Writes a device's context entry.
   *
   * @param requester bus number times 256 plus device and function
   * @param addressBits 39, 48 or 57
   */
  void context(int requester, ContextMode mode, int addressBits) throws IOException {
    int depth = (addressBits - 12) / 9;
    levels.put(requester, depth);
    int bus = requester >> 8;
    Long context = contexts.get(bus);
    if (context == null) {
      context = newPage();
      contexts.put(bus, context);
      memory.writeLong(root + 16L * bus, context | PRESENT);
    }
    long entry = context + 16L * (requester & 0xff);
    long domain = requester + 1L & 0xffff;
    memory.writeLong(entry + 8, depth - 2 | domain << 8);
    switch (mode) {
      case PASSTHROUGH -> memory.writeLong(entry, PASS_THROUGH | PRESENT);
      case ABSENT -> memory.writeLong(entry, 0);
      case TRANSLATE -> memory.writeLong(entry, table(requester) | PRESENT);
    }
  }

  private long table(int requester) throws IOException {
    Long table = tables.get(requester);
    if (table == null) {
      table = newPage();
      tables.put(requester, table);
    }
    return table;
  }

  void map(int requester, long iova, long guestAddress, int pages) throws IOException {
    for (int i = 0; i < pages; i++) {
      long at = (long) PAGE * i;
      memory.writeLong(leaf(requester, iova + at), guestAddress + at | READ_WRITE);
    }
  }

  /** Takes mappings away and invalidates. */
  void unmap(int requester, long iova, int pages) throws IOException {
    for (int i = 0; i < pages; i++) {
      memory.writeLong(leaf(requester, iova + (long) PAGE * i), 0);
    }
    invalidate();
  }

  /** Where the entry of a page is; tables on the way are made. */
  private long leaf(int requester, long iova) throws IOException {
    long table = table(requester);
    for (int level = levels.getOrDefault(requester, 4) - 1; level > 0; level--) {
      long entry = table + 8 * (iova >>> 12 + 9 * level & 511);
      Long inner = lower.get(entry);
      if (inner == null) {
        inner = newPage();
        lower.put(entry, inner);
        memory.writeLong(entry, inner | READ_WRITE);
      }
      table = inner;
    }
    return table + 8 * (iova >>> 12 & 511);
  }

  /** Global invalidation of contexts and of the IOTLB. */
  void invalidate() throws IOException {
    memory.writeLong(CONTEXT_COMMAND, 1L << 63 | 1L << 61);
    memory.writeLong(IOTLB_INVALIDATE, 1L << 63 | 1L << 60);
  }

  void setRoot() throws IOException {
    memory.writeLong(ROOT_TABLE, root);
    memory.writeInt(GLOBAL_COMMAND, memory.readInt(GLOBAL_STATUS) & KEPT | SET_ROOT_POINTER);
  }

  void enable() throws IOException {
    setRoot();
    memory.writeInt(GLOBAL_COMMAND, memory.readInt(GLOBAL_STATUS) & KEPT | TRANSLATION_ENABLE);
  }

  void disable() throws IOException {
    int others = memory.readInt(GLOBAL_STATUS) & KEPT & ~TRANSLATION_ENABLE;
    memory.writeInt(GLOBAL_COMMAND, others);
  }
}
