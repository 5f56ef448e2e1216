package io.github.stopcopy.json;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.Locale;

/**
 * The schemas of the formats, as JSON Schema of draft 2020-12. They say exactly what this release
 * takes and gives; a later one may give more keys.
 */
public enum JsonSchema {
  /** Host facts, which {@link HostJson} reads. */
  HOST,
  /** A scenario, which {@link ScenarioJson} reads. */
  SCENARIO,
  /** What {@link VerdictJson#answer} gives. */
  ANSWER,
  /** What {@link VerdictJson#write} gives. */
  VERDICT,
  /** What {@link VerdictJson#profiles} gives. */
  PROFILES,
  /** What {@link ConditionJson#write} gives. */
  CONDITION,
  /** What {@link WhatIfJson#write} gives. */
  WHAT_IF,
  /** A line of what {@link FleetJson} reads. */
  FLEET_INPUT,
  /** A line of what {@link FleetJson} writes. */
  FLEET;

  /** The name by which other schemas refer to it, which is that of its file. */
  public String fileName() {
    return name().toLowerCase(Locale.ROOT).replace('_', '-') + ".schema.json";
  }

  /** The schema itself, which may refer to others. */
  public String text() {
    try (InputStream file = JsonSchema.class.getResourceAsStream("schema/" + fileName())) {
      if (file == null) {
        throw new IllegalStateException("the jar lacks " + fileName());
      }
      return new String(file.readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException unreadable) {
      throw new UncheckedIOException(unreadable);
    }
  }
}
