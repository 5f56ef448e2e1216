package io.github.stopcopy.benchmarks;

import io.github.stopcopy.core.error.InputException;
import io.github.stopcopy.migration.Verdict;
import io.github.stopcopy.migration.scenario.Scenario;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

/** Scenarios a second on one thread: from a line to a line, and the model alone. */
@State(Scope.Thread)
@BenchmarkMode(Mode.Throughput)
@OutputTimeUnit(TimeUnit.SECONDS)
@Fork(1)
@Warmup(iterations = 4, time = 2)
@Measurement(iterations = 5, time = 2)
public class ScenarioBenchmark {

  private static final int LINES = 1024;

  private final List<Scenario> scenarios = new ArrayList<>();
  private List<String> lines = List.of();
  private ScenarioAnswers answers;
  private int next;

  /** Makes the scenarios. */
  @Setup
  public void prepare() throws InputException {
    answers = new ScenarioAnswers();
    lines = ScenarioLines.of(1, LINES);
    for (String line : lines) {
      scenarios.add(answers.read(line));
    }
  }

  /** JSON in, JSON out. */
  @Benchmark
  public String lineToLine() throws InputException {
    return answers.answer(lines.get(advance()));
  }

  /** What is left without reading and writing text. */
  @Benchmark
  public Verdict modelOnly() throws InputException {
    return answers.decide(scenarios.get(advance()));
  }

  private int advance() {
    next = (next + 1) % LINES;
    return next;
  }
}
