package io.github.stopcopy.migration.spi;

import io.github.stopcopy.migration.remedy.RemedyChange;
import java.util.List;

/**
 * Something a rule found.
 *
 * @param code a stable code for programs, e.g. {@code VIOMMU_PRESENT}
 * @param level how much it weighs; no rule of QEMU's looks at it
 * @param qemuText QEMU's exact text; empty where QEMU says nothing
 * @param explanation what it means and what to do about it, in plain words
 * @param rules the numbers of the rules it follows, e.g. {@code R-BLK-26}
 * @param changes what makes it go away, as data; empty where no setting does. Advice tells them
 *     only after the model has played them, so a rule may propose what does not help every VM.
 */
public record Finding(
    String code,
    FindingLevel level,
    String qemuText,
    String explanation,
    List<String> rules,
    List<RemedyChange> changes) {

  /** Copies the lists. */
  public Finding {
    rules = List.copyOf(rules);
    changes = List.copyOf(changes);
  }

  /** A finding with the level {@link FindingLevel#WARNING} and without changes. */
  public Finding(String code, String qemuText, String explanation, List<String> rules) {
    this(code, FindingLevel.WARNING, qemuText, explanation, rules, List.of());
  }

  /** The same finding with other changes. */
  public Finding withChanges(List<RemedyChange> other) {
    return new Finding(code, level, qemuText, explanation, rules, other);
  }
}
