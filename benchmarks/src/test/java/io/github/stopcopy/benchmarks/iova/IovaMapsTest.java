package io.github.stopcopy.benchmarks.iova;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.stopcopy.benchmarks.dirty.LoopsInC;
import io.github.stopcopy.benchmarks.paired.PairedRun;
import io.github.stopcopy.core.error.InputException;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.Test;

/** All maps find the same; one that does not ends the run. */
class IovaMapsTest {

  @Test
  void allMapsAgree() {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (LoopsInC tree = LoopsInC.start("iova-tree.c")) {
      PrintStream out = new PrintStream(bytes, true, StandardCharsets.UTF_8);
      IovaMaps.measure(out, tree, 8, new PairedRun(1, 1, 1), List.of(Addresses.values()));
    }
    assertThat(bytes.toString(StandardCharsets.UTF_8))
        .contains("| lookup, random | stopcopy | C loop | ")
        .contains("| unmap, wide | stopcopy | TreeMap | ");
  }

  @Test
  void theWholePathIsToldWithItsGoals() throws InputException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    WholePath.measure(new PrintStream(bytes, true, StandardCharsets.UTF_8), 1000, 1);

    assertThat(bytes.toString(StandardCharsets.UTF_8))
        .containsPattern("\\| intel, CPU time \\| [0-9.]+ ns \\| ≤ 400 \\| ")
        .containsPattern("\\| virtio, allocated \\| [0-9.]+ B \\| ≤ 150 \\| ");
  }
}
