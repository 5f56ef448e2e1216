package io.github.stopcopy.qemu.commandline;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * What the variables of a script hold at the command being read. Nothing is known of one that is
 * set only under a condition.
 */
final class ShellVariables {

  private static final Set<String> OPENING =
      Set.of("if", "for", "while", "until", "case", "select", "{", "function");

  private static final Set<String> CLOSING = Set.of("fi", "done", "esac", "}");
  private static final Set<String> DECLARING =
      Set.of("export", "local", "readonly", "declare", "typeset");

  /** Bounds what variables that hold each other can grow to. */
  private static final int LONGEST = 1 << 20;

  /** Bounds what adding to variables again and again can cost. */
  private static final long MOST_COPIED = 64L << 20;

  private final Map<String, List<String>> values = new HashMap<>();
  private int depth;
  private long copied;

  /** The words that a variable holds, one unless it is an array; empty if that is not known. */
  Optional<List<String>> find(String name) {
    return Optional.ofNullable(values.get(name));
  }

  /** Takes an array's words, in {@code NAME=(...)} or {@code NAME+=(...)}. */
  void array(String name, List<String> words, boolean adds) {
    put(name, words, adds, true);
  }

  /** Takes what a finished command sets, if it is an assignment. */
  void command(List<Word> words) {
    if (words.isEmpty()) {
      return;
    }
    String first = words.get(0).text();
    depth = Math.max(0, depth + (OPENING.contains(first) ? 1 : 0));
    depth = Math.max(0, depth - (CLOSING.contains(first) ? 1 : 0));
    if (first.equals("for") || first.equals("read")) {
      words.forEach(word -> values.remove(word.text()));
    }
    int start = DECLARING.contains(first) ? 1 : 0;
    if (first.equals("then") || first.equals("do") || first.equals("else")) {
      start = 1;
    }
    for (Word word : words.subList(start, words.size())) {
      if (!QemuProgram.isAssignment(added(word))) {
        return;
      }
    }
    for (Word word : words.subList(start, words.size())) {
      int equals = word.text().indexOf('=');
      boolean adds = word.text().charAt(equals - 1) == '+';
      put(
          word.text().substring(0, adds ? equals - 1 : equals),
          List.of(word.text().substring(equals + 1)),
          adds,
          false);
    }
  }

  /** The word with {@code NAME+=} as {@code NAME=}. */
  private static Word added(Word word) {
    return new Word(word.text().replaceFirst("\\+=", "="), word.source(), word.line());
  }

  private void put(String name, List<String> words, boolean adds, boolean isArray) {
    List<String> before = values.get(name);
    if (depth > 0 || adds && (before == null || copied > MOST_COPIED)) {
      values.remove(name);
      return;
    }
    List<String> all = words;
    if (before != null && adds && isArray) {
      all = new ArrayList<>(before);
      all.addAll(words);
      copied += all.size();
    } else if (before != null && adds) {
      all = List.of((before.isEmpty() ? "" : before.get(0)) + words.get(0));
      copied += all.get(0).length();
    }
    long length = all.stream().mapToLong(String::length).sum();
    if (length > LONGEST || copied > MOST_COPIED) {
      values.remove(name);
    } else {
      values.put(name, List.copyOf(all));
    }
  }
}
