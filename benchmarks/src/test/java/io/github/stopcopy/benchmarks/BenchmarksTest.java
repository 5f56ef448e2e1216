package io.github.stopcopy.benchmarks;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.offset;

import io.github.stopcopy.benchmarks.dirty.LoopsInC;
import io.github.stopcopy.benchmarks.paired.PairedRun;
import io.github.stopcopy.core.error.InputException;
import io.github.stopcopy.migration.VerdictKind;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** What is measured is what it says. */
class BenchmarksTest {

  @Test
  void aSeedMakesTheSameLinesAndTheyAreAnswered() throws InputException {
    List<String> lines = ScenarioLines.of(3, 200);
    assertThat(lines).isEqualTo(ScenarioLines.of(3, 200)).isNotEqualTo(ScenarioLines.of(4, 200));
    ScenarioAnswers answers = new ScenarioAnswers();
    Set<VerdictKind> kinds = EnumSet.noneOf(VerdictKind.class);
    for (String line : lines) {
      assertThat(answers.answer(line)).startsWith("{\"id\":\"vm-").contains("\"do\":\"boot\"");
      kinds.add(answers.decide(answers.read(line)).kind());
    }
    assertThat(kinds)
        .contains(VerdictKind.MIGRATABLE, VerdictKind.CONDITIONAL, VerdictKind.BLOCKED);
  }

  @Test
  void scenariosWithADumpKnowAllMaps() throws InputException {
    ScenarioAnswers answers = new ScenarioAnswers();
    for (String line : ScenarioLines.of(5, 50)) {
      assertThat(answers.answer(line)).doesNotContain("\"unknown\"");
    }
  }

  @Test
  void everyBarIsVisibleAndAMoveIsTold() {
    ManyRegions regions = new ManyRegions(100);
    int before = regions.visibleRanges();
    assertThat(before).isEqualTo(2 + 25 * 4);
    assertThat(regions.moveBar()).isEqualTo(8);
    assertThat(regions.visibleRanges()).isEqualTo(before);
    assertThat(regions.renderAll()).isEqualTo(2 * before);
    regions.addSpaces(3, true);
    assertThat(regions.moveBar()).isEqualTo(4 * 8);
  }

  @Test
  void whatChangesOfMemoryCostIsPrinted() {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (LoopsInC peer = LoopsInC.start("flat-view.c")) {
      PrintStream out = new PrintStream(bytes, true, StandardCharsets.UTF_8);
      FlatViewTable.measure(out, peer, new PairedRun(1, 1, 1), 1000);
    }
    assertThat(bytes.toString(StandardCharsets.UTF_8))
        .contains("| a BAR moves among 1000 | stopcopy | C loop | ")
        .contains("| all of 1000 changes | stopcopy | C loop | ")
        .contains("| stopcopy, 64 more with a listener each | stopcopy, one address space | ")
        .containsPattern("\\| 1000 \\| [0-9.]+ \\| -?[0-9.]+ \\| ≤ 0.7 \\| .*met");
  }

  /** Every kind of input is answered at small sizes, and has a row with its goal. */
  @Test
  void growthIsPrinted() throws InputException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    GrowthTable.measure(new PrintStream(bytes, true, StandardCharsets.UTF_8), 0, 250, "");
    assertThat(bytes.toString(StandardCharsets.UTF_8).lines().skip(2))
        .hasSize(20)
        .allMatch(row -> row.matches("\\|.*\\| ≤ 1.2 \\| .*(met|missed).*\\|"));
  }

  @Test
  void whatLargeVmsHoldIsPrinted() throws InputException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    LargeVms.measure(new PrintStream(bytes, true, StandardCharsets.UTF_8), 1);
    assertThat(bytes.toString(StandardCharsets.UTF_8).lines())
        .hasSize(6)
        .anyMatch(row -> row.startsWith("| a verdict of one device | "));
  }

  @Test
  void anExponentIsThePowerOfTheSize() {
    assertThat(Growth.exponent(10, 7, 40, 28)).isCloseTo(1, offset(1e-9));
    assertThat(Growth.exponent(10, 7, 40, 112)).isCloseTo(2, offset(1e-9));
  }

  @Test
  void theScenarioBenchmarkRuns() throws InputException {
    ScenarioBenchmark benchmark = new ScenarioBenchmark();
    benchmark.prepare();
    assertThat(benchmark.lineToLine()).contains("\"verdict\"");
    assertThat(benchmark.modelOnly().steps()).isNotEmpty();
  }

  @Test
  void throughputIsPrinted() throws InputException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    RunThroughput.measure(new PrintStream(bytes, true, StandardCharsets.UTF_8), 50, 1);
    assertThat(bytes.toString(StandardCharsets.UTF_8))
        .contains("50 scenarios, seed 1")
        .containsPattern("[1-9][0-9]* scenarios/s of wall time")
        .containsPattern("[1-9][0-9]* scenarios/s of thread CPU time");
  }

  @Test
  void linesOfFleetsAreOfManyShapesAndSomeAreBroken() {
    FleetVmLines lines = new FleetVmLines(1);
    FleetVmLines again = new FleetVmLines(1);
    int broken = 0;
    for (int i = 0; i < 2 * FleetVmLines.BROKEN_EVERY; i++) {
      String line = lines.next();
      assertThat(line).isEqualTo(again.next()).startsWith("{\"id\":\"vm-" + (i + 1));
      broken += line.endsWith("}") ? 0 : 1;
    }
    assertThat(broken).isEqualTo(2);
  }

  /** A fleet in a JVM of its own: all of it is answered, and what Linux says of its memory. */
  @Test
  void aFleetIsMeasured() throws Exception {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    FleetThroughput.measure(
        new PrintStream(bytes, true, StandardCharsets.UTF_8), 2000, "64m", "json", 1);
    assertThat(bytes.toString(StandardCharsets.UTF_8))
        .contains("2000 VMs, seed 1, -Xmx64m, --format json")
        .contains("2001 lines, ") // a line for each VM, and the numbers
        .containsPattern("[1-9][0-9]* VMs/s")
        .containsPattern("[1-9][0-9]* MB peak memory of the process");
  }
}
