package io.github.stopcopy.core.spi;

/** What came of a guest's action. */
public sealed interface ActionResult {

  /** It was played. */
  record Done() implements ActionResult {}

  /**
   * The model cannot play it.
   *
   * @param reason why, for people
   */
  record Unsupported(String reason) implements ActionResult {}
}
