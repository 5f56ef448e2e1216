package io.github.stopcopy.cli.explain;

import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;

/** Finds what a word that is not known may have been meant for. */
final class Nearest {

  private static final int MOST = 3;

  /** A longer word is none that somebody mistyped, and comparing it would take long. */
  private static final int LONGEST = 100;

  private Nearest() {}

  private record Distance(String word, int edits) {}

  /**
   * Up to three words, the nearest first: those that differ in a third of their letters at most.
   */
  static List<String> of(String wanted, Collection<String> words) {
    if (wanted.length() > LONGEST) {
      return List.of();
    }
    String small = wanted.toLowerCase(Locale.ROOT);
    List<Distance> near = new ArrayList<>();
    for (String word : words) {
      String other = word.toLowerCase(Locale.ROOT);
      String end = end(other, small);
      int edits = other.contains(small) && small.length() > 2 ? 1 : edits(small, end);
      if (edits <= Math.max(2, end.length() / 3)) {
        near.add(new Distance(word, edits));
      }
    }
    near.sort(
        Comparator.comparingInt(Distance::edits)
            .thenComparingInt(distance -> distance.word().length())
            .thenComparing(Distance::word));
    return near.stream().limit(MOST).map(Distance::word).toList();
  }

  /** Of a path with dots the last keys, as many as are wanted. */
  private static String end(String path, String wanted) {
    int from = path.length();
    long keys = wanted.chars().filter(c -> c == '.').count() + 1;
    while (keys > 0 && from > 0) {
      from = path.lastIndexOf('.', from - 1);
      keys--;
    }
    return from < 0 ? path : path.substring(from + (from == 0 ? 0 : 1));
  }

  /** How many characters must be put in, left out or replaced. */
  private static int edits(String one, String other) {
    int[] row = new int[other.length() + 1];
    for (int j = 0; j < row.length; j++) {
      row[j] = j;
    }
    for (int i = 1; i <= one.length(); i++) {
      int diagonal = row[0];
      row[0] = i;
      for (int j = 1; j < row.length; j++) {
        int replaced = diagonal + (one.charAt(i - 1) == other.charAt(j - 1) ? 0 : 1);
        diagonal = row[j];
        row[j] = Math.min(replaced, Math.min(row[j - 1], row[j]) + 1);
      }
    }
    return row[other.length()];
  }
}
