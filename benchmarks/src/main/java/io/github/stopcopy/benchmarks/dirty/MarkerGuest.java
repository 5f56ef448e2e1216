package io.github.stopcopy.benchmarks.dirty;

import io.github.stopcopy.core.dirty.DirtyMarker;
import java.util.concurrent.ConcurrentLinkedQueue;

/** The bitmaps of stopcopy, marked by markers. */
final class MarkerGuest implements Guest {

  static final String NAME = "stopcopy marker";

  private final StopcopyGuest guest;

  /** Markers that no thread has now: a thread keeps its own for long. */
  private final ConcurrentLinkedQueue<DirtyMarker> markers = new ConcurrentLinkedQueue<>();

  MarkerGuest(long[] log, long[] migration) {
    this.guest = new StopcopyGuest(log, migration);
  }

  @Override
  public String name() {
    return NAME;
  }

  @Override
  public void reset() {
    guest.reset();
  }

  /** Marks, so that all is in the log. */
  @Override
  public void mark(Marks marks, int from, int to) {
    DirtyMarker marker = marker();
    mark(marker, marks, from, to);
    marker.flush();
    markers.add(marker);
  }

  /** Marks, and the harvest looks for what is not in the log yet. */
  @Override
  public long cycle(Marks marks) {
    DirtyMarker marker = marker();
    mark(marker, marks, 0, marks.firsts().length);
    long fresh = harvest();
    markers.add(marker);
    return fresh;
  }

  @Override
  public long harvest() {
    return guest.harvest();
  }

  @Override
  public long runs() {
    return guest.runs();
  }

  @Override
  public long[] log() {
    return guest.log();
  }

  @Override
  public long[] migration() {
    return guest.migration();
  }

  private DirtyMarker marker() {
    DirtyMarker marker = markers.poll();
    return marker != null ? marker : guest.marker();
  }

  private static void mark(DirtyMarker marker, Marks marks, int from, int to) {
    int[] firsts = marks.firsts();
    if (marks.run() == 1) {
      for (int i = from; i < to; i++) {
        marker.mark(firsts[i]);
      }
    } else {
      for (int i = from; i < to; i++) {
        marker.mark(firsts[i], marks.run());
      }
    }
  }
}
