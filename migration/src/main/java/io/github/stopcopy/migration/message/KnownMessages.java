package io.github.stopcopy.migration.message;

import io.github.stopcopy.migration.reason.ReasonCode;
import java.util.ArrayList;
import java.util.List;

/** Every message that is known, each once. */
public final class KnownMessages {

  private static final List<KnownMessage> ALL = gathered();

  private KnownMessages() {}

  private static List<KnownMessage> gathered() {
    List<KnownMessage> all = new ArrayList<>();
    all.addAll(BlockerMessages.ALL);
    all.addAll(FailureMessages.ALL);
    all.addAll(StartMessages.ALL);
    all.addAll(CommandMessages.ALL);
    return List.copyOf(all);
  }

  /** All, in no order that counts. */
  public static List<KnownMessage> all() {
    return ALL;
  }

  /** Those that can stand for a reason, in the order of the table. */
  public static List<KnownMessage> of(ReasonCode code) {
    return ALL.stream().filter(message -> message.codes().contains(code)).toList();
  }
}
