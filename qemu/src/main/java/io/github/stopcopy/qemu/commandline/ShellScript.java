package io.github.stopcopy.qemu.commandline;

import io.github.stopcopy.core.error.InputException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Finds the one command of a shell's text that starts QEMU. Of a text that is nothing but that
 * command a line break is a blank, also where no backslash says so.
 */
final class ShellScript {

  /** How many shells may be inside each other. */
  private static final int DEEPEST = 4;

  private final String source;
  private final List<ShellCommand> commands;
  private final Optional<InputException> failure;
  private final boolean named;

  private ShellScript(String source, ShellText.Split split, boolean named) {
    this.source = source;
    this.commands = withNested(source, split.commands());
    this.failure = split.failure();
    this.named = named;
  }

  /** The commands, with those that a command hands to another shell in its place. */
  private static List<ShellCommand> withNested(String source, List<ShellCommand> commands) {
    List<ShellCommand> all = new ArrayList<>();
    for (ShellCommand command : commands) {
      Optional<List<ShellCommand>> nested = nested(source, command.words(), DEEPEST);
      if (nested.isPresent()) {
        all.addAll(nested.get());
      } else {
        all.add(command);
      }
    }
    return all;
  }

  /** What a command hands to another shell, if QEMU is started there and not by the command. */
  private static Optional<List<ShellCommand>> nested(String source, List<Word> words, int depth) {
    Optional<Word> script =
        depth == 0 || QemuProgram.find(words).isPresent()
            ? Optional.empty()
            : QemuProgram.nested(words);
    if (script.isEmpty()) {
      return Optional.empty();
    }
    String text = OpenText.shown(script.get().text());
    ShellText.Split split = ShellText.split(source, text, script.get().line());
    for (ShellCommand command : split.commands()) {
      if (QemuProgram.find(command.words()).isPresent()) {
        return Optional.of(split.commands());
      }
      Optional<List<ShellCommand>> deeper = nested(source, command.words(), depth - 1);
      if (deeper.isPresent()) {
        return deeper;
      }
    }
    return Optional.empty();
  }

  /** The words of a command, or of the one that it hands to another shell. */
  static List<Word> unwrapped(String source, List<Word> words) throws InputException {
    Optional<List<ShellCommand>> nested = nested(source, words, DEEPEST);
    return nested.isEmpty()
        ? words
        : new ShellScript(source, new ShellText.Split(nested.get(), Optional.empty()), false)
            .command();
  }

  /** The words of that command, with the program in front if there is one. */
  static List<Word> read(String source, String text, int firstLine) throws InputException {
    ShellText.Split split = ShellText.split(source, text, firstLine);
    return new ShellScript(source, split, text.startsWith("#!")).command();
  }

  private List<Word> command() throws InputException {
    List<Integer> starts = starts();
    if (starts.size() > 1) {
      throw severalQemus(starts);
    }
    int start = starts.isEmpty() ? otherStart() : starts.get(0);
    if (start < 0) {
      if (failure.isPresent()) {
        throw failure.get();
      }
      return List.of();
    }
    List<Word> words = new ArrayList<>(commands.get(start).words());
    boolean alone = !named && isAlone(start);
    int last = start;
    while (last + 1 < commands.size()
        && goesOn(commands.get(last), commands.get(last + 1), alone)) {
      last++;
      words.addAll(commands.get(last).words());
    }
    if (failure.isPresent() && last + 1 >= commands.size()) {
      throw failure.get();
    }
    refuseLostOptions(last);
    return words;
  }

  private List<Integer> starts() {
    List<Integer> starts = new ArrayList<>();
    for (int i = 0; i < commands.size(); i++) {
      if (QemuProgram.find(commands.get(i).words()).isPresent()) {
        starts.add(i);
      }
    }
    return starts;
  }

  /** Where a command begins whose program is not named as QEMU's are; -1 if there is none. */
  private int otherStart() {
    int first = -1;
    for (int i = 0; i < commands.size(); i++) {
      List<Word> words = commands.get(i).words();
      if (words.isEmpty() || words.stream().allMatch(QemuProgram::isAssignment)) {
        continue;
      }
      first = first < 0 ? i : first;
      if (!words.get(0).isOption() && words.stream().anyMatch(QemuProgram::isTelling)) {
        return i;
      }
    }
    return first;
  }

  /** Whether nothing but assignments stands before the command. */
  private boolean isAlone(int start) {
    return commands.subList(0, start).stream()
        .allMatch(command -> command.words().stream().allMatch(QemuProgram::isAssignment));
  }

  private static boolean goesOn(ShellCommand before, ShellCommand next, boolean alone) {
    if (before.endsWithOperator() || next.words().isEmpty()) {
      return false;
    }
    Word first = next.words().get(0);
    return first.isOption() || alone && !LibvirtLog.isTime(first.text());
  }

  /** Options behind an operator are most likely QEMU's, and the operator part of a word. */
  private void refuseLostOptions(int last) throws InputException {
    ShellCommand end = commands.get(last);
    for (int i = last; i + 1 < commands.size() && commands.get(i).endsWithOperator(); i++) {
      List<Word> next = commands.get(i + 1).words();
      int at = 0;
      while (at < next.size() && QemuProgram.isAssignment(next.get(at))) {
        at++;
      }
      boolean lost = at < next.size() && next.get(at).isOption();
      if (lost || next.stream().anyMatch(word -> word.text().matches("--?device"))) {
        throw InputException.at(
            source,
            end.line(),
            "'"
                + end.end()
                + "' ends the command for a shell, but options follow; put it in single quotes if"
                + " it is meant literally");
      }
    }
  }

  private InputException severalQemus(List<Integer> starts) {
    List<String> shown = new ArrayList<>();
    for (int start : starts.subList(0, Math.min(starts.size(), 5))) {
      List<Word> words = commands.get(start).words();
      shown.add("line " + words.get(0).line() + QemuProgram.vmName(words));
    }
    return InputException.at(
        source,
        commands.get(starts.get(1)).words().get(0).line(),
        starts.size()
            + " QEMU command lines: "
            + String.join(", ", shown)
            + (starts.size() > shown.size() ? ", ..." : "")
            + "; expected one");
  }
}
