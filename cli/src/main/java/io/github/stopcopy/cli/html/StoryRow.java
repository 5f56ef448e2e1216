package io.github.stopcopy.cli.html;

/** A line of a story as it is drawn and told. */
sealed interface StoryRow {

  /** Who takes part. */
  enum Lane {
    QEMU(0, "QEMU"),
    LISTENER(1, "VFIO listener"),
    CONTAINER(2, "container"),
    DEVICE(3, "device"),
    TRACKER(4, "tracker"),
    VIOMMU(5, "vIOMMU");

    private final int column;
    private final String word;

    Lane(int column, String word) {
      this.column = column;
      this.word = word;
    }

    /** Where it stands, from 0 at the left. */
    int column() {
      return column;
    }

    @Override
    public String toString() {
      return word;
    }
  }

  /** How much it matters. */
  enum Tone {
    PLAIN,
    STRONG,
    WARNING,
    BAD
  }

  /** What it tells. */
  String text();

  /**
   * A step begins.
   *
   * @param number which, from 1
   * @param text what is done
   */
  record Step(int number, String text) implements StoryRow {}

  /**
   * One asks another.
   *
   * @param from who
   * @param to whom
   * @param text for what
   * @param tone how much it matters
   */
  record Call(Lane from, Lane to, String text, Tone tone) implements StoryRow {}

  /**
   * Something is so from now on.
   *
   * @param lane of whom
   * @param text what
   * @param tone how much it matters
   */
  record Note(Lane lane, String text, Tone tone) implements StoryRow {}

  /**
   * Rows that are only counted.
   *
   * @param text how many of what
   */
  record Folded(String text) implements StoryRow {}
}
