package io.github.stopcopy.qemu.commandline;

import io.github.stopcopy.core.error.InputException;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The last start of a VM in a log that libvirt writes for it.
 *
 * @param command the command with which it started QEMU, as for a shell
 * @param line the line in which that begins, counted from 1
 * @param release the release of QEMU, if the log says
 */
record LibvirtLog(String command, int line, Optional<String> release) {

  private static final Pattern START =
      Pattern.compile("[> \\t]*[0-9]{4}-[0-9]{2}-[0-9]{2}[ T][0-9:.+Z]+ starting up\\b.*");

  private static final Pattern RELEASE =
      Pattern.compile("\\bqemu version: ([0-9]{1,4}\\.[0-9]{1,4}(?:\\.[0-9]{1,4})?)");

  /** The last start; empty if the text is no such log. */
  static Optional<LibvirtLog> lastStart(String source, String text) throws InputException {
    if (!text.contains("starting up")) {
      return Optional.empty();
    }
    List<String> lines = text.lines().toList();
    int start = -1;
    for (int i = 0; i < lines.size(); i++) {
      if (lines.get(i).contains("starting up") && START.matcher(lines.get(i)).matches()) {
        start = i;
      }
    }
    if (start < 0) {
      return Optional.empty();
    }
    StringBuilder command = new StringBuilder();
    int next = start + 1;
    boolean goesOn = true;
    while (goesOn && next < lines.size()) {
      String line = lines.get(next++).replaceFirst("^[> \\t]+", "").stripTrailing();
      command.append(line).append('\n');
      goesOn = line.endsWith("\\");
    }
    if (command.toString().isBlank() || goesOn && command.length() > 0 && next == lines.size()) {
      throw InputException.at(
          source,
          start + 1,
          "the log ends inside this start of the VM, expected the whole command line behind it");
    }
    Matcher release = RELEASE.matcher(lines.get(start));
    return Optional.of(
        new LibvirtLog(
            command.toString(),
            start + 2,
            release.find() ? Optional.of(release.group(1)) : Optional.empty()));
  }

  /** Whether a word is the time that begins a line of a log. */
  static boolean isTime(String word) {
    return word.length() >= 10 && word.substring(0, 10).matches("[0-9]{4}-[0-9]{2}-[0-9]{2}");
  }
}
