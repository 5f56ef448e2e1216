package io.github.stopcopy.cli.explain;

import io.github.stopcopy.migration.reason.Cause;
import io.github.stopcopy.migration.reason.ReasonCode;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * What a code means.
 *
 * @param text in plain words; words in braces stand for what is named each time
 * @param rules the rules that it follows, in one release or another
 */
public record Meaning(String text, List<String> rules) {

  /** All of a code, each text once. */
  public static List<Meaning> of(ReasonCode code) {
    Map<String, Set<String>> rulesOf = new LinkedHashMap<>();
    for (Cause cause : code.causes()) {
      rulesOf.computeIfAbsent(cause.text(), text -> new LinkedHashSet<>()).addAll(cause.rules());
    }
    List<Meaning> all = new ArrayList<>();
    rulesOf.forEach((text, rules) -> all.add(new Meaning(text, List.copyOf(rules))));
    return all;
  }

  /** The text with the rules behind it. */
  @Override
  public String toString() {
    return rules.isEmpty() ? text : text + " (" + String.join(", ", rules) + ")";
  }
}
