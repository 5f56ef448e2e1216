package io.github.stopcopy.qemu.commandline;

import io.github.stopcopy.core.config.VmConfig;
import io.github.stopcopy.core.error.InputException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Set;

/**
 * Reads QEMU command lines. What a device is told with {@code -device} is kept as written, right or
 * wrong; the model answers it as QEMU would. Options that QEMU has but that mean nothing to the
 * model are read over. {@link VmConfig#unknownOptions()} lists, with their values, the options that
 * QEMU is not known to have, and {@code -readconfig}, whose file is not read. Static, thread-safe.
 *
 * {@snippet file="VerdictTest.java" region="command-line"}
 */
public final class QemuCommandLine {

  /** How many characters a command line may have. */
  private static final int LONGEST = 4 << 20;

  private static final int LONGEST_LAUNCHER = 16;

  private static final Set<String> LAUNCHERS =
      Set.of(
          "sudo",
          "doas",
          "exec",
          "env",
          "nohup",
          "nice",
          "ionice",
          "chrt",
          "numactl",
          "taskset",
          "time",
          "strace",
          "setpriv",
          "systemd-run",
          "gdb");

  private QemuCommandLine() {}

  /**
   * Reads a command line as a shell would take it: with single and double quotes, backslashes,
   * continued lines and comments. A line break that is not escaped separates words. The program
   * name in front, with assignments and launchers such as {@code sudo} before it, is dropped.
   *
   * @param source a file name or another name of the text, for messages
   * @param text the command line, at most 4 Mi characters
   * @return the VM; it knows the memory layout of its machine
   * @throws InputException with source and line if the text is no command line, needs a shell to
   *     run something, or names a machine that is not modelled
   */
  public static VmConfig parse(String source, String text) throws InputException {
    if (text.length() > LONGEST) {
      throw tooLong(source, text.length());
    }
    List<Word> words = ShellWords.split(source, text);
    if (words.isEmpty()) {
      throw InputException.at(source, 0, "no words, expected a QEMU command line");
    }
    return new CommandLineReader(source).read(withoutProgram(words));
  }

  /**
   * Reads a command line that is already split into words. No words at all are QEMU's defaults.
   *
   * @param source the name of the input, for messages
   * @param argv the words, with or without the program name in front, at most 4 Mi characters
   * @return the VM; it knows the memory layout of its machine
   * @throws InputException with the source and without a line, as for {@link #parse}
   */
  public static VmConfig parseArgv(String source, List<String> argv) throws InputException {
    return parseArgv(source, argv, Collections.nCopies(argv.size(), 0));
  }

  /**
   * Reads a command line whose words come from another text.
   *
   * @param source the name of that text, for messages
   * @param argv the words, with or without the program name in front, at most 4 Mi characters
   * @param lines in which line of that text each word has its origin, counted from 1; 0 for none
   * @return the VM; it knows the memory layout of its machine
   * @throws InputException with source and line, as for {@link #parse}
   * @throws IllegalArgumentException if there are not as many lines as words
   */
  public static VmConfig parseArgv(String source, List<String> argv, List<Integer> lines)
      throws InputException {
    if (lines.size() != argv.size()) {
      throw new IllegalArgumentException(argv.size() + " words, but the lines of " + lines.size());
    }
    List<Word> words = new ArrayList<>();
    long length = 0;
    for (int i = 0; i < argv.size(); i++) {
      String word = argv.get(i);
      length += word.length();
      if (length > LONGEST) {
        throw tooLong(source, length);
      }
      if (word.indexOf('\0') >= 0) {
        throw InputException.at(
            source,
            lines.get(i),
            "a word holds the character 0x0, expected the words of a command line");
      }
      words.add(new Word(word, lines.get(i)));
    }
    return new CommandLineReader(source).read(withoutProgram(words));
  }

  private static InputException tooLong(String source, long length) {
    return InputException.at(
        source, 0, "a command line of " + length + " characters, expected at most " + LONGEST);
  }

  private static List<Word> withoutProgram(List<Word> words) {
    int start = 0;
    while (start < words.size() && words.get(start).text().matches("[A-Za-z_][A-Za-z0-9_]*=.*")) {
      start++;
    }
    if (start < words.size() && LAUNCHERS.contains(baseName(words.get(start)))) {
      int end = Math.min(words.size(), start + LONGEST_LAUNCHER);
      for (int i = start; i < end; i++) {
        String name = baseName(words.get(i));
        if (name.startsWith("qemu-system-") || name.equals("qemu-kvm") || name.equals("kvm")) {
          return words.subList(i + 1, words.size());
        }
      }
      start++;
    }
    if (start < words.size() && !words.get(start).isOption()) {
      start++;
    }
    return words.subList(start, words.size());
  }

  private static String baseName(Word word) {
    return word.text().substring(word.text().lastIndexOf('/') + 1);
  }
}
