package io.github.stopcopy.migration.spi;

import java.util.List;

/**
 * Something a rule found.
 *
 * @param code a stable code for programs, e.g. {@code VIOMMU_PRESENT}
 * @param qemuText QEMU's exact text
 * @param explanation what it means, in plain words
 * @param rules the numbers of the rules it follows, e.g. {@code R-BLK-26}
 */
public record Finding(String code, String qemuText, String explanation, List<String> rules) {

  /** Copies the rules. */
  public Finding {
    rules = List.copyOf(rules);
  }
}
