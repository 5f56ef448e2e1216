package io.github.stopcopy.standin;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.List;

/**
 * About 110 scenarios that show the behaviour of a QEMU: vIOMMU models, sizes of memory,
 * capabilities of devices, refusals of the kernel, several devices, BARs and DIMMs, plugging, and a
 * guest that programs the vIOMMU. What a QEMU does in them is not part of them.
 */
public final class StandardScenarios {

  private static final String RESOURCE = "scenarios.jsonl";

  private StandardScenarios() {}

  /** The scenarios as JSON, one a line. */
  public static List<String> lines() {
    try (InputStream stream = StandardScenarios.class.getResourceAsStream(RESOURCE)) {
      if (stream == null) {
        throw new IllegalStateException("the resource " + RESOURCE + " is missing");
      }
      return new String(stream.readAllBytes(), StandardCharsets.UTF_8).lines().toList();
    } catch (IOException unreadable) {
      throw new IllegalStateException(unreadable);
    }
  }
}
