package io.github.stopcopy.migration;

import io.github.stopcopy.migration.reason.ReasonCode;
import io.github.stopcopy.migration.reason.ReasonKind;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Why the answer is what it is.
 *
 * @param code a stable code for programs, e.g. {@code VIOMMU_PRESENT}; those of QEMU's rules are in
 *     {@link io.github.stopcopy.migration.reason.ReasonCode}
 * @param kind what it does to the migration here
 * @param device the name of the host's device; empty if it concerns the VM
 * @param id the device's id in the VM; empty if it has none, or no device is concerned
 * @param qemuText QEMU's exact text; empty where QEMU says nothing
 * @param explanation what it means, in plain words
 * @param rules the numbers of the rules it follows
 * @param assumes what it rests on that nobody said, in plain words
 * @param remedies what would make it go away, tried on the model
 */
public record Reason(
    String code,
    ReasonKind kind,
    Optional<String> device,
    Optional<String> id,
    String qemuText,
    String explanation,
    List<String> rules,
    List<String> assumes,
    List<Remedy> remedies) {

  /** Copies the lists. */
  public Reason {
    rules = List.copyOf(rules);
    assumes = List.copyOf(assumes);
    remedies = List.copyOf(remedies);
  }

  /** The same reason with these remedies. */
  Reason withRemedies(List<Remedy> proven) {
    return new Reason(code, kind, device, id, qemuText, explanation, rules, assumes, proven);
  }

  /** The same reason, resting on one thing more. */
  Reason assuming(String fact) {
    List<String> more = new ArrayList<>(assumes);
    more.add(fact);
    return new Reason(code, kind, device, id, qemuText, explanation, rules, more, remedies);
  }

  /** Whether QEMU loses data without a word where it comes to it. */
  boolean losesData() {
    return ReasonCode.named(code).map(ReasonCode::losesData).orElse(false);
  }

  /** Whether both are the same reason, whatever their remedies. */
  boolean isSameAs(Reason other) {
    return code.equals(other.code) && device.equals(other.device);
  }
}
