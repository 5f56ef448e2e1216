package io.github.stopcopy.benchmarks;

import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

/** One BAR moves: what it showed and shows is rendered and the difference is told. */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Fork(1)
@Warmup(iterations = 4, time = 2)
@Measurement(iterations = 5, time = 2)
public class FlatViewBenchmark {

  /** Regions that are no containers. */
  @Param({"100", "1000", "10000", "100000"})
  public int leaves;

  private ManyRegions regions;

  /** Builds the tree. */
  @Setup
  public void build() {
    regions = new ManyRegions(leaves);
  }

  /** Renders and tells the differences. */
  @Benchmark
  public long renderAndTell() {
    return regions.moveBar();
  }
}
