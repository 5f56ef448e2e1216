package io.github.stopcopy.cli.html;

/** A line of a story as it is drawn and told. */
sealed interface StoryRow {

  /** Who takes part. */
  enum Lane {
    QEMU("QEMU"),
    LISTENER("VFIO listener"),
    CONTAINER("container"),
    DEVICE("device"),
    TRACKER("tracker"),
    VIOMMU("vIOMMU");

    private final String word;

    Lane(String word) {
      this.word = word;
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
