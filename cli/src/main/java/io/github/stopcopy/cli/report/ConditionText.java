package io.github.stopcopy.cli.report;

import io.github.stopcopy.migration.Reason;
import io.github.stopcopy.migration.Verdict;
import io.github.stopcopy.migration.reason.ReasonCode;
import java.util.LinkedHashSet;
import java.util.Set;

/** What a conditional verdict depends on, in the few words of a headline. */
final class ConditionText {

  private static final String ELSE = "if what is said below holds";

  private ConditionText() {}

  /** Behind "it can be migrated": each condition once, those without words of their own last. */
  static String of(Verdict verdict) {
    Set<String> conditions = new LinkedHashSet<>();
    for (Reason reason : verdict.reasons()) {
      conditions.add(ReasonCode.named(reason.code()).flatMap(ReasonCode::condition).orElse(ELSE));
    }
    if (conditions.isEmpty() || conditions.remove(ELSE)) {
      conditions.add(ELSE);
    }
    return String.join(", and ", conditions);
  }
}
