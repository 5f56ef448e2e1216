package io.github.stopcopy.json;

import io.github.stopcopy.core.error.InputException;
import io.github.stopcopy.core.host.HostFacts;

/**
 * Host facts as JSON, as {@code docs/host.md} and the schema {@code host.schema.json} describe
 * them. Every key is optional; what is missing is as in {@link HostFacts#CAPABLE}. Thread-safe.
 */
public final class HostJson {

  private HostJson() {}

  /**
   * Reads host facts.
   *
   * @param source the name of the text for messages, e.g. of the file
   * @param text one JSON object
   * @throws InputException with source, line and key, if these are no host facts: no JSON, a key
   *     that is unknown or given twice, a value of another type or out of its bounds
   */
  public static HostFacts read(String source, String text) throws InputException {
    return JsonCursor.read(source, 1, text, HostReader::read);
  }
}
