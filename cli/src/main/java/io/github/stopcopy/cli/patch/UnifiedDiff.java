package io.github.stopcopy.cli.patch;

import java.util.ArrayList;
import java.util.List;

/** Two texts as a unified diff, which {@code patch} applies. */
public final class UnifiedDiff {

  private static final int CONTEXT = 3;
  private static final String NO_END = "\\ No newline at end of file\n";

  private final List<String> before;
  private final List<String> after;

  /** Lines that differ: [from, to) before, [otherFrom, otherTo) after. */
  private record Change(int from, int to, int otherFrom, int otherTo) {}

  private UnifiedDiff(String before, String after) {
    this.before = lines(before);
    this.after = lines(after);
  }

  /** With their ends, so that an end that is missing is a difference. */
  private static List<String> lines(String text) {
    List<String> lines = new ArrayList<>();
    int at = 0;
    while (at < text.length()) {
      int end = text.indexOf('\n', at);
      int next = end < 0 ? text.length() : end + 1;
      lines.add(text.substring(at, next));
      at = next;
    }
    return lines;
  }

  /**
   * The difference; empty where there is none. Takes time in proportion to the texts and what
   * differs between them.
   *
   * @param file the name that stands in it
   */
  public static String of(String file, String before, String after) {
    UnifiedDiff diff = new UnifiedDiff(before, after);
    List<Change> changes = diff.changes();
    if (changes.isEmpty()) {
      return "";
    }
    StringBuilder text = new StringBuilder("--- " + file + "\n+++ " + file + "\n");
    int i = 0;
    while (i < changes.size()) {
      int j = i + 1;
      while (j < changes.size() && changes.get(j).from - changes.get(j - 1).to <= 2 * CONTEXT) {
        j++;
      }
      diff.hunk(text, changes.subList(i, j));
      i = j;
    }
    return text.toString();
  }

  /** Goes through both; where they part, the nearest place where they meet again is taken. */
  private List<Change> changes() {
    List<Change> changes = new ArrayList<>();
    int i = 0;
    int j = 0;
    while (i < before.size() || j < after.size()) {
      if (i < before.size() && j < after.size() && before.get(i).equals(after.get(j))) {
        i++;
        j++;
        continue;
      }
      int[] meet = meet(i, j);
      changes.add(new Change(i, i + meet[0], j, j + meet[1]));
      i += meet[0];
      j += meet[1];
    }
    return changes;
  }

  /** How many lines of each are to be left out until a few lines are the same again. */
  private int[] meet(int i, int j) {
    int left = before.size() - i;
    int right = after.size() - j;
    for (int sum = 1; sum < left + right; sum++) {
      for (int skipped = Math.max(0, sum - right); skipped <= Math.min(sum, left); skipped++) {
        if (isSame(i + skipped, j + sum - skipped)) {
          return new int[] {skipped, sum - skipped};
        }
      }
    }
    return new int[] {left, right};
  }

  private boolean isSame(int i, int j) {
    int last = Math.min(Math.min(before.size() - i, after.size() - j), CONTEXT);
    if (last < CONTEXT && before.size() - i != after.size() - j) {
      return false;
    }
    for (int k = 0; k < last; k++) {
      if (!before.get(i + k).equals(after.get(j + k))) {
        return false;
      }
    }
    return true;
  }

  private void hunk(StringBuilder text, List<Change> changes) {
    Change first = changes.get(0);
    Change last = changes.get(changes.size() - 1);
    int from = Math.max(0, first.from - CONTEXT);
    int to = Math.min(before.size(), last.to + CONTEXT);
    int otherFrom = first.otherFrom - (first.from - from);
    int otherTo = last.otherTo + (to - last.to);
    text.append("@@ -").append(range(from, to)).append(" +").append(range(otherFrom, otherTo));
    text.append(" @@\n");
    int at = from;
    for (Change change : changes) {
      lines(text, ' ', before.subList(at, change.from));
      lines(text, '-', before.subList(change.from, change.to));
      lines(text, '+', after.subList(change.otherFrom, change.otherTo));
      at = change.to;
    }
    lines(text, ' ', before.subList(at, to));
  }

  private static String range(int from, int to) {
    return (to == from ? from : from + 1) + "," + (to - from);
  }

  private static void lines(StringBuilder text, char sign, List<String> lines) {
    for (String line : lines) {
      text.append(sign).append(line);
      if (!line.endsWith("\n")) {
        text.append('\n').append(NO_END);
      }
    }
  }
}
