package io.github.stopcopy.qemu.commandline;

import io.github.stopcopy.core.config.VmConfig;
import io.github.stopcopy.core.error.InputException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;

/**
 * Reads QEMU command lines. What a device is told with {@code -device} is kept as written, right or
 * wrong; the model answers it as QEMU would. Options that QEMU has but that mean nothing to the
 * model are read over. {@link VmConfig#unknownOptions()} lists, with their values, the options that
 * QEMU is not known to have. Static, thread-safe.
 *
 * {@snippet file="VerdictTest.java" region="command-line"}
 */
public final class QemuCommandLine {

  /** How many characters a command line may have. */
  private static final int LONGEST = 4 << 20;

  private QemuCommandLine() {}

  /**
   * What a text says.
   *
   * @param vm the VM; it knows the memory layout of its machine
   * @param release the release of QEMU, if the text names one, as the log of libvirt does
   * @param notes what was assumed or left open, each with source and line
   * @param unknownDevices devices that QEMU is not known to have or that are not modelled, unless a
   *     plugin knows them
   * @param argv the words behind the program, with those of the files that {@code -readconfig}
   *     names in its place
   */
  public record Parsed(
      VmConfig vm,
      Optional<String> release,
      List<String> notes,
      List<UnknownDevice> unknownDevices,
      List<String> argv) {

    /** Copies the lists. */
    public Parsed {
      notes = List.copyOf(notes);
      argv = List.copyOf(argv);
      unknownDevices = List.copyOf(unknownDevices);
    }
  }

  /**
   * Reads the one QEMU command line that a text holds: as a shell takes it, alone, in a script or
   * handed to another shell or a container; the words of {@code /proc/PID/cmdline}; what {@code ps}
   * and {@code systemctl status} print; the log that libvirt writes for a VM, of which the last
   * start counts; or a list of words in JSON or as Python prints it. A text that is nothing but the
   * command line may break its lines anywhere between words. Nothing is run; variables are put in
   * where the text itself sets them, and else are an error where they matter. So is what shows that
   * the text is not the whole command line, and an option or a device that seems to be a VFIO
   * device or a vIOMMU but for a typing error.
   *
   * @param source a file name or another name of the text, for messages
   * @param text the text, at most 4 Mi characters
   * @param files where the files are that {@code -readconfig} names
   * @throws InputException with source and line if the text holds no command line of QEMU or
   *     several, leaves open what matters, or names a machine that is not modelled
   */
  public static Parsed read(String source, String text, ConfigFiles files) throws InputException {
    if (text.length() > LONGEST) {
      throw tooLong(source, text.length());
    }
    CommandLineText found = CommandLineText.find(source, text);
    CommandLineReader reader = new CommandLineReader(source, files);
    VmConfig vm = reader.read(found.words());
    return new Parsed(vm, found.release(), reader.notes(), reader.unknownDevices(), reader.argv());
  }

  /**
   * Reads a command line as {@link #read} does, of which only the VM is of interest.
   *
   * @param source a file name or another name of the text, for messages
   * @param text the text, at most 4 Mi characters
   * @return the VM; it knows the memory layout of its machine
   * @throws InputException as {@link #read}, or if there is a {@code -readconfig}
   */
  public static VmConfig parse(String source, String text) throws InputException {
    return read(source, text, ConfigFiles.NONE).vm();
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
      words.add(new Word(word, source, lines.get(i)));
    }
    return new CommandLineReader(source, ConfigFiles.NONE).read(QemuProgram.behindProgram(words));
  }

  private static InputException tooLong(String source, long length) {
    return InputException.at(
        source, 0, "a command line of " + length + " characters, expected at most " + LONGEST);
  }
}
