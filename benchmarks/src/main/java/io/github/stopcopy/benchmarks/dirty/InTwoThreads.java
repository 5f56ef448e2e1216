package io.github.stopcopy.benchmarks.dirty;

import io.github.stopcopy.benchmarks.paired.Sample;
import io.github.stopcopy.benchmarks.paired.ThreadTime;
import io.github.stopcopy.benchmarks.paired.Variant;
import java.util.concurrent.BrokenBarrierException;
import java.util.concurrent.CyclicBarrier;

/**
 * Two threads that mark pages in one log, each a half of the marks. What counts is the CPU time of
 * both.
 *
 * @param guest whose log it is
 * @param prepare is done before each time and not measured
 * @param question what its checksums are of
 * @param marks what is marked
 */
record InTwoThreads(Guest guest, Runnable prepare, String question, Marks marks)
    implements Variant {

  private static final int THREADS = 2;

  @Override
  public String name() {
    return guest.name();
  }

  @Override
  public Sample play(int times) {
    long nanos = 0;
    for (int i = 0; i < times; i++) {
      prepare.run();
      nanos += markOnce();
    }
    return new Sample(marks.firsts().length, nanos);
  }

  @Override
  public long content() {
    return guest.content();
  }

  private long markOnce() {
    int count = marks.firsts().length;
    CyclicBarrier start = new CyclicBarrier(THREADS);
    Marker[] markers = new Marker[THREADS];
    for (int i = 0; i < THREADS; i++) {
      int from = count * i / THREADS;
      markers[i] = new Marker(start, from, count * (i + 1) / THREADS);
      markers[i].start();
    }
    long nanos = 0;
    try {
      for (Marker marker : markers) {
        marker.join();
        nanos += marker.nanos;
      }
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
    return nanos;
  }

  private final class Marker extends Thread {

    private final CyclicBarrier start;
    private final int from;
    private final int to;
    private long nanos;

    Marker(CyclicBarrier start, int from, int to) {
      this.start = start;
      this.from = from;
      this.to = to;
    }

    @Override
    public void run() {
      try {
        start.await();
      } catch (InterruptedException | BrokenBarrierException e) {
        throw new IllegalStateException(e);
      }
      long before = ThreadTime.now();
      guest.mark(marks, from, to);
      nanos = ThreadTime.now() - before;
    }
  }
}
