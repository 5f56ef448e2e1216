package io.github.stopcopy.cli.stories;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.stopcopy.cli.vectors.ScenarioRunner;
import io.github.stopcopy.core.error.InputException;
import io.github.stopcopy.core.plugin.Plugins;
import io.github.stopcopy.migration.RuleSets;
import org.junit.jupiter.api.Test;

/**
 * Random VMs and random steps. {@code -Dstories.seed=S} begins with another seed, {@code
 * -Dstories.count=N} plays so many; a failure prints the seed of the story that failed.
 */
class RandomStoriesTest {

  private static final long FIRST = Long.getLong("stories.seed", 1);
  private static final int COUNT = Integer.getInteger("stories.count", 4_000);

  @Test
  void everyStepLeavesTheModelAsItIsRecomputedFromScratch() throws InputException {
    Plugins plugins = Plugins.load();
    RuleSets rules = RuleSets.load();
    ScenarioRunner once = new ScenarioRunner();
    ScenarioRunner again = new ScenarioRunner();
    System.out.println(
        "random stories with the seeds "
            + FIRST
            + " to "
            + (FIRST + COUNT - 1)
            + ", others with -Dstories.seed=N");
    int cutShort = 0;
    for (long seed = FIRST; seed < FIRST + COUNT; seed++) {
      String line = "";
      try {
        StoryPlayer player = new StoryPlayer(StoryGenerator.story(seed), plugins, rules);
        line = player.line();
        cutShort += player.play() ? 0 : 1;
        line = player.line();
        assertThat(again.answer(line)).isEqualTo(once.answer(line));
      } catch (AssertionError | RuntimeException | InputException wrong) {
        throw new AssertionError(
            "replay with -Dstories.seed=" + seed + " -Dstories.count=1\n" + line + "\n" + wrong,
            wrong);
      }
    }
    assertThat(cutShort).as("stories with a step that cannot be played").isLessThan(1 + COUNT / 50);
  }
}
