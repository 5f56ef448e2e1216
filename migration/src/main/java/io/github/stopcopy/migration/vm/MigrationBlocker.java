package io.github.stopcopy.migration.vm;

/**
 * A registered reason why {@code migrate} is refused. Identity matters: the object that was added
 * is the one to remove (R-BLK-4).
 */
final class MigrationBlocker {

  private final String text;

  /** A blocker with QEMU's text. */
  MigrationBlocker(String text) {
    this.text = text;
  }

  /** What {@code migrate} and {@code query-migrate} say. */
  String text() {
    return text;
  }

  @Override
  public String toString() {
    return text;
  }
}
