package io.github.stopcopy.cli.input;

import io.github.stopcopy.core.config.PlacedRegion;
import io.github.stopcopy.core.config.VmConfig;
import io.github.stopcopy.core.error.InputException;
import io.github.stopcopy.json.ScenarioJson;
import io.github.stopcopy.qemu.commandline.QemuCommandLine;
import io.github.stopcopy.qemu.mtree.MtreeReader;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
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

  /** What dumps show, by their text, the one that was asked for last at the end. */
  private final Map<String, List<PlacedRegion>> dumps =
      new LinkedHashMap<>(2 * MOST_DUMPS, 0.75f, true);

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

  /** Reads one of many; else as {@link #read}. */
  public ScenarioJson.Input next(String source, int firstLine, String text) throws InputException {
    return ScenarioJson.read(source, firstLine, text, this::vm);
  }

  private VmConfig vm(List<String> argv, Optional<String> mtree) throws InputException {
    VmConfig vm = QemuCommandLine.parseArgv("", argv);
    return mtree.isPresent()
        ? vm.toBuilder().memory(vm.memory().withFirmware(systemMemory(mtree.get()))).build()
        : vm;
  }

  private List<PlacedRegion> systemMemory(String dump) throws InputException {
    List<PlacedRegion> known = dumps.get(dump);
    if (known != null) {
      return known;
    }
    List<PlacedRegion> shown = MtreeReader.systemMemory(DUMP, dump);
    if (dump.length() <= LONGEST_DUMP) {
      if (dumps.size() == MOST_DUMPS) {
        dumps.remove(dumps.keySet().iterator().next());
      }
      dumps.put(dump, List.copyOf(shown));
    }
    return shown;
  }
}
