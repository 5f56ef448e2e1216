package io.github.stopcopy.live.watch;

import io.github.stopcopy.migration.Reason;
import io.github.stopcopy.migration.Verdict;
import io.github.stopcopy.migration.VerdictKind;
import java.util.HashSet;
import java.util.Set;
import java.util.stream.Collectors;

/** Which of two verdicts is worse. */
final class VerdictOrder {

  private VerdictOrder() {}

  static boolean isSame(Verdict a, Verdict b) {
    return a.kind() == b.kind() && causes(a).equals(causes(b));
  }

  /** Whether it says less that a migration goes well, or as little for more reasons. */
  static boolean isWorse(Verdict before, Verdict now) {
    int rank = rank(now.kind());
    if (rank != rank(before.kind())) {
      return rank > rank(before.kind());
    }
    Set<String> added = new HashSet<>(causes(now));
    added.removeAll(causes(before));
    return !added.isEmpty();
  }

  private static int rank(VerdictKind kind) {
    return switch (kind) {
      case MIGRATABLE -> 0;
      case CONDITIONAL -> 1;
      case BLOCKED, FAILED, REFUSED -> 2;
    };
  }

  private static Set<String> causes(Verdict verdict) {
    return verdict.reasons().stream().map(VerdictOrder::cause).collect(Collectors.toSet());
  }

  private static String cause(Reason reason) {
    return reason.code() + " " + reason.device().orElse("");
  }
}
