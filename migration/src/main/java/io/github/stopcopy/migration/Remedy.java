package io.github.stopcopy.migration;

/**
 * A change after which a reason is gone; the model has applied it before it is told.
 *
 * @param text what to change, in one sentence
 * @param verdict the answer after the change
 */
public record Remedy(String text, VerdictKind verdict) {

  @Override
  public String toString() {
    return text + " (then: " + verdict.word() + ")";
  }
}
