package io.github.stopcopy.migration.reason;

/** What a reason does to a migration. */
public enum ReasonKind {
  /** {@code migrate} is refused as long as it is there. */
  BLOCKER("blocker"),
  /** QEMU does not start, or ended. */
  REFUSAL("refusal"),
  /** The migration starts and fails. */
  FAILURE("failure"),
  /** It works unless something happens that QEMU cannot prevent, or rests on an assumption. */
  CONDITION("condition");

  private final String word;

  ReasonKind(String word) {
    this.word = word;
  }

  /** The stable word in JSON. */
  public String word() {
    return word;
  }
}
