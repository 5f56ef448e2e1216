package io.github.stopcopy.cli.report;

import io.github.stopcopy.migration.Advice;
import io.github.stopcopy.migration.lint.LintRuleSet;
import io.github.stopcopy.migration.spi.Finding;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.UnaryOperator;

/** What rule sets say beside the answer, for people; the same about several devices once. */
public final class FindingLines {

  /** What stands above them. */
  public static final String TITLE = "Worth changing; the answer does not depend on it";

  private static final int MOST_DEVICES = 64;

  private FindingLines() {}

  /** What is the same of several devices. */
  private record Said(String ruleSet, Finding finding, Optional<String> command) {

    String heading(List<String> devices) {
      String set = ruleSet.equals(LintRuleSet.NAME) ? "" : " of " + ruleSet;
      return finding.code() + " (" + finding.level().word() + set + ")" + where(devices);
    }

    private static String where(List<String> devices) {
      if (devices.isEmpty()) {
        return "";
      }
      int shown = Math.min(MOST_DEVICES, devices.size());
      String names = String.join(", ", devices.subList(0, shown));
      int more = devices.size() - shown;
      return (devices.size() == 1 ? ", device " : " x " + devices.size() + ": ")
          + names
          + (more > 0 ? " and " + more + " more" : "");
    }
  }

  private static Map<Said, List<String>> byFinding(
      List<Advice> advice, UnaryOperator<String> withId) {
    Map<Said, List<String>> devices = new LinkedHashMap<>();
    for (Advice one : advice) {
      List<String> names =
          devices.computeIfAbsent(
              new Said(one.ruleSet(), one.finding(), one.command()), said -> new ArrayList<>());
      one.device().map(withId).ifPresent(names::add);
    }
    return devices;
  }

  /** A line for each; none if nothing was said. */
  public static List<String> of(List<Advice> advice, UnaryOperator<String> withId) {
    List<String> lines = new ArrayList<>();
    byFinding(advice, withId)
        .forEach((said, devices) ->
            lines.add(
                said.heading(devices)
                    + ": "
                    + said.finding.explanation()
                    + said.command.map(options -> " Try: " + options).orElse("")));
    return lines;
  }

  static void write(StringBuilder text, List<Advice> advice, UnaryOperator<String> withId) {
    if (advice.isEmpty()) {
      return;
    }
    text.append('\n').append(TITLE).append('\n');
    byFinding(advice, withId)
        .forEach((said, devices) -> {
          Paragraphs.write(text, "  - ", said.heading(devices));
          if (!said.finding.qemuText().isEmpty()) {
            Paragraphs.unbroken(text, "    ", said.finding.qemuText());
          }
          Paragraphs.write(text, "    ", said.finding.explanation());
          said.command.ifPresent(
              options -> Paragraphs.write(text, "    try: ", options.split(" (?=--)")));
        });
  }
}
