package io.github.stopcopy.migration.candidate;

import io.github.stopcopy.migration.remedy.RemedyChange;
import io.github.stopcopy.migration.remedy.RemedyNeed;
import java.util.ArrayList;
import java.util.List;

/**
 * Something that could help.
 *
 * @param text what to change, in one sentence
 * @param changes the same as data; the model plays these and nothing else
 * @param needs what it asks of people
 * @param assumes what an answer after it rests on
 */
public record Candidate(
    String text, List<RemedyChange> changes, List<RemedyNeed> needs, List<String> assumes) {

  /** Copies the lists. */
  public Candidate {
    changes = List.copyOf(changes);
    needs = List.copyOf(needs);
    assumes = List.copyOf(assumes);
  }

  static Candidate of(String text, List<RemedyChange> changes, RemedyNeed... needs) {
    return new Candidate(text, changes, List.of(needs), List.of());
  }

  /** The same, with more to its text. */
  Candidate more(String words) {
    return new Candidate(text + words, changes, needs, assumes);
  }

  Candidate assuming(String... more) {
    return new Candidate(text, changes, needs, List.of(more));
  }

  /** How much it asks for: the dearest of its needs; less than 0 if it needs nothing. */
  public int effort() {
    return needs.stream().mapToInt(RemedyNeed::ordinal).max().orElse(-1);
  }

  /** Lists behind each other, in their order. */
  @SafeVarargs
  static List<RemedyChange> changes(List<? extends RemedyChange>... parts) {
    List<RemedyChange> all = new ArrayList<>();
    for (List<? extends RemedyChange> part : parts) {
      all.addAll(part);
    }
    return all;
  }
}
