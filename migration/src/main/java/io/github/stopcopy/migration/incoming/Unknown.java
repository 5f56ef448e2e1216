package io.github.stopcopy.migration.incoming;

/**
 * Something that nobody said.
 *
 * @param subject what it is about: {@link #DESTINATION}, or a device there
 * @param fact which fact
 * @param value what was assumed
 */
public record Unknown(String subject, String fact, String value) {

  /** The destination as a whole. */
  static final String DESTINATION = "destination";

  /** Something that nobody said of a device of the destination. */
  static Unknown of(String device, String fact, String value) {
    return new Unknown(DESTINATION + " " + device, fact, value);
  }
}
