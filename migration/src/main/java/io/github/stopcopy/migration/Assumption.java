package io.github.stopcopy.migration;

/**
 * Something the answer rests on that nobody said.
 *
 * @param subject what it is about: the name of the host's device, {@code host} or {@code qemu}
 * @param fact which fact, named as in the host's facts, e.g. {@code migration}
 * @param value what was assumed, in words
 * @param origin where the value comes from, e.g. {@code default} or {@code driver table}
 */
public record Assumption(String subject, String fact, String value, String origin) {

  /** The fact in words, for people who know what it is about. */
  @Override
  public String toString() {
    return fact + " " + value + " (" + origin + ")";
  }
}
