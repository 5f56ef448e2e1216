package io.github.stopcopy.cli.html;

import io.github.stopcopy.cli.report.CheckList;
import io.github.stopcopy.cli.report.CostCells;
import io.github.stopcopy.cli.report.DeviceNames;
import io.github.stopcopy.migration.Assumption;
import io.github.stopcopy.migration.Played;
import io.github.stopcopy.migration.Question;
import io.github.stopcopy.migration.cost.TrackingCost;
import io.github.stopcopy.migration.vm.ListenerReport;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** The sections that are lists and tables. */
final class FactSections {

  /** The longest list. */
  private static final int MOST = 200;

  private FactSections() {}

  /** Entries, each a line; a single one is no list. */
  static void list(HtmlWriter html, List<String> lines, String what) {
    if (lines.size() == 1) {
      html.element("p", lines.get(0));
      return;
    }
    html.open("ul", "class", "plain");
    int left = html.each(lines, MOST, line -> html.element("li", line));
    LeftOut.write(html, "li", left, what);
    html.close();
  }

  /** What the answer rests on, an entry for each device or what else it is about. */
  static void assumptions(HtmlWriter html, List<Assumption> assumptions, DeviceNames names) {
    Map<String, List<String>> facts = new LinkedHashMap<>();
    for (Assumption assumption : assumptions) {
      facts
          .computeIfAbsent(assumption.subject(), subject -> new ArrayList<>())
          .add(assumption.toString());
    }
    List<String> lines = new ArrayList<>();
    facts.forEach(
        (subject, assumed) -> lines.add(names.of(subject) + ": " + String.join("; ", assumed)));
    list(html, lines, "subjects");
  }

  /** What memory listeners tell. */
  static void listeners(HtmlWriter html, List<ListenerReport> reports, DeviceNames names) {
    int left =
        html.each(
            reports,
            MOST,
            report -> {
              String whose =
                  report.device().map(name -> "device " + names.of(name)).orElse("the processor");
              html.element("p", report.listener() + ", " + whose);
              html.open("pre");
              int lines = html.each(report.lines(), MOST, line -> html.lines(List.of(line)));
              LeftOut.write(html, "span", lines, "lines");
              html.close();
            });
    LeftOut.write(html, "p", left, "listeners");
  }

  /** What tracking would cost, and what the tracker that was chosen makes of it. */
  static void costs(HtmlWriter html, List<TrackingCost> costs, DeviceNames names) {
    int left =
        html.each(
            CostCells.of(costs, names::of),
            MOST,
            cost -> {
              html.element("p", "Device " + cost.devices() + ", pages of " + cost.pageSize());
              table(html, "What devices would be asked to track", cost.asked());
              table(html, "What devices of few ranges would track", cost.tracked());
              table(html, "What the tracker makes of that", cost.logged());
            });
    LeftOut.write(html, "p", left, "kinds of devices");
  }

  private static void table(HtmlWriter html, String caption, CostCells.Table table) {
    html.open("div", "class", "scroll", "tabindex", "0", "role", "region", "aria-label", caption);
    html.open("table").element("caption", caption).open("thead").open("tr");
    for (int i = 0; i < table.head().size(); i++) {
      html.element("th", table.head().get(i), "scope", "col", "class", i == 0 ? "" : "number");
    }
    html.close().close().open("tbody");
    for (CostCells.Row row : table.rows()) {
      html.open("tr").element("th", row.layout(), "scope", "row");
      row.cells().forEach(cell -> html.element("td", cell, "class", "number"));
      if (row.cells().isEmpty()) {
        html.element(
            "td",
            row.message().orElse(""),
            "class",
            "soft",
            "colspan",
            String.valueOf(table.head().size() - 1));
      }
      html.close();
    }
    html.close().close().close();
    for (CostCells.Row row : table.rows()) {
      if (!row.cells().isEmpty()) {
        row.message()
            .ifPresent(
                more -> html.element("p", row.layout() + ": " + more, "class", "soft small"));
      }
    }
  }

  /** What was asked on the way, also what passed. */
  static void questions(HtmlWriter html, Played played) {
    List<Question> questions = played.questions();
    html.open("details").element("summary", questions.size() + " questions were asked");
    html.open(
        "div", "class", "scroll", "tabindex", "0", "role", "region", "aria-label", "Questions");
    html.open("table").element("caption", "In QEMU's order").open("thead").open("tr");
    for (String column : List.of("About", "Question", "Came out", "Answer")) {
      html.element("th", column, "scope", "col");
    }
    html.close().close().open("tbody");
    int left = html.each(questions, MOST, question -> question(html, played, question));
    html.close().close().close();
    LeftOut.write(html, "p", left, "questions");
    html.close();
  }

  private static void question(HtmlWriter html, Played played, Question question) {
    String tone =
        switch (question.outcome()) {
          case PASS -> "good";
          case CONDITION -> "if";
          case FAIL -> "bad";
          case NOT_ASKED -> "soft";
        };
    html.open("tr").element("td", CheckList.heading(played, question.subject()));
    html.element("td", question.text());
    html.open("td").element("strong", CheckList.word(question), "class", tone).close();
    html.element("td", question.answer() + CheckList.codes(question)).close();
  }
}
