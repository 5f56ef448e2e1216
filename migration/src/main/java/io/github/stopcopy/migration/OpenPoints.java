package io.github.stopcopy.migration;

import io.github.stopcopy.migration.reason.Cause;
import io.github.stopcopy.migration.reason.ReasonKind;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;

/** What a description of a VM leaves open, and what that does to an answer. */
final class OpenPoints {

  private VerdictKind kind;
  private final List<Reason> reasons;
  private final List<String> warnings;

  OpenPoints(Verdict verdict) {
    kind = verdict.kind();
    reasons = new ArrayList<>(verdict.reasons());
    warnings = new ArrayList<>(verdict.warnings());
  }

  /**
   * The VM may be another one. Where both are alike that is a warning; where the answers differ and
   * one of them is positive, it depends on which of them runs.
   */
  void otherVm(Verdict other, String why) {
    String then =
        other.reasons().isEmpty()
            ? other.kind().toString()
            : other.kind()
                + " ("
                + other.reasons().stream()
                    .map(Reason::code)
                    .distinct()
                    .collect(Collectors.joining(", "))
                + ")";
    if (other.kind() == kind || !kind.isPositive() && !other.kind().isPositive()) {
      warnings.add(why + "; with that it is " + then);
      return;
    }
    String qemuText = other.reasons().stream().map(Reason::qemuText).findFirst().orElse("");
    String without = kind.toString();
    depend(Cause.VM_MAY_DIFFER, qemuText, why, without, then);
  }

  /** Someone who cannot be asked may give the VM one more device of the host. */
  void possibleDevice(String what) {
    if (kind.isPositive()) {
      depend(Cause.NETWORK_MAY_ASSIGN_DEVICE, "", what);
    } else {
      warnings.add(Cause.NETWORK_MAY_ASSIGN_DEVICE.explanation(what));
    }
  }

  private void depend(Cause cause, String qemuText, String... values) {
    kind = VerdictKind.CONDITIONAL;
    reasons.add(
        new Reason(
            cause.code().name(),
            ReasonKind.CONDITION,
            Optional.empty(),
            Optional.empty(),
            qemuText,
            cause.explanation(values),
            cause.rules(),
            List.of(),
            List.of()));
  }

  /** The answer with all of this. */
  Verdict applied(Verdict verdict) {
    return verdict.with(kind, reasons, warnings);
  }
}
