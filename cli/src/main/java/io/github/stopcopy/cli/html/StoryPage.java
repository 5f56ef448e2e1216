package io.github.stopcopy.cli.html;

import io.github.stopcopy.migration.Played;
import io.github.stopcopy.migration.Reason;
import io.github.stopcopy.migration.VerdictKind;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The page about scenarios that were played, any number: however many there are, it stays within
 * bounds, and says what it leaves out. Not thread-safe.
 */
public final class StoryPage {

  /** The most rows of the table of all. */
  private static final int MOST_ROWS = 1000;

  private final String source;
  private final String version;
  private final Map<VerdictKind, Integer> counts = new EnumMap<>(VerdictKind.class);
  private final List<Row> rows = new ArrayList<>();
  private final List<HtmlWriter.Fragment> stories = new ArrayList<>();
  private int played;
  private long written;
  private boolean isIncomplete;

  /** The only one, as long as there is no second. */
  private @Nullable Played only;

  private record Row(String id, VerdictKind kind, String codes, Optional<String> link) {}

  /**
   * A page without scenarios.
   *
   * @param source where they come from
   * @param version of the command
   */
  public StoryPage(String source, String version) {
    this.source = source;
    this.version = version;
  }

  /** Adds what was played. */
  public void add(Played next) {
    played++;
    counts.merge(next.verdict().kind(), 1, Integer::sum);
    if (played == 1) {
      only = next;
      return;
    }
    Played first = only;
    only = null;
    if (first != null) {
      write(first, 1);
    }
    write(next, played);
  }

  /** Says on the page that some scenarios could not be played. */
  public void setIncomplete() {
    isIncomplete = true;
  }

  private void write(Played each, int number) {
    String name = "s" + number;
    Optional<String> link = Optional.empty();
    if (written < HtmlWriter.LONGEST_PAGE) {
      HtmlWriter html = new HtmlWriter(name + "-", 1);
      html.section(
          "scenario",
          number + ". " + each.story().scenario().id(),
          body -> {
            AnswerHead.write(body, each, "p");
            Contents.add(body::section, each);
          });
      HtmlWriter.Fragment story = html.end();
      written += story.length();
      stories.add(story);
      link = Optional.of("#" + name + "-scenario");
    }
    if (rows.size() < MOST_ROWS) {
      Set<String> codes = new LinkedHashSet<>();
      each.verdict().reasons().stream().map(Reason::code).forEach(codes::add);
      rows.add(
          new Row(
              HtmlWriter.cut(each.story().scenario().id()),
              each.verdict().kind(),
              String.join(", ", codes),
              link));
    }
  }

  /** The whole page. */
  public String write() {
    Played single = only;
    Page page = single == null ? ofMany() : ofOne(single);
    return page.write();
  }

  private Page ofOne(Played single) {
    String id = single.story().scenario().id();
    Page page =
        new Page(
            single.verdict().kind() + ": " + id,
            version,
            head -> {
              head.element("p", "stopcopy, scenario " + id, "class", "brand");
              AnswerHead.write(head, single, "h1");
              incomplete(head);
            });
    Contents.add(page::add, single);
    return page;
  }

  private Page ofMany() {
    Page page =
        new Page(
            played + " scenarios of " + source,
            version,
            head -> {
              head.element("p", "stopcopy, scenarios of " + source, "class", "brand");
              head.element("h1", headline());
              incomplete(head);
            });
    page.add("all", "All scenarios", this::table);
    for (HtmlWriter.Fragment story : stories) {
      page.add(story);
    }
    return page;
  }

  private String headline() {
    List<String> words = new ArrayList<>();
    counts.forEach((kind, count) -> words.add(count + " " + kind));
    return played == 0
        ? "No scenario could be played"
        : played + " scenarios: " + String.join(", ", words);
  }

  private void incomplete(HtmlWriter html) {
    if (isIncomplete) {
      html.element(
          "p", "Not all of the input could be played; what is wrong was told on the terminal.",
          "class", "bad");
    }
  }

  private void table(HtmlWriter html) {
    html.open(
        "div", "class", "scroll", "tabindex", "0", "role", "region", "aria-label", "Scenarios");
    html.open("table").open("thead").open("tr");
    for (String column : List.of("Scenario", "Verdict", "Because of")) {
      html.element("th", column, "scope", "col");
    }
    html.close().close().open("tbody");
    html.each(rows, MOST_ROWS, row -> row(html, row));
    html.close().close().close();
    LeftOut.write(html, "p", played - rows.size(), "scenarios");
    LeftOut.write(html, "p", played - stories.size(), "stories");
  }

  private static void row(HtmlWriter html, Row row) {
    html.open("tr").open("th", "scope", "row");
    if (row.link.isPresent()) {
      html.element("a", row.id, "href", row.link.get());
    } else {
      html.text(row.id);
    }
    html.close();
    html.element("td", row.kind.word(), "class", AnswerHead.tone(row.kind));
    html.element("td", row.codes).close();
  }
}
