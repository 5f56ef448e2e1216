package io.github.stopcopy.cli.input;

import io.github.stopcopy.core.config.VmConfig;
import io.github.stopcopy.core.error.InputException;
import io.github.stopcopy.json.ScenarioJson;
import io.github.stopcopy.qemu.commandline.QemuCommandLine;
import io.github.stopcopy.qemu.mtree.MtreeReader;
import java.util.List;
import java.util.Optional;

/** Scenarios with the command lines and memory dumps that are in them. */
public final class Scenarios {

  private Scenarios() {}

  /**
   * Reads a scenario.
   *
   * @param source the name of the file
   * @param firstLine the line in it in which the text begins
   * @param text one JSON object
   * @throws InputException with source, line and key, if it is no scenario
   */
  public static ScenarioJson.Input read(String source, int firstLine, String text)
      throws InputException {
    return ScenarioJson.read(source, firstLine, text, Scenarios::vm);
  }

  /**
   * The VM in a scenario.
   *
   * @param argv the words of its command line
   * @param mtree its memory dump, if there is one
   * @throws InputException if one of them cannot be read
   */
  public static VmConfig vm(List<String> argv, Optional<String> mtree) throws InputException {
    VmConfig vm = QemuCommandLine.parseArgv("", argv);
    return mtree.isPresent() ? MtreeReader.withFirmware(vm, "mtree", mtree.get()) : vm;
  }
}
