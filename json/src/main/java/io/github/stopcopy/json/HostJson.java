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
    return readDocument(source, text).facts();
  }

  /**
   * Reads host facts with where each comes from: {@link HostDocument#USER} where the text does not
   * say. Notes are for people and are not read.
   *
   * @param source the name of the text for messages, e.g. of the file
   * @param text one JSON object
   * @throws InputException as {@link #read}
   */
  public static HostDocument readDocument(String source, String text) throws InputException {
    return JsonCursor.read(source, 1, text, HostReader::read);
  }

  /**
   * Host facts as they are read, one JSON object in several lines without an end of the last: those
   * with an origin, and those that differ from {@link HostFacts#CAPABLE}. What is read from it is
   * the same.
   */
  public static String write(HostDocument document) {
    return Fields.document(json -> HostWriter.write(json, document));
  }
}
