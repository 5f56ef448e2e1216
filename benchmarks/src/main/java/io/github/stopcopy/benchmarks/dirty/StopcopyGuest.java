package io.github.stopcopy.benchmarks.dirty;

import io.github.stopcopy.core.dirty.DirtyBitmap;
import io.github.stopcopy.core.dirty.DirtyMarker;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/** The bitmaps of stopcopy. */
final class StopcopyGuest implements Guest {

  /** The name of one whose pages were marked without a marker, so that harvests exchange words. */
  static final String SHARED = "stopcopy shared";

  private final String name;
  private final DirtyBitmap logBefore;
  private final DirtyBitmap migrationBefore;
  private final DirtyBitmap emptied;
  private final DirtyBitmap log;
  private final DirtyBitmap migration;

  StopcopyGuest(long[] log, long[] migration) {
    this(Works.STOPCOPY, log, migration);
  }

  private StopcopyGuest(String name, long[] log, long[] migration) {
    this.name = name;
    this.logBefore = of(log);
    this.migrationBefore = of(migration);
    this.log = of(log);
    this.migration = of(migration);
    this.emptied = new DirtyBitmap(Math.max(logBefore.pages(), migrationBefore.pages()));
  }

  static StopcopyGuest shared(long[] log, long[] migration) {
    StopcopyGuest guest = new StopcopyGuest(SHARED, log, migration);
    guest.log.mark(0);
    guest.reset();
    return guest;
  }

  static DirtyBitmap of(long[] words) {
    DirtyBitmap bitmap = new DirtyBitmap((long) words.length << 6);
    ByteBuffer bytes =
        ByteBuffer.allocate(words.length * Long.BYTES).order(ByteOrder.LITTLE_ENDIAN);
    bytes.asLongBuffer().put(words);
    bitmap.mergeFrom(bytes);
    return bitmap;
  }

  static long[] words(DirtyBitmap bitmap) {
    ByteBuffer bytes = ByteBuffer.allocate((int) DirtyBitmap.bytes(bitmap.pages()));
    bitmap.writeTo(bytes);
    long[] words = new long[bytes.position() / Long.BYTES];
    bytes.flip().order(ByteOrder.LITTLE_ENDIAN).asLongBuffer().get(words);
    return words;
  }

  @Override
  public String name() {
    return name;
  }

  @Override
  public void reset() {
    log.harvestInto(emptied, 0);
    migration.harvestInto(emptied, 0);
    logBefore.mergeInto(log, 0);
    migrationBefore.mergeInto(migration, 0);
  }

  @Override
  public void mark(Marks marks, int from, int to) {
    int[] firsts = marks.firsts();
    if (marks.run() == 1) {
      for (int i = from; i < to; i++) {
        log.mark(firsts[i]);
      }
    } else {
      for (int i = from; i < to; i++) {
        log.mark(firsts[i], marks.run());
      }
    }
  }

  /** A marker of the log. */
  DirtyMarker marker() {
    return log.marker();
  }

  @Override
  public long harvest() {
    return log.harvestInto(migration, 0);
  }

  /** Merges the log three pages further on. */
  long mergeUnaligned() {
    return log.mergeInto(migration, 3);
  }

  @Override
  public long runs() {
    long[] checksum = {0};
    log.forEachRun((first, count) -> checksum[0] += Guest.run(first, count));
    return checksum[0];
  }

  @Override
  public long[] log() {
    return words(log);
  }

  @Override
  public long[] migration() {
    return words(migration);
  }
}
