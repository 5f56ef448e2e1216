package io.github.stopcopy.migration;

import io.github.stopcopy.migration.spi.Finding;
import java.util.Optional;

/**
 * What another rule set than QEMU's says; it stands beside the answer and never changes it.
 *
 * @param ruleSet the name of the set
 * @param device the name of the host's device; empty if it concerns the VM
 * @param finding what it found, with the changes after which it is gone and the answer no worse:
 *     the model has played them, and others are left out
 * @param command the options of {@code stopcopy check} that try the changes; empty where no option
 *     can
 */
public record Advice(
    String ruleSet, Optional<String> device, Finding finding, Optional<String> command) {}
