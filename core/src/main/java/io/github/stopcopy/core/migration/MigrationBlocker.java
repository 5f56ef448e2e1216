package io.github.stopcopy.core.migration;

/**
 * A registered reason why {@code migrate} is refused. Identity matters: the object that was added is
 * the one to remove (R-BLK-4).
 */
public final class MigrationBlocker {

  private final String text;

  /** A blocker with QEMU's text. */
  public MigrationBlocker(String text) {
    this.text = text;
  }

  /** What {@code migrate} and {@code query-migrate} say. */
  public String text() {
    return text;
  }

  @Override
  public String toString() {
    return text;
  }
}
