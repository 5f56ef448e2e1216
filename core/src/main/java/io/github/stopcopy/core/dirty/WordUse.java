package io.github.stopcopy.core.dirty;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.concurrent.locks.LockSupport;

/**
 * Who works on the words of a bitmap and on their summary, part by part, so that they may be
 * changed by plain loads and stores as long as nobody else is at them: an exchange for each word
 * takes ten times as long. All that changes words while others may do so too is in here, harvests
 * and markers for as long as they do it. Whoever marks or clears a page without a marker is not,
 * since that would take longer than the mark: it shares the words for good. Thread-safe.
 */
final class WordUse {

  /** The least number of pages of a part, those of a word of the summary: no two share one. */
  private static final int LEAST_SHIFT = 15;

  private static final int MOST_PARTS_SHIFT = 4;

  /** Set for good when anybody may be at the words at any time. Below are how many are. */
  private static final int SHARED = 1 << 30;

  /** One is at the words and all others wait. */
  private static final int ALONE = -1;

  /** How far apart the states of two parts are, in a line of the cache each. */
  private static final int APART = 16;

  /** How often is looked again before the processor is left to others, and how long. */
  private static final int SPINS = 64;

  private static final long PAUSE_NANOS = 20_000;

  private static final VarHandle STATE = MethodHandles.arrayElementVarHandle(int[].class);

  private final int pageShift;
  private final int[] states;
  private volatile boolean isShared;

  /** Nobody is at the words of so many pages. */
  WordUse(long pages) {
    int bits = Long.SIZE - Long.numberOfLeadingZeros(Math.max(pages - 1, 0));
    this.pageShift = Math.max(LEAST_SHIFT, bits - MOST_PARTS_SHIFT);
    this.states = new int[part(Math.max(pages - 1, 0)) * APART + 1];
  }

  /** How many parts there are. */
  int parts() {
    return states.length / APART + 1;
  }

  /** Which part a page is in. */
  int part(long page) {
    return (int) (page >>> pageShift);
  }

  /** The first page of a part. */
  long firstPage(int part) {
    return (long) part << pageShift;
  }

  /**
   * Begins to work on a part by exchanges, when nobody is alone with it. A full fence.
   *
   * @return whether it is to be ended by {@link #leave}
   */
  boolean enter(int part) {
    for (int tries = 0; ; tries++) {
      int now = state(part);
      if (now >= SHARED) {
        VarHandle.fullFence();
        return false;
      }
      if (now == ALONE) {
        await(tries);
      } else if (STATE.compareAndSet(states, part * APART, now, now + 1)) {
        return true;
      }
    }
  }

  /** Ends what {@link #enter} began. */
  void leave(int part) {
    STATE.getAndAdd(states, part * APART, -1);
  }

  /**
   * Makes the caller, who has entered, the only one until {@link #beTogether}; answers false, and
   * does nothing, if others are there. Others wait meanwhile: it is for some microseconds.
   */
  boolean beAlone(int part) {
    return state(part) == 1 && STATE.compareAndSet(states, part * APART, 1, ALONE);
  }

  /** Lets others in again. */
  void beTogether(int part) {
    STATE.setRelease(states, part * APART, 1);
  }

  /** Makes sure that nobody is alone with any words from now on. */
  void share() {
    if (!isShared) {
      for (int part = 0; part < parts(); part++) {
        share(part);
      }
      isShared = true;
    }
  }

  private void share(int part) {
    int now = state(part);
    for (int tries = 0; now < SHARED; tries++) {
      if (now == ALONE) {
        await(tries);
      } else {
        STATE.compareAndSet(states, part * APART, now, now | SHARED);
      }
      now = state(part);
    }
  }

  private int state(int part) {
    return (int) STATE.getVolatile(states, part * APART);
  }

  /** Whoever is alone may have lost the processor. */
  private static void await(int tries) {
    if (tries < SPINS) {
      Thread.onSpinWait();
    } else {
      LockSupport.parkNanos(PAUSE_NANOS);
    }
  }
}
