package io.github.stopcopy.cli.html;

import io.github.stopcopy.cli.html.StoryRow.Call;
import io.github.stopcopy.cli.html.StoryRow.Folded;
import io.github.stopcopy.cli.html.StoryRow.Lane;
import io.github.stopcopy.cli.html.StoryRow.Note;
import io.github.stopcopy.cli.html.StoryRow.Tone;
import java.util.List;

/** A story as a sequence chart, as SVG: a lane for each who takes part, time runs down. */
final class SequenceChart {

  private static final int WIDTH = 928;
  private static final int FIRST_LANE = 70;
  private static final int LANE = 156;
  private static final int HEAD = 34;
  private static final int STEP = 34;
  private static final int CALL = 30;
  private static final int NOTE = 22;

  /** The longest text beside an arrow; the whole one shows on hovering and in the words below. */
  private static final int LONGEST = 104;

  private final HtmlWriter html;

  private SequenceChart(HtmlWriter html) {
    this.html = html;
  }

  /** Writes the chart. */
  static void draw(HtmlWriter html, List<StoryRow> rows) {
    new SequenceChart(html).draw(rows);
  }

  private void draw(List<StoryRow> rows) {
    int height = HEAD + 8 + rows.stream().mapToInt(SequenceChart::height).sum();
    String title = html.newId("chart-title");
    String text = html.newId("chart-text");
    html.open(
        "svg",
        "xmlns",
        "http://www.w3.org/2000/svg",
        "role",
        "img",
        "viewBox",
        "0 0 " + WIDTH + " " + height,
        "aria-labelledby",
        title + " " + text);
    html.element("title", "Sequence chart", "id", title);
    html.element("desc", "Who asked whom for what, step by step; told in words below.", "id", text);
    for (Lane lane : Lane.values()) {
      path("M" + x(lane) + " " + HEAD + "V" + height, "lane");
      html.rectangle(x(lane) - 60, 4, 120, HEAD - 8, "lane-head");
      text(x(lane), 22, lane.toString(), "middle", "strong-text");
    }
    int y = HEAD;
    for (StoryRow row : rows) {
      row(row, y);
      y += height(row);
    }
    html.close();
  }

  private static int height(StoryRow row) {
    if (row instanceof StoryRow.Step) {
      return STEP;
    }
    return row instanceof Call ? CALL : NOTE;
  }

  private static int x(Lane lane) {
    return FIRST_LANE + lane.column() * LANE;
  }

  private void row(StoryRow row, int y) {
    html.open("g").element("title", row.text());
    if (row instanceof StoryRow.Step step) {
      html.rectangle(0, y + 6, WIDTH, STEP - 10, "band");
      text(10, y + 22, step.number() + ". " + shorter(step.text()), "start", "strong-text");
    } else if (row instanceof Call call) {
      call(call, y);
    } else if (row instanceof Note note) {
      html.empty(
          "circle",
          "class",
          "dot" + stroke(note.tone()),
          "cx",
          String.valueOf(x(note.lane())),
          "cy",
          String.valueOf(y + 12),
          "r",
          "3.5");
      text(x(note.lane()) + 10, y + 16, shorter(note.text()), "start", "halo" + tone(note.tone()));
    } else if (row instanceof Folded folded) {
      text(x(Lane.LISTENER) + 8, y + 16, "⋮ " + folded.text(), "start", "halo soft-text");
    }
    html.close();
  }

  private void call(Call call, int y) {
    int from = x(call.from());
    int to = x(call.to());
    int line = y + CALL - 6;
    int tip = from < to ? to - 7 : to + 7;
    path("M" + from + " " + line + "H" + tip, "arrow" + stroke(call.tone()));
    path(
        "M" + to + " " + line + "L" + tip + " " + (line - 4) + "V" + (line + 4) + "Z",
        "arrow-head" + stroke(call.tone()));
    // Where there is more room: to the right of lanes at the left, to the left of those at the
    // right.
    boolean isRight = Math.min(from, to) > x(Lane.CONTAINER);
    text(
        isRight ? Math.max(from, to) + 60 : Math.min(from, to) + 8,
        line - 6,
        shorter(call.text()),
        isRight ? "end" : "start",
        "halo" + tone(call.tone()));
  }

  private static String shorter(String text) {
    return text.codePointCount(0, text.length()) <= LONGEST
        ? text
        : text.substring(0, text.offsetByCodePoints(0, LONGEST - 1)) + "…";
  }

  private static String tone(Tone tone) {
    return switch (tone) {
      case PLAIN -> "";
      case STRONG -> " strong-text";
      case WARNING -> " if-text";
      case BAD -> " bad-text";
    };
  }

  private static String stroke(Tone tone) {
    return switch (tone) {
      case PLAIN, STRONG -> "";
      case WARNING -> " if-stroke";
      case BAD -> " bad-stroke";
    };
  }

  private void text(int x, int y, String text, String anchor, String style) {
    html.element(
        "text",
        text,
        "x",
        String.valueOf(x),
        "y",
        String.valueOf(y),
        "text-anchor",
        anchor,
        "class",
        style);
  }

  private void path(String path, String style) {
    html.empty("path", "d", path, "class", style);
  }
}
