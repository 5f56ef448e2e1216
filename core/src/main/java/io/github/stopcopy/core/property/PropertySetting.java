package io.github.stopcopy.core.property;

/**
 * A property and the value a user gives to it.
 *
 * @param name the name, case-sensitive
 * @param value what was written
 */
public record PropertySetting(String name, PropertyInput value) {

  /** A setting in the text syntax. */
  public static PropertySetting of(String name, String text) {
    return new PropertySetting(name, new PropertyInput.Text(text));
  }

  /**
   * A setting from {@code name=value}, as it stands behind {@code -device}: the first equals sign
   * separates, and a name alone is switched on.
   */
  public static PropertySetting parse(String text) {
    int equals = text.indexOf('=');
    return equals < 0 ? of(text, "on") : of(text.substring(0, equals), text.substring(equals + 1));
  }
}
