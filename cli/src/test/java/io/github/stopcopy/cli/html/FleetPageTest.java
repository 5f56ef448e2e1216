package io.github.stopcopy.cli.html;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.stopcopy.migration.fleet.FleetRow;
import io.github.stopcopy.migration.fleet.FleetTally;
import org.junit.jupiter.api.Test;

/** A page about a fleet of any length. */
class FleetPageTest {

  /** However many there are, and whatever they are called, the page is bounded and says it. */
  @Test
  void staysWithinBoundsAndSaysHowManyAreShown() throws Exception {
    FleetTally tally = new FleetTally();
    FleetPage page = new FleetPage("many.jsonl", "stopcopy 1", false);
    String evil = "<script>alert('&\"')</script>".repeat(100);
    for (int i = 0; i < 20_000; i++) {
      FleetRow row = FleetRow.unknown("v" + i + evil, "n" + i + evil, "cannot be read" + evil);
      tally.add(row);
      page.add(row);
    }
    String text = page.write(tally.summary(), false, false);
    PageReader read = PageReader.read(text);
    read.assertSound();

    assertThat(text).hasSizeLessThan(2 * HtmlWriter.LONGEST_PAGE);
    assertThat(read.texts("h1")).containsExactly("0 of 20,000 VMs can move; 20,000 unknown");
    assertThat(read.texts("caption")).contains("The first 1,000 of 20,000 VMs");
    long shown = read.texts("td").stream().filter("unknown"::equals).count();
    assertThat(shown).isBetween(1L, 1000L);
    assertThat(read.texts("p"))
        .contains(
            String.format(
                "and %,d more VMs, left out here; --format json tells all", 20_000 - shown));
  }

  @Test
  void allThatMoveIsGoodAndNothingElseStandsThere() throws Exception {
    PageReader read =
        PageReader.read(
            new FleetPage("none.jsonl", "stopcopy 1", false)
                .write(new FleetTally().summary(), false, false));
    read.assertSound();

    assertThat(read.elements("section")).isEmpty();
    assertThat(read.elements("div").get(0).getAttribute("class")).isEqualTo("verdict good");
  }
}
