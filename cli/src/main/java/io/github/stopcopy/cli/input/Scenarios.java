package io.github.stopcopy.cli.input;

import io.github.stopcopy.core.config.PlacedRegion;
import io.github.stopcopy.core.config.VmConfig;
import io.github.stopcopy.core.error.InputException;
import io.github.stopcopy.json.ScenarioJson;
import io.github.stopcopy.json.VmReader;
import io.github.stopcopy.qemu.commandline.QemuCommandLine;
import io.github.stopcopy.qemu.mtree.MtreeReader;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/**
 * Reads scenarios with the command lines and memory dumps that are in them. Scenarios that follow
 * each other often have the same dump, so that one that was read lately is not read again. Not
 * thread-safe.
 */
public final class Scenarios {

  private static final String DUMP = "mtree";

  /** How many dumps are remembered, and of how many characters at most. */
  private static final int MOST_DUMPS = 8;

  private static final int LONGEST_DUMP = 1 << 18;

  /** A dump; characters are compared with those of a buffer faster than those of a string. */
  private static final class Dump {
    private final String text;
    private final char[] characters;
    private final List<PlacedRegion> memory;

    Dump(String text, List<PlacedRegion> memory) {
      this.text = text;
      this.characters = text.toCharArray();
      this.memory = memory;
    }
  }

  /** The one that was asked for last at the end; equal texts are found faster than hashed. */
  private final List<Dump> dumps = new ArrayList<>();

  private final VmReader reader =
      new VmReader() {
        @Override
        public VmConfig read(List<String> argv, Optional<String> mtree) throws InputException {
          return vm(argv, mtree);
        }

        @Override
        public Optional<String> known(char[] characters, int first, int length) {
          return dump(characters, first, length);
        }
      };

  /** Nothing was read yet. */
  public Scenarios() {}

  /**
   * Reads a scenario that stands alone.
   *
   * @param source the name of the file
   * @param firstLine the line in it in which the text begins
   * @param text one JSON object
   * @throws InputException with source, line and key, if it is no scenario
   */
  public static ScenarioJson.Input read(String source, int firstLine, String text)
      throws InputException {
    return new Scenarios().next(source, firstLine, text);
  }

  /**
   * Reads one of many; else as {@link #read}.
   *
   * @throws InputException with source, line and key, if it is no scenario
   */
  public ScenarioJson.Input next(String source, int firstLine, String text) throws InputException {
    return ScenarioJson.read(source, firstLine, text, reader);
  }

  private VmConfig vm(List<String> argv, Optional<String> mtree) throws InputException {
    VmConfig vm = QemuCommandLine.parseArgv("", argv);
    return mtree.isPresent()
        ? vm.withMemory(vm.memory().withFirmware(systemMemory(mtree.get())))
        : vm;
  }

  private Optional<String> dump(char[] characters, int first, int length) {
    for (int i = dumps.size() - 1; i >= 0; i--) {
      char[] known = dumps.get(i).characters;
      if (known.length == length
          && Arrays.equals(known, 0, length, characters, first, first + length)) {
        return Optional.of(dumps.get(i).text);
      }
    }
    return Optional.empty();
  }

  private List<PlacedRegion> systemMemory(String dump) throws InputException {
    for (int i = dumps.size() - 1; i >= 0; i--) {
      if (dumps.get(i).text.equals(dump)) {
        Dump known = dumps.remove(i);
        dumps.add(known);
        return known.memory;
      }
    }
    List<PlacedRegion> memory = List.copyOf(MtreeReader.systemMemory(DUMP, dump));
    if (dump.length() <= LONGEST_DUMP) {
      if (dumps.size() == MOST_DUMPS) {
        dumps.remove(0);
      }
      dumps.add(new Dump(dump, memory));
    }
    return memory;
  }
}
