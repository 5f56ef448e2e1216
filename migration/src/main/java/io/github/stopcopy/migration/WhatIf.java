package io.github.stopcopy.migration;

import java.math.BigInteger;
import java.util.List;
import java.util.Optional;

/**
 * What changes give a VM another answer.
 *
 * @param verdict the answer as it is, without remedies
 * @param trackedBytes how many bytes of address space its devices are asked to track as it is;
 *     empty where none is asked to track
 * @param goal what was looked for
 * @param proposals the sets that reach it, smallest and cheapest first; a patch that no release
 *     contains comes last
 * @param closest where none does: the sets that come closest, each better than the answer as it is
 * @param decisions how many single changes there were to try
 * @param played how many sets were played
 * @param largest up to how many changes a set had
 * @param leftOut what was not tried, a sentence each; sets of more changes than {@link #largest}
 *     are not told
 * @param isComplete whether all sets of up to {@link #largest} changes were tried; those of one
 *     always are, and those of two unless there are very many kinds of VFIO devices
 */
public record WhatIf(
    Verdict verdict,
    Optional<BigInteger> trackedBytes,
    WhatIfGoal goal,
    List<Proposal> proposals,
    List<Proposal> closest,
    int decisions,
    int played,
    int largest,
    List<String> leftOut,
    boolean isComplete) {

  /** Copies the lists. */
  public WhatIf {
    proposals = List.copyOf(proposals);
    closest = List.copyOf(closest);
    leftOut = List.copyOf(leftOut);
  }

  /** Whether the VM has the answer that is looked for already. */
  public boolean isReached() {
    return switch (goal) {
      case MIGRATABLE -> verdict.kind() == VerdictKind.MIGRATABLE;
      case CONDITIONAL -> verdict.kind().isPositive();
      case FEWER_BYTES -> false;
    };
  }
}
