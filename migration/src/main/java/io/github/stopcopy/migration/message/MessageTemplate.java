package io.github.stopcopy.migration.message;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * A text with holes, such as {@code {device}: Migration is disabled for VFIO device}. It is looked
 * for from left to right without trying several ways: a hole ends where the text behind it comes
 * first, and is bounded, so that a line costs time in proportion to its length.
 */
final class MessageTemplate {

  /** A text that is looked for has so many characters, or it would be everywhere. */
  private static final int SHORTEST_PIVOT = 5;

  /** Literals and holes between them; the first and the last literal may be empty. */
  private final List<String> literals = new ArrayList<>();

  private final List<Hole> holes = new ArrayList<>();

  MessageTemplate(String text) {
    int from = 0;
    for (int open = text.indexOf('{'); open >= 0; open = text.indexOf('{', from)) {
      int close = text.indexOf('}', open);
      literals.add(text.substring(from, open));
      String name = text.substring(open + 1, close);
      holes.add(
          Hole.named(name)
              .orElseThrow(() -> new IllegalArgumentException("no hole is named " + name)));
      from = close + 1;
    }
    literals.add(text.substring(from));
    if (pivot().length() < SHORTEST_PIVOT) {
      throw new IllegalArgumentException("too little to look for in " + text);
    }
    for (int i = 1; i + 1 < literals.size(); i++) {
      if (literals.get(i).isEmpty()) {
        throw new IllegalArgumentException("nothing between two holes of " + text);
      }
    }
  }

  /** Where it is in a line: {@code [start, end)}, and the device that it names. */
  record Match(int start, int end, Optional<String> device) {}

  /** How many characters of it are always the same: the more, the surer it is meant. */
  int weight() {
    return literals.stream().mapToInt(String::length).sum();
  }

  private boolean beginsWithHole() {
    return literals.get(0).isEmpty() && !holes.isEmpty();
  }

  /** The first literal that has characters. */
  private String pivot() {
    return beginsWithHole() ? literals.get(1) : literals.get(0);
  }

  /** All places in a line where it is, from left to right, without overlap. */
  List<Match> in(String line) {
    List<Match> found = new ArrayList<>();
    String pivot = pivot();
    int at = line.indexOf(pivot);
    while (at >= 0) {
      Optional<Match> match = matchAt(line, at);
      match.ifPresent(found::add);
      at = line.indexOf(pivot, Math.max(at + 1, match.map(Match::end).orElse(0)));
    }
    return found;
  }

  private Optional<Match> matchAt(String line, int pivotAt) {
    int start = pivotAt;
    Optional<String> device = Optional.empty();
    int next = 0;
    if (beginsWithHole()) {
      start = holes.get(0).beginOf(line, pivotAt);
      if (start == pivotAt) {
        return Optional.empty();
      }
      device = named(holes.get(0), line.substring(start, pivotAt));
      next = 1;
    }
    int at = pivotAt + pivot().length();
    for (int i = next; i < holes.size(); i++) {
      Hole hole = holes.get(i);
      int end = end(line, at, hole, literals.get(i + 1));
      if (end <= at) {
        return Optional.empty();
      }
      if (device.isEmpty()) {
        device = named(hole, line.substring(at, end));
      }
      at = end + literals.get(i + 1).length();
    }
    return Optional.of(new Match(start, at, device));
  }

  private static Optional<String> named(Hole hole, String value) {
    return hole == Hole.DEVICE ? Optional.of(value) : Optional.empty();
  }

  /** Where a hole ends: before the text behind it, which only the last can lack; -1 without it. */
  private static int end(String line, int from, Hole hole, String behind) {
    int most = hole.endOf(line, from);
    if (behind.isEmpty()) {
      return most;
    }
    for (int end = from + 1; end <= most; end++) {
      if (line.startsWith(behind, end)) {
        return end;
      }
    }
    return -1;
  }
}
