package io.github.stopcopy.cli.explain;

import io.github.stopcopy.migration.lint.LintCode;
import io.github.stopcopy.migration.reason.ReasonCode;

/** What a reason does, in a few words. */
public final class KindWords {

  private KindWords() {}

  /** Behind the code of the linter and a colon. */
  public static String of(LintCode code) {
    return switch (code.level()) {
      case NOTE -> "a note of the linter, worth knowing";
      case WARNING -> "a warning of the linter, legal and likely not what is wanted";
      case ERROR -> "an error of the linter, legal, and data or the VM can be lost";
    };
  }

  /** Behind the code and a colon. */
  public static String of(ReasonCode code) {
    return switch (code.kind()) {
      case BLOCKER -> "a blocker, QEMU refuses to migrate";
      case REFUSAL -> "a refusal, QEMU does not start or ends";
      case FAILURE -> "a failure, the migration starts and fails";
      case CONDITION ->
          "a condition, the migration goes well only if something holds that QEMU does not see to";
    };
  }
}
