package io.github.stopcopy.migration;

import io.github.stopcopy.migration.remedy.RemedyChange;
import io.github.stopcopy.migration.remedy.RemedyNeed;
import java.util.List;
import java.util.Optional;

/**
 * A change after which a reason is gone and the answer is better: another step up, or with fewer
 * reasons. The model has played exactly {@link #changes} before it is told; {@link
 * MigrationCheck#apply} plays them again.
 *
 * @param text what to change, in one sentence
 * @param changes the same as data, in the order in which they are made
 * @param command the options of {@code stopcopy check} that try it; empty where no option can
 * @param libvirt the XML to add to the domain; empty where libvirt has no way
 * @param needs what it asks of people; empty where the running VM takes it
 * @param verdict the answer after the change
 * @param assumes what the answer after the change rests on, in plain words
 */
public record Remedy(
    String text,
    List<RemedyChange> changes,
    Optional<String> command,
    Optional<String> libvirt,
    List<RemedyNeed> needs,
    VerdictKind verdict,
    List<String> assumes) {

  /** Copies the lists. */
  public Remedy {
    changes = List.copyOf(changes);
    needs = List.copyOf(needs);
    assumes = List.copyOf(assumes);
  }

  @Override
  public String toString() {
    return text + " (then: " + verdict.word() + ")";
  }
}
