package io.github.stopcopy.migration;

/** The answer in one word. It speaks of VFIO and vIOMMU only. */
public enum VerdictKind {
  /** Nothing of VFIO or the vIOMMU stands in the way. */
  MIGRATABLE("migratable"),
  /** It works unless something happens that QEMU does not see to, or rests on what nobody said. */
  CONDITIONAL("conditional"),
  /** {@code migrate} is refused. */
  BLOCKED("blocked"),
  /** QEMU does not even start, or ended. */
  REFUSED("refused"),
  /** The migration is started and fails. */
  FAILED("failed");

  private final String word;

  VerdictKind(String word) {
    this.word = word;
  }

  /** The word in reports. */
  public String word() {
    return word;
  }

  /** How good it is: the higher the better, from a QEMU that does not start on. */
  int rank() {
    return switch (this) {
      case REFUSED -> 0;
      case BLOCKED -> 1;
      case FAILED -> 2;
      case CONDITIONAL -> 3;
      case MIGRATABLE -> 4;
    };
  }

  /** Whether a migration can go well. */
  public boolean isPositive() {
    return this == MIGRATABLE || this == CONDITIONAL;
  }

  @Override
  public String toString() {
    return word;
  }
}
