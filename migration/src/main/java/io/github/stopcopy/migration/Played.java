package io.github.stopcopy.migration;

import io.github.stopcopy.migration.scenario.Story;
import java.util.List;

/**
 * What was decided, and the played VM on which it was. Not thread-safe, and no value: it holds the
 * VM with its memory. Dirty trackers are closed by now, so that devices of the VM write no more.
 *
 * @param verdict the answer
 * @param story what was played
 */
public record Played(Verdict verdict, Story story) {

  /**
   * What was asked on the way to the verdict, in QEMU's order, with the questions whose answers are
   * good and those that another answer made needless. Read off the VM as it is now.
   */
  public List<Question> questions() {
    return Questions.of(verdict, story);
  }
}
