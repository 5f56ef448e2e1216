package io.github.stopcopy.benchmarks;

import com.sun.management.ThreadMXBean;
import io.github.stopcopy.core.error.InputException;
import java.io.PrintStream;
import java.lang.management.ManagementFactory;
import java.util.List;
import java.util.Locale;

/**
 * Answers 10,000 scenarios of one device as {@code stopcopy run} does, on one thread, twice to warm
 * up and once measured, and prints scenarios a second and the bytes that the thread allocates for
 * one. Arguments: how many, and the seed.
 */
public final class RunThroughput {

  private static final int WARM_UP_ROUNDS = 2;
  private static final double NANOS = 1e9;

  private static final long GOAL_A_SECOND = 8_000;
  private static final long GOAL_BYTES = 150_000;

  private RunThroughput() {}

  /** Prints the figures. */
  public static void main(String[] args) throws InputException {
    int count = args.length > 0 ? Integer.parseInt(args[0]) : 10_000;
    long seed = args.length > 1 ? Long.parseLong(args[1]) : 1;
    measure(System.out, count, seed);
  }

  static void measure(PrintStream out, int count, long seed) throws InputException {
    List<String> lines = ScenarioLines.of(seed, count);
    ScenarioAnswers answers = new ScenarioAnswers();
    for (int i = 0; i < WARM_UP_ROUNDS; i++) {
      answerAll(answers, lines);
    }
    ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
    long bytesBefore = threads.getCurrentThreadAllocatedBytes();
    long cpuBefore = threads.getCurrentThreadCpuTime();
    long before = System.nanoTime();
    long characters = answerAll(answers, lines);
    double wall = (System.nanoTime() - before) / NANOS;
    long bytes = (threads.getCurrentThreadAllocatedBytes() - bytesBefore) / count;
    double cpu = (threads.getCurrentThreadCpuTime() - cpuBefore) / NANOS;
    out.printf(
        Locale.ROOT, "%d scenarios, seed %d, %d characters of answers%n", count, seed, characters);
    out.printf(Locale.ROOT, "%.0f scenarios/s of wall time%n", count / wall);
    double rate = count / cpu;
    out.printf(
        Locale.ROOT,
        "%.0f scenarios/s of thread CPU time, goal at least %d: %s%n",
        rate,
        GOAL_A_SECOND,
        rate >= GOAL_A_SECOND ? "met" : "missed");
    out.printf(
        Locale.ROOT,
        "%d bytes allocated for a scenario, goal at most %d: %s%n",
        bytes,
        GOAL_BYTES,
        bytes <= GOAL_BYTES ? "met" : "missed");
  }

  private static long answerAll(ScenarioAnswers answers, List<String> lines) throws InputException {
    long characters = 0;
    for (String line : lines) {
      characters += answers.answer(line).length();
    }
    return characters;
  }
}
