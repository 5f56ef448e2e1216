package io.github.stopcopy.migration;

import io.github.stopcopy.migration.spi.Finding;

/**
 * What another rule set than QEMU's says of a device; it stands beside the answer and never changes
 * it.
 *
 * @param ruleSet the name of the set
 * @param device the name of the device
 * @param finding what it found
 */
public record Advice(String ruleSet, String device, Finding finding) {}
