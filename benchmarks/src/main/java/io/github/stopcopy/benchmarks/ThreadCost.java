package io.github.stopcopy.benchmarks;

import com.sun.management.ThreadMXBean;
import java.lang.management.ManagementFactory;

/** What the calling thread has spent so far. Static, thread-safe. */
final class ThreadCost {

  private static final ThreadMXBean THREADS = (ThreadMXBean) ManagementFactory.getThreadMXBean();

  private ThreadCost() {}

  /** Nanoseconds of CPU time. */
  static long nanos() {
    return THREADS.getCurrentThreadCpuTime();
  }

  /** Bytes that it has allocated. */
  static long bytes() {
    return THREADS.getCurrentThreadAllocatedBytes();
  }
}
