package io.github.stopcopy.cli.patch;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

/** A diff applies, and makes the other text of the one. */
class UnifiedDiffTest {

  @Test
  void aLineIsReplacedBetweenThreeOfContext() {
    String before = "1\n2\n3\n4\n5\n6\n7\n8\n9\n";

    assertThat(UnifiedDiff.of("x", before, before.replace("5", "five")))
        .isEqualTo(
            """
            --- x
            +++ x
            @@ -2,7 +2,7 @@
             2
             3
             4
            -5
            +five
             6
             7
             8
            """);
    assertThat(UnifiedDiff.of("x", before, before)).isEmpty();
  }

  @Test
  void aMissingEndOfTheLastLineIsSaid() {
    assertThat(UnifiedDiff.of("x", "a", "b\n"))
        .isEqualTo(
            """
            --- x
            +++ x
            @@ -1,1 +1,1 @@
            -a
            \\ No newline at end of file
            +b
            """);
  }

  @Test
  void everyDiffOfRandomTextsApplies() {
    SplittableRandom random = new SplittableRandom(1);
    for (int i = 0; i < 3000; i++) {
      List<String> lines = new ArrayList<>();
      for (int n = random.nextInt(40); n > 0; n--) {
        lines.add("line " + random.nextInt(8));
      }
      String end = random.nextInt(4) > 0 ? "\n" : "";
      String before = lines.isEmpty() ? "" : String.join("\n", lines) + end;
      for (int edits = random.nextInt(4); edits > 0; edits--) {
        int at = random.nextInt(lines.size() + 1);
        if (random.nextBoolean() && at < lines.size()) {
          lines.remove(at);
        } else {
          lines.add(at, "new " + random.nextInt(5));
        }
      }
      String after = lines.isEmpty() ? "" : String.join("\n", lines) + end;
      String diff = UnifiedDiff.of("x", before, after);

      assertThat(diff.isEmpty()).isEqualTo(before.equals(after));
      if (!diff.isEmpty()) {
        assertThat(AppliedDiff.of(before, diff)).isEqualTo(after);
      }
    }
  }
}
