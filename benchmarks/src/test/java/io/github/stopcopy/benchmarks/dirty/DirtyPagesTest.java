package io.github.stopcopy.benchmarks.dirty;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.stopcopy.benchmarks.paired.PairedRun;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** All ways of doing a work do the same, on a small guest. */
class DirtyPagesTest {

  private static final long PAGES = 1 << 16;

  @Test
  void allVariantsOfAllWorksAgree() {
    String table;
    boolean hasC;
    try (LoopsInC loops = LoopsInC.start("dirty-pages.c")) {
      hasC = loops != null;
      table = table(new Works(PAGES, loops));
    }
    assertThat(table)
        .contains("| harvest, sparse | stopcopy | long[] sum | ")
        .contains("| harvest, sparse | stopcopy | long[] lines | ")
        .contains("| cycle, sparse | stopcopy | C with summary | ")
        .contains("| cycle, clustered | stopcopy | RoaringBitmap | ")
        .contains("| harvest, dense | stopcopy shared | C loop | ")
        .contains("| cycle, sparse | stopcopy marker | RoaringBitmap | ")
        .contains("| mark pages | stopcopy marker | C loop | ")
        .contains("| mark pages, 2 threads | stopcopy | C loop | ")
        .contains("| mark pages, 2 threads | stopcopy marker | C loop | ")
        .contains("| coalesce 256 | stopcopy | stopcopy asKernel | ");
    assertThat(table.contains("skipped: no gcc")).isEqualTo(!hasC);
  }

  @Test
  void withoutACompilerTheLoopInCIsSkipped() {
    assertThat(table(new Works(PAGES, null)))
        .contains("| harvest, dense | stopcopy | C loop | skipped: no gcc |")
        .contains("| harvest, dense | stopcopy | long[] | ");
  }

  @Test
  void everyWordOfADensePatternHasDirtyPagesAndASparseOneFew() {
    for (long word : Pattern.DENSE.words(PAGES, 1)) {
      assertThat(word).isNotZero();
    }
    assertThat(Pattern.SPARSE.marks(1 << 28, 1).firsts()).hasSize(26_844);
    assertThat(Pattern.CLUSTERED.marks(1 << 28, 1).firsts()).hasSize(5243);
    assertThat(Pattern.CLUSTERED.marks(1 << 28, 1).run()).isEqualTo(512);
  }

  @Test
  void aBitmapTakesABitAPageAndLittleMore() {
    assertThat(Memory.bytes(1 << 24)).isBetween(2_097_152L, 2_097_152L + 8192);
  }

  @Test
  void ratiosHaveTwoDigitsThatCount() {
    assertThat(List.of(Table.number(1.234), Table.number(0.123), Table.number(0.00456)))
        .containsExactly("1.23", "0.12", "0.0046");
  }

  private static String table(Works works) {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    PrintStream out = new PrintStream(bytes, true, StandardCharsets.UTF_8);
    DirtyPages.measure(out, works.all(), new ArrayList<>(), new PairedRun(1, 1, 1));
    return bytes.toString(StandardCharsets.UTF_8);
  }
}
