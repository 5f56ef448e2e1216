package io.github.stopcopy.qemu.commandline;

import io.github.stopcopy.core.error.InputException;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** Finds QEMU's program in front of its options. */
final class QemuProgram {

  private static final Set<String> PROGRAMS =
      Set.of("qemu", "kvm", "qemu-kvm", "kvm-spice", "qemu-system-x86", "qemu-system-i386");

  private static final String X86 = "qemu-system-x86_64";
  private static final String ANY = "qemu-system-";

  /** What may stand before a program and runs it. */
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
          "timeout",
          "strace",
          "setpriv",
          "setsid",
          "stdbuf",
          "systemd-run",
          "gdb",
          "valgrind",
          "perf",
          "prlimit",
          "choom",
          "cgexec");

  /** What runs a program elsewhere or as someone else, and has options like QEMU's of its own. */
  private static final Set<String> WRAPPERS =
      Set.of(
          "unshare",
          "nsenter",
          "chroot",
          "bwrap",
          "firejail",
          "ip",
          "su",
          "runuser",
          "start-stop-daemon",
          "screen",
          "tmux",
          "script",
          "ssh",
          "docker",
          "podman",
          "nerdctl",
          "kubectl",
          "oc",
          "crictl",
          "lxc",
          "incus",
          "lxc-attach",
          "machinectl",
          "toolbox",
          "distrobox",
          "flatpak-spawn");

  private static final Set<String> SHELLS =
      Set.of("sh", "bash", "dash", "ash", "zsh", "ksh", "busybox");

  /** Programs whose arguments may name QEMU without running it. */
  private static final Set<String> OTHERS =
      Set.of(
          "grep",
          "egrep",
          "fgrep",
          "rg",
          "pgrep",
          "pkill",
          "killall",
          "pidof",
          "echo",
          "printf",
          "which",
          "type",
          "command",
          "man",
          "apt",
          "apt-get",
          "dnf",
          "yum",
          "less",
          "tail",
          "cat",
          "vi",
          "vim",
          "nano",
          "test",
          "[",
          "[[",
          "virt-qemu-run",
          "tee",
          "watch",
          "logger");

  /** Options that only QEMU's command lines are made of. */
  private static final Set<String> TELLING =
      Set.of(
          "machine",
          "M",
          "device",
          "m",
          "accel",
          "enable-kvm",
          "cpu",
          "object",
          "smp",
          "drive",
          "hda",
          "cdrom",
          "netdev",
          "nodefaults",
          "readconfig",
          "blockdev",
          "name",
          "nographic",
          "global",
          "incoming",
          "append",
          "S",
          "pflash",
          "chardev",
          "only-migratable");

  private QemuProgram() {}

  /** Whether the word is a QEMU for any processor. */
  static boolean isProgram(Word word) {
    String name = name(word);
    return PROGRAMS.contains(name) || name.startsWith(ANY) && isFileName(name);
  }

  private static boolean isWrapper(Word word) {
    return WRAPPERS.contains(word.baseName()) || SHELLS.contains(word.baseName());
  }

  /** Whether nothing is in a name that only text around it would put there, such as a comma. */
  private static boolean isFileName(String name) {
    return name.chars()
        .allMatch(c ->
            c >= 'a' && c <= 'z'
                || c >= 'A' && c <= 'Z'
                || c >= '0' && c <= '9'
                || c == '-'
                || c == '_'
                || c == '.'
                || c == '+');
  }

  /**
   * The word that holds a whole command for a shell, as in {@code sh -c "..."} or {@code ssh HOST
   * "..."}; empty if the command runs no such text.
   */
  static Optional<Word> nested(List<Word> words) {
    int start = 0;
    while (start < words.size() && isAssignment(words.get(start))) {
      start++;
    }
    if (start + 1 >= words.size()) {
      return Optional.empty();
    }
    boolean shell = false;
    boolean launched =
        LAUNCHERS.contains(words.get(start).baseName()) || isWrapper(words.get(start));
    for (int i = start; launched && i + 1 < words.size(); i++) {
      shell |= SHELLS.contains(words.get(i).baseName()) || words.get(i).baseName().equals("su");
      if (shell && words.get(i).text().matches("-[a-z]*c")) {
        return Optional.of(words.get(i + 1));
      }
    }
    Word last = words.get(words.size() - 1);
    boolean remote = words.get(start).baseName().equals("ssh");
    return remote && last.text().indexOf(' ') > 0 ? Optional.of(last) : Optional.empty();
  }

  /**
   * Where QEMU's program stands among the words of one command: the first word, or one with an
   * option behind it that no other program was given as an argument.
   */
  static Optional<Integer> find(List<Word> words) {
    boolean launched = false;
    for (int i = 0; i < words.size(); i++) {
      Word word = words.get(i);
      if (word.isOption() && !launched || OTHERS.contains(word.baseName())) {
        return Optional.empty();
      }
      launched |=
          LAUNCHERS.contains(word.baseName())
              || WRAPPERS.contains(word.baseName())
              || i == 0 && isLoader(word);
      if (isProgram(word) && !isAssignment(word)) {
        boolean alone = i + 1 == words.size();
        boolean first = isFirst(words, i);
        if (first || !alone && words.get(i + 1).isOption()) {
          return Optional.of(i);
        }
      }
    }
    return Optional.empty();
  }

  /** Whether the word is the loader of a C library, which can be started with a program. */
  private static boolean isLoader(Word word) {
    String name = word.baseName();
    return name.startsWith("ld-linux") || name.startsWith("ld-musl") || name.equals("ld.so");
  }

  private static boolean isFirst(List<Word> words, int end) {
    for (int i = 0; i < end; i++) {
      if (!isAssignment(words.get(i)) && !LAUNCHERS.contains(words.get(i).baseName())) {
        return false;
      }
    }
    return true;
  }

  /** The words behind the program; all of them if they begin with an option. */
  static List<Word> arguments(List<Word> words) throws InputException {
    for (Word word : words) {
      if (word.isOption()) {
        break;
      }
      String text = word.text();
      if (text.endsWith(":") && isProgram(new Word(text.substring(0, text.length() - 1), "", 0))) {
        throw InputException.at(
            word.source(),
            word.line(),
            Quote.of(text)
                + " begins a message of QEMU, expected the command line that started it");
      }
    }
    List<Word> arguments = behindProgram(words);
    boolean named = find(words).isPresent();
    boolean optionsFirst = !arguments.isEmpty() && arguments.get(0).isOption();
    boolean wrapped = !named && isWrapper(words.get(0));
    if (wrapped
        || !named && !(optionsFirst && arguments.stream().anyMatch(QemuProgram::isTelling))) {
      throw InputException.at(
          words.get(0).source(),
          words.get(0).line(),
          "no QEMU program and no option of QEMU in "
              + Quote.of(OpenText.shown(words.get(0).text()))
              + (words.size() > 1 ? " and what follows" : "")
              + ", expected a QEMU command line such as qemu-system-x86_64 -m 4G -device ...");
    }
    return arguments;
  }

  /** The words behind the program, if one stands in front of the options. */
  static List<Word> behindProgram(List<Word> words) throws InputException {
    Optional<Integer> at = find(words);
    if (at.isPresent()) {
      requireX86(words.get(at.get()));
      return words.subList(at.get() + 1, words.size());
    }
    int start = 0;
    boolean launched = false;
    while (start < words.size()
        && (isAssignment(words.get(start))
            || LAUNCHERS.contains(words.get(start).baseName())
            || launched && isNumber(words.get(start)))) {
      launched |= !isAssignment(words.get(start));
      start++;
    }
    if (start < words.size() && !words.get(start).isOption()) {
      start++;
    }
    return words.subList(start, words.size());
  }

  private static boolean isNumber(Word word) {
    return word.text().chars().allMatch(c -> c >= '0' && c <= '9' || c == '.' || c == 's');
  }

  /** Whether the word is a program whose arguments may name QEMU without running it. */
  static boolean namesQemuOnly(Word word) {
    return OTHERS.contains(word.baseName());
  }

  /** What a message calls the VM: the value of {@code -name} in brackets, empty without one. */
  static String vmName(List<Word> words) {
    for (int i = 0; i + 1 < words.size(); i++) {
      if (words.get(i).text().equals("-name")) {
        String name = OpenText.shown(words.get(i + 1).text());
        String plain = name.startsWith("guest=") ? name.substring("guest=".length()) : name;
        return " (" + plain.split(",", 2)[0] + ")";
      }
    }
    return "";
  }

  /** Whether the word is an option by which a command line of QEMU can be told. */
  static boolean isTelling(Word word) {
    return word.isOption() && TELLING.contains(OptionTable.name(word));
  }

  private static void requireX86(Word program) throws InputException {
    String name = name(program);
    boolean other = name.startsWith(ANY) && !name.startsWith(X86) && !PROGRAMS.contains(name);
    if (other) {
      throw InputException.at(
          program.source(),
          program.line(),
          Quote.of(name) + " is a QEMU for another processor, expected " + X86);
    }
  }

  /** Whether the word sets a variable for the program behind it. */
  static boolean isAssignment(Word word) {
    String text = word.text();
    int equals = text.indexOf('=');
    if (equals <= 0 || !isNameStart(text.charAt(0))) {
      return false;
    }
    for (int i = 1; i < equals; i++) {
      char c = text.charAt(i);
      if (!isNameStart(c) && (c < '0' || c > '9')) {
        return false;
      }
    }
    return !text.startsWith("ExecStart=");
  }

  private static boolean isNameStart(char c) {
    return c == '_' || c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z';
  }

  /** The program's name without its folder and without what packages put around it. */
  private static String name(Word word) {
    String name = word.baseName();
    if (name.startsWith("ExecStart=")) {
      name = name.substring("ExecStart=".length());
    }
    if (name.startsWith(".") && name.endsWith("-wrapped")) {
      name = name.substring(1, name.length() - "-wrapped".length());
    }
    return name;
  }
}
