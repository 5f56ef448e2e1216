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
}
