package io.github.stopcopy.cli.html;

import io.github.stopcopy.cli.report.DestinationLines;
import io.github.stopcopy.cli.report.DeviceNames;
import io.github.stopcopy.cli.report.DeviceSpace;
import io.github.stopcopy.cli.report.FindingLines;
import io.github.stopcopy.migration.Played;
import io.github.stopcopy.migration.Verdict;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;

/** The sections about one VM that was played; of those that would be empty none is there. */
final class Contents {

  private Contents() {}

  /** Takes sections: a page, or a part of one. */
  @FunctionalInterface
  interface Sections {

    /**
     * Takes one.
     *
     * @param name names its id
     */
    void add(String name, String title, Consumer<HtmlWriter> body);
  }

  /** Adds all. */
  static void add(Sections sections, Played played) {
    add(sections, played, Optional.empty());
  }

  /**
   * Adds all.
   *
   * @param whatIf writes what would change the answer, where somebody looked for it
   */
  static void add(Sections sections, Played played, Optional<Consumer<HtmlWriter>> whatIf) {
    Verdict verdict = played.verdict();
    DeviceNames names = new DeviceNames(played.story().vm());
    if (!verdict.reasons().isEmpty()) {
      sections.add("why", "Why", html -> ReasonSection.write(html, verdict.reasons(), names));
    }
    whatIf.ifPresent(table -> sections.add("what-if", "What would change the answer", table));
    if (!verdict.advice().isEmpty()) {
      sections.add(
          "worth-changing",
          FindingLines.TITLE,
          html ->
              FactSections.list(html, FindingLines.of(verdict.advice(), names::of), "findings"));
    }
    verdict
        .destination()
        .ifPresent(loading ->
            sections.add(
                "destination",
                "On the destination (QEMU " + loading.profile() + ")",
                html ->
                    FactSections.list(html, DestinationLines.of(loading, names::of), "devices")));
    List<DeviceSpace> spaces = DeviceSpace.of(played);
    if (!spaces.isEmpty()) {
      sections.add("memory", "What devices see", html -> SpaceSection.write(html, played, spaces));
    }
    if (!verdict.costs().isEmpty()) {
      sections.add(
          "costs",
          "What tracking would cost",
          html -> FactSections.costs(html, verdict.costs(), names));
    }
    sections.add("story", "The story", html -> StorySection.write(html, played.story()));
    if (!verdict.assumptions().isEmpty()) {
      sections.add(
          "assumed",
          "Assumed, because nobody says",
          html -> FactSections.assumptions(html, verdict.assumptions(), names));
    }
    List<String> warnings = verdict.warningsBesideAdvice();
    if (!warnings.isEmpty()) {
      sections.add("warnings", "Warnings", html -> FactSections.list(html, warnings, "warnings"));
    }
    if (!verdict.listeners().isEmpty()) {
      sections.add(
          "listeners",
          "What listeners saw",
          html -> FactSections.listeners(html, verdict.listeners(), names));
    }
  }
}
