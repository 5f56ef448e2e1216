package io.github.stopcopy.json;

import io.github.stopcopy.core.error.InputException;
import io.github.stopcopy.migration.scenario.Scenario;
import java.util.Optional;

/**
 * Scenarios as JSON, as {@code docs/scenarios.md} and the schema {@code scenario.schema.json}
 * describe them. Thread-safe.
 */
public final class ScenarioJson {

  private ScenarioJson() {}

  /**
   * A scenario and what to tell the user about its release.
   *
   * @param scenario the scenario
   * @param warning a line about the release, e.g. that another answers for it
   */
  public record Input(Scenario scenario, Optional<String> warning) {}

  /**
   * Reads a scenario: an object, or an object whose key {@code scenario} holds one, of which the
   * rest is not looked at.
   *
   * @param source the name of the text for messages, e.g. of the file
   * @param firstLine the number of the line in that file in which the text begins, from 1
   * @param text one JSON object
   * @param vms what reads the command line and the memory dump in it
   * @throws InputException with source, line and key, if it is no scenario: no JSON, a key that is
   *     unknown, missing or given twice, a value of another type or out of its bounds
   */
  public static Input read(String source, int firstLine, String text, VmReader vms)
      throws InputException {
    try {
      return JsonCursor.read(source, firstLine, text, json -> read(json, vms));
    } catch (InputException wrong) {
      // It may lie in what stands in front of a key "scenario", where it is no error.
      return JsonCursor.read(source, firstLine, text, json -> readInside(json, vms, wrong));
    }
  }

  /** Whether a text only begins a JSON value, which could go on behind its end. */
  public static boolean isUnfinished(String text) {
    return JsonCursor.isUnfinished(text);
  }

  private static Input read(JsonCursor json, VmReader vms) throws InputException {
    ScenarioReader scenario = new ScenarioReader(vms);
    json.beginObject();
    for (String key = json.nextKey(); key != null; key = json.nextKey()) {
      if (key.equals("scenario")) {
        return inside(json, vms);
      }
      scenario.read(json, key);
    }
    return scenario.end(json);
  }

  private static Input readInside(JsonCursor json, VmReader vms, InputException otherwise)
      throws InputException {
    if (json.isObject()) {
      for (String key = json.nextKey(); key != null; key = json.nextKey()) {
        if (key.equals("scenario")) {
          return inside(json, vms);
        }
        json.skip();
      }
    }
    throw otherwise;
  }

  private static Input inside(JsonCursor json, VmReader vms) throws InputException {
    json.startPathsHere();
    ScenarioReader scenario = new ScenarioReader(vms);
    json.beginObject();
    for (String key = json.nextKey(); key != null; key = json.nextKey()) {
      scenario.read(json, key);
    }
    return scenario.end(json);
  }
}
