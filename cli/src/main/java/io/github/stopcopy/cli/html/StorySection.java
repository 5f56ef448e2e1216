package io.github.stopcopy.cli.html;

import io.github.stopcopy.migration.scenario.Story;
import java.util.List;

/** What happened, step by step: a chart, and the same in words. */
final class StorySection {

  private StorySection() {}

  /** Writes both. */
  static void write(HtmlWriter html, Story story) {
    List<StoryRow> rows = StoryRows.of(story);
    html.open(
        "div", "class", "chart", "tabindex", "0", "role", "region", "aria-label", "Sequence chart");
    SequenceChart.draw(html, rows);
    html.close();
    html.open("details").element("summary", "The same in words");
    html.open("ol", "class", "words");
    boolean isOpen = false;
    for (StoryRow row : rows) {
      if (row instanceof StoryRow.Step step) {
        if (isOpen) {
          html.close().close();
        }
        html.open("li").element("strong", step.text()).open("ul");
        isOpen = true;
      } else {
        html.element("li", words(row));
      }
    }
    if (isOpen) {
      html.close().close();
    }
    html.close().close();
  }

  private static String words(StoryRow row) {
    return row instanceof StoryRow.Call call
        ? call.from() + " → " + call.to() + ": " + call.text()
        : row.text();
  }
}
