package io.github.stopcopy.cli;

import io.github.stopcopy.core.error.InputException;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * An option's text that names a plugin and sets parameters, {@code NAME,PARAMETER=VALUE...}.
 *
 * @param option the option
 * @param form what it should look like
 * @param text all of it
 * @param name what stands before the first comma
 * @param parameters what follows, in order
 */
record NamedPlugin(
    String option, String form, String text, String name, Map<String, String> parameters) {

  /** Keeps the order of the parameters. */
  NamedPlugin {
    parameters = Collections.unmodifiableMap(new LinkedHashMap<>(parameters));
  }

  /**
   * Takes the text apart.
   *
   * @throws InputException if a parameter has no name or is set twice
   */
  static NamedPlugin read(String option, String form, String text) throws InputException {
    String[] parts = text.split(",", -1);
    NamedPlugin named = new NamedPlugin(option, form, text, parts[0], Map.of());
    Map<String, String> parameters = new LinkedHashMap<>();
    for (int i = 1; i < parts.length; i++) {
      int assigned = parts[i].indexOf('=');
      if (assigned < 1) {
        throw named.wrong("has '" + parts[i] + "' where a parameter should be");
      }
      String parameter = parts[i].substring(0, assigned);
      if (parameters.put(parameter, parts[i].substring(assigned + 1)) != null) {
        throw named.wrong("sets '" + parameter + "' twice");
      }
    }
    return new NamedPlugin(option, form, text, parts[0], parameters);
  }

  /** What is wrong with the text, with the text and what was expected. */
  InputException wrong(String what) {
    return InputException.of(option + " '" + text + "' " + what + ", expected " + form);
  }
}
