package io.github.stopcopy.qemu.commandline;

import io.github.stopcopy.core.error.InputException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * Reads what {@code ps} and {@code pgrep -a} print: the words of processes with blanks between
 * them, without quotes, behind columns that vary.
 */
final class ProcessListing {

  private static final Set<String> COMMAND_COLUMNS = Set.of("CMD", "COMMAND", "ARGS");
  private static final Set<String> SHELLS =
      Set.of("sh", "bash", "dash", "zsh", "ksh", "sudo", "su", "doas", "timeout", "ssh", "script");

  private static final int MOST_COLUMNS = 16;

  private final String source;
  private final List<Row> processes = new ArrayList<>();

  /**
   * A process that is a QEMU, or runs one.
   *
   * @param number its process id as far as it can be told
   * @param words its words from the program on
   * @param direct whether it is a QEMU itself
   */
  private record Row(String number, List<Word> words, boolean direct) {}

  private ProcessListing(String source) {
    this.source = source;
  }

  /** Whether a text has a heading of columns, process ids, or JSON that no shell would keep. */
  static boolean isOne(String text) {
    if (text.lines().anyMatch(line -> treeRow(line).isPresent())) {
      return true;
    }
    for (int at = text.indexOf("{\""); at >= 0; at = text.indexOf("{\"", at + 1)) {
      if (at > 0 && Character.isWhitespace(text.charAt(at - 1))) {
        return true;
      }
    }
    List<String> first = text.lines().filter(line -> !line.isBlank()).limit(2).toList();
    for (String line : first) {
      String[] tokens = line.strip().split("\\s+", MOST_COLUMNS + 2);
      if (isHeading(tokens) || hasNumber(tokens) && qemu(tokens) > 0 && !isForShell(line)) {
        return true;
      }
    }
    return false;
  }

  /**
   * The process id and the words of a process in the tree that {@code systemctl status} and {@code
   * systemd-cgls} draw; all other lines there are about the service.
   */
  private static Optional<String> treeRow(String line) {
    int at = 0;
    while (at < line.length() && " \t\u2502|".indexOf(line.charAt(at)) >= 0) {
      at++;
    }
    int branch = at;
    if (branch > 0 && branch < line.length() && line.charAt(branch) == '-') {
      branch--;
    }
    boolean drawn = branch < line.length() && "\u251c\u2514|`".indexOf(line.charAt(branch)) >= 0;
    int id = branch + 1;
    while (drawn && id < line.length() && "\u2500-".indexOf(line.charAt(id)) >= 0) {
      id++;
    }
    while (drawn && id < line.length() && line.charAt(id) == ' ') {
      id++;
    }
    boolean numbered = drawn && id > branch + 1 && id < line.length() && isDigit(line.charAt(id));
    return numbered ? Optional.of(line.substring(id)) : Optional.empty();
  }

  private static boolean isDigit(char c) {
    return c >= '0' && c <= '9';
  }

  /** Whether a line goes on behind its end, or has a word in quotes. */
  private static boolean isForShell(String line) {
    return line.stripTrailing().endsWith("\\") || line.contains(" '") || line.contains(" \"");
  }

  /** The words of the one QEMU in it. */
  static List<Word> read(String source, String text, int firstLine) throws InputException {
    ProcessListing listing = new ProcessListing(source);
    List<String> lines = text.lines().toList();
    if (lines.stream().anyMatch(line -> treeRow(line).isPresent())) {
      lines = lines.stream().map(line -> treeRow(line).orElse("")).toList();
    }
    listing.rows(lines, firstLine);
    List<Row> direct = listing.processes.stream().filter(Row::direct).toList();
    List<Row> found = direct.isEmpty() ? listing.processes : direct;
    if (found.isEmpty()) {
      throw InputException.at(
          source, 0, "no QEMU among these processes, expected the line of one with its options");
    }
    if (found.size() > 1) {
      List<String> names = new ArrayList<>();
      for (Row row : found.subList(0, Math.min(found.size(), 5))) {
        names.add(row.number() + QemuProgram.vmName(row.words()));
      }
      throw InputException.at(
          source,
          found.get(1).words().get(0).line(),
          found.size()
              + " QEMU processes: "
              + String.join(", ", names)
              + (found.size() > names.size() ? ", ..." : "")
              + "; expected the line of one");
    }
    List<Word> words = found.get(0).words();
    if (words.size() == 1) {
      throw InputException.at(
          source,
          words.get(0).line(),
          "only the name of the process "
              + Quote.of(words.get(0).text())
              + " without its options, expected them too, as ps -ef -ww shows them");
    }
    return words;
  }

  private void rows(List<String> lines, int firstLine) {
    boolean started = false;
    for (int i = 0; i < lines.size(); i++) {
      String line = lines.get(i);
      String[] tokens = line.strip().split("\\s+", MOST_COLUMNS + 2);
      if (line.isBlank() || isHeading(tokens)) {
        continue;
      }
      int at = qemu(tokens);
      boolean begins = at >= 0 || hasNumber(tokens) || tokens[0].startsWith("/") && !started;
      if (at >= 0) {
        String before = at == 0 ? "" : tokens[at - 1];
        boolean direct = isDirect(tokens, at);
        Row row = new Row(number(tokens), new ArrayList<>(), direct || before.isEmpty());
        addWords(row.words(), from(line, at), firstLine + i);
        processes.add(row);
        started = true;
      } else if (begins) {
        started = false;
      } else if (started) {
        addWords(processes.get(processes.size() - 1).words(), line, firstLine + i);
      } else if (processes.isEmpty() && tokens[0].startsWith("-")) {
        Row row = new Row("", new ArrayList<>(), true);
        addWords(row.words(), line, firstLine + i);
        processes.add(row);
        started = true;
      }
    }
  }

  private static boolean isHeading(String[] tokens) {
    for (int i = 0; i + 1 < tokens.length; i++) {
      if (tokens[i].equals("PID")) {
        return COMMAND_COLUMNS.contains(tokens[tokens.length - 1]);
      }
    }
    return tokens.length == 1 && COMMAND_COLUMNS.contains(tokens[0]);
  }

  /** Whether a process id stands in the first or the second column. */
  private static boolean hasNumber(String[] tokens) {
    return tokens.length > 1 && (isNumber(tokens[0]) || tokens.length > 2 && isNumber(tokens[1]));
  }

  private static String number(String[] tokens) {
    for (int i = 0; i < Math.min(2, tokens.length); i++) {
      if (isNumber(tokens[i])) {
        return "process " + tokens[i];
      }
    }
    return "one";
  }

  private static boolean isNumber(String token) {
    return token.length() <= 10 && token.chars().allMatch(c -> c >= '0' && c <= '9');
  }

  /** Which token is QEMU's program; -1 if none is. A user may be called qemu as well. */
  private static int qemu(String[] tokens) {
    for (int i = 0; i < Math.min(tokens.length, MOST_COLUMNS); i++) {
      Word word = new Word(tokens[i], "", 0);
      if (QemuProgram.namesQemuOnly(word)) {
        return -1;
      }
      boolean leads = i + 1 == tokens.length || tokens[i + 1].startsWith("-");
      if (QemuProgram.isProgram(word) && (leads || tokens[i].indexOf('/') >= 0)) {
        return i;
      }
      if (tokens[i].startsWith("-") && tokens[i].length() > 1 && i < 1) {
        return -1;
      }
    }
    return -1;
  }

  private static boolean isDirect(String[] tokens, int at) {
    for (int i = 0; i < at; i++) {
      if (SHELLS.contains(new Word(tokens[i], "", 0).baseName())) {
        return false;
      }
    }
    return true;
  }

  /** The line from a token on. */
  private static String from(String line, int token) {
    int at = 0;
    for (int i = 0; i <= token; i++) {
      while (Character.isWhitespace(line.charAt(at))) {
        at++;
      }
      while (i < token && !Character.isWhitespace(line.charAt(at))) {
        at++;
      }
    }
    return line.substring(at);
  }

  /** Adds the words of a line; an object of JSON is one word, whatever blanks are in it. */
  private void addWords(List<Word> words, String line, int number) {
    int at = 0;
    while (at < line.length()) {
      int start = at;
      while (at < line.length() && Character.isWhitespace(line.charAt(at))) {
        at++;
      }
      if (at == line.length()) {
        return;
      }
      if (at - start > 1 && line.charAt(at) == '-' && awaitsValue(words)) {
        words.add(new Word("", source, number));
      }
      int end = line.charAt(at) == '{' ? endOfJson(line, at) : at;
      while (end < line.length() && !Character.isWhitespace(line.charAt(end))) {
        end++;
      }
      words.add(new Word(line.substring(at, end), source, number));
      at = end;
    }
  }

  /** Whether the last word is an option whose value is a text that may be empty. */
  private static boolean awaitsValue(List<Word> words) {
    return !words.isEmpty()
        && words.get(words.size() - 1).isOption()
        && OptionTable.takesValue(OptionTable.name(words.get(words.size() - 1)));
  }

  /** Where the braces that open there are closed; the end of the line if they never are. */
  private static int endOfJson(String line, int from) {
    int depth = 0;
    boolean quoted = false;
    for (int at = from; at < line.length(); at++) {
      char c = line.charAt(at);
      if (quoted && c == '\\') {
        at++;
      } else if (c == '"') {
        quoted = !quoted;
      } else if (!quoted) {
        depth += c == '{' ? 1 : c == '}' ? -1 : 0;
      }
      if (depth == 0) {
        return at + 1;
      }
    }
    return line.length();
  }
}
