package io.github.stopcopy.migration;

import java.util.List;
import java.util.Optional;

/**
 * Why the answer is what it is.
 *
 * @param code a stable code for programs, e.g. {@code VIOMMU_PRESENT}
 * @param device the name of the host's device; empty if it concerns the VM
 * @param qemuText QEMU's exact text; empty where QEMU says nothing
 * @param explanation what it means, in plain words
 * @param remedies what would make it go away, tried on the model
 * @param rules the numbers of the rules it follows
 */
public record Reason(
    String code,
    Optional<String> device,
    String qemuText,
    String explanation,
    List<Remedy> remedies,
    List<String> rules) {

  /** Copies the lists. */
  public Reason {
    remedies = List.copyOf(remedies);
    rules = List.copyOf(rules);
  }

  /** The same reason with these remedies. */
  Reason withRemedies(List<Remedy> proven) {
    return new Reason(code, device, qemuText, explanation, proven, rules);
  }

  /** Whether both are the same reason, whatever their remedies. */
  boolean isSameAs(Reason other) {
    return code.equals(other.code) && device.equals(other.device);
  }
}
