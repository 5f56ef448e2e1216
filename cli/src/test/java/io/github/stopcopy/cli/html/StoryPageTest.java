package io.github.stopcopy.cli.html;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.stopcopy.cli.input.Scenarios;
import io.github.stopcopy.migration.MigrationCheck;
import io.github.stopcopy.migration.Played;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

/** A page about any number of scenarios. */
class StoryPageTest {

  private static Played played() throws Exception {
    Path file = Path.of("..", "examples", "kexec-mid-migration", "scenario.jsonl");
    return MigrationCheck.of(Scenarios.read("s", 1, Files.readString(file)).scenario())
        .trackingCosts(true)
        .play();
  }

  /** However many there are, the page is of a bounded size and says what is not on it. */
  @Test
  void staysWithinBounds() throws Exception {
    Played one = played();
    StoryPage page = new StoryPage("many.jsonl", "stopcopy 1");
    for (int i = 0; i < 1200; i++) {
      page.add(one);
    }
    String text = page.write();
    PageReader read = PageReader.read(text);

    assertThat(text).hasSizeLessThan(2 * HtmlWriter.LONGEST_PAGE);
    assertThat(read.texts("h1")).containsExactly("1200 scenarios: 1200 conditional");
    assertThat(read.elements("tr")).hasSizeGreaterThan(1000);
    assertThat(read.texts("p"))
        .contains("and 200 more scenarios, left out here")
        .anyMatch(each -> each.matches("and \\d+ more stories, left out here"));
  }

  @Test
  void saysThatThereWasNothingToPlay() throws Exception {
    StoryPage page = new StoryPage("none.jsonl", "stopcopy 1");
    page.setIncomplete();
    PageReader read = PageReader.read(page.write());
    assertThat(read.texts("h1")).containsExactly("No scenario could be played");
    assertThat(read.texts("p")).anyMatch(each -> each.startsWith("Not all of the input could be"));
  }
}
