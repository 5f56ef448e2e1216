package io.github.stopcopy.benchmarks.paired;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** The ratios are those of a round, and different work is not compared. */
class PairedRunTest {

  /** Takes as many nanoseconds a time as it is told, round by round. */
  private static class Timed implements Variant {
    private final String name;
    private final List<String> order;
    private final long[] nanos;
    private final long checksum;
    private final long content;
    private int played;

    Timed(String name, List<String> order, long checksum, long content, long... nanos) {
      this.name = name;
      this.order = order;
      this.checksum = checksum;
      this.content = content;
      this.nanos = nanos;
    }

    @Override
    public String name() {
      return name;
    }

    @Override
    public String question() {
      return "how many";
    }

    @Override
    public Sample play(int times) {
      order.add(name);
      return new Sample(checksum, nanos[Math.min(played++, nanos.length - 1)] * times);
    }

    @Override
    public long content() {
      return content;
    }
  }

  @Test
  void theMedianIsThatOfTheRatiosAndNotTheRatioOfMedians() {
    List<String> order = new ArrayList<>();
    // One to begin with and one to warm up, then three rounds: 2, 5 and 3 times as long.
    Timed a = new Timed("a", order, 7, 8, 100, 100, 200, 500, 3000);
    Timed b = new Timed("b", order, 7, 8, 100, 100, 100, 100, 1000);
    Timings timings = new PairedRun(1, 3, 1).play(List.of(a, b));
    assertThat(timings.ratio("a", "b")).isEqualTo(new Spread(2.5, 3, 4));
    assertThat(timings.nanos("a").median()).isEqualTo(500);
    assertThat(order).containsExactly("a", "b", "a", "b", "a", "b", "b", "a", "a", "b");
  }

  @Test
  void aSpreadLiesBetweenTheFigures() {
    assertThat(Spread.of(new double[] {4, 1, 3, 2})).isEqualTo(new Spread(1.75, 2.5, 3.25));
    assertThat(Spread.of(new double[] {5})).isEqualTo(new Spread(5, 5, 5));
  }

  @Test
  void aQuickVariantIsPlayedManyTimes() {
    List<Integer> times = new ArrayList<>();
    Timed quick =
        new Timed("quick", new ArrayList<>(), 1, 1, 10_000_000) {
          @Override
          public Sample play(int count) {
            times.add(count);
            return super.play(count);
          }
        };
    assertThat(new PairedRun(1, 1, 1_000_000_000).play(List.of(quick)).nanos("quick").median())
        .isEqualTo(10_000_000);
    assertThat(times).containsExactly(1, 100, 100);
  }

  @Test
  void aQuickVariantThatTakesLongToPrepareIsPlayedFewTimes() {
    List<Integer> times = new ArrayList<>();
    Timed quick =
        new Timed("quick", new ArrayList<>(), 1, 1, 10) {
          @Override
          public Sample play(int count) {
            times.add(count);
            long until = System.nanoTime() + count * 4_000_000L;
            while (System.nanoTime() < until) {
              Thread.onSpinWait();
            }
            return super.play(count);
          }
        };
    new PairedRun(1, 1, 1_000_000).play(List.of(quick));
    assertThat(times.get(0)).isEqualTo(1);
    assertThat(times.subList(1, 3)).allMatch(count -> count == 1);
  }

  @Test
  void differentResultsAreNotCompared() {
    Timed a = new Timed("a", new ArrayList<>(), 7, 8, 100);
    Timed b = new Timed("b", new ArrayList<>(), 9, 8, 100);
    assertThatThrownBy(() -> new PairedRun(1, 1, 1).play(List.of(a, b)))
        .isInstanceOf(ChecksumMismatch.class)
        .hasMessage("how many: b gives 9, but a 7");
  }

  @Test
  void differentThingsLeftBehindAreNotCompared() {
    Timed a = new Timed("a", new ArrayList<>(), 7, 8, 100);
    Timed b = new Timed("b", new ArrayList<>(), 7, 9, 100);
    assertThatThrownBy(() -> new PairedRun(1, 1, 1).play(List.of(a, b)))
        .isInstanceOf(ChecksumMismatch.class)
        .hasMessage("how many: b, left behind, gives 9, but a, left behind, 8");
  }

  @Test
  void aVariantThatChangesItsMindIsFound() {
    long[] answers = {0};
    InThread fickle = new InThread("fickle", "how many", null, () -> answers[0]++, () -> 0);
    assertThatThrownBy(() -> fickle.play(2)).isInstanceOf(ChecksumMismatch.class);
  }
}
