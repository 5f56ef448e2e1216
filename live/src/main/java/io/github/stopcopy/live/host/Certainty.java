package io.github.stopcopy.live.host;

/** How well something is known of a host. */
public enum Certainty {
  /** The host says so, or it is so with every kernel of its release. */
  KNOWN("known"),
  /** It is what is known of the driver, or the usual value; the host was not asked. */
  ASSUMED("assumed"),
  /** Nothing is known. */
  UNKNOWN("unknown");

  private final String word;

  Certainty(String word) {
    this.word = word;
  }

  /** The word for people and programs. */
  public String word() {
    return word;
  }
}
