package io.github.stopcopy.benchmarks.paired;

import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;

/** The CPU time of the calling thread. Static, thread-safe. */
public final class ThreadTime {

  private static final ThreadMXBean THREADS = ManagementFactory.getThreadMXBean();

  private ThreadTime() {}

  /** Nanoseconds of CPU time that the calling thread has used so far. */
  public static long now() {
    return THREADS.getCurrentThreadCpuTime();
  }
}
