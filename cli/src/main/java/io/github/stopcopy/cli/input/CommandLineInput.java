package io.github.stopcopy.cli.input;

import io.github.stopcopy.core.config.VmConfig;
import io.github.stopcopy.core.error.InputException;
import io.github.stopcopy.core.plugin.Plugins;
import io.github.stopcopy.qemu.commandline.ConfigFiles;
import io.github.stopcopy.qemu.commandline.QemuCommandLine;
import io.github.stopcopy.qemu.commandline.UnknownDevice;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * The VM of a file that holds a command line, as it runs now.
 *
 * @param vm the VM
 * @param release the release that the file names
 * @param notes what is to be told of it
 * @param argv the words that describe it, behind the program
 */
public record CommandLineInput(
    VmConfig vm, Optional<String> release, List<String> notes, List<String> argv) {

  /** Copies the lists. */
  public CommandLineInput {
    argv = List.copyOf(argv);
    notes = List.copyOf(notes);
  }

  /**
   * Reads a file. A VM that was started to wait for a migration is taken as one that has arrived:
   * whoever asks whether it can leave means that.
   *
   * @param files reads
   * @param file the file, or {@code -} for standard input
   * @param given files for {@code -readconfig}, looked at before those beside the file
   * @param plugins who may know devices that QEMU does not have
   * @throws InputException if it cannot be read, or has a VFIO device or vIOMMU nobody knows
   */
  public static CommandLineInput read(
      ReadFiles files, String file, List<String> given, Plugins plugins) throws InputException {
    List<String> unread = new ArrayList<>(given);
    CommandLineInput input =
        of(name(file), files.read("--qemu-args", file), configFiles(files, file, unread), plugins);
    if (!unread.isEmpty()) {
      throw InputException.at(
          unread.get(0),
          0,
          "is given with --readconfig, but the command line has no further -readconfig, expected"
              + " one for each file");
    }
    return input;
  }

  /**
   * Reads a text in the same way.
   *
   * @param source its name, for messages
   * @param text the text
   * @param files where the files are that {@code -readconfig} names
   * @param plugins who may know devices that QEMU does not have
   * @throws InputException as {@link #read} does
   */
  public static CommandLineInput of(String source, String text, ConfigFiles files, Plugins plugins)
      throws InputException {
    QemuCommandLine.Parsed parsed = QemuCommandLine.read(source, text, files);
    List<String> notes = new ArrayList<>(parsed.notes());
    for (UnknownDevice device : parsed.unknownDevices()) {
      String driver = device.driver();
      if (plugins.virtualIommus().isOffered(driver) || plugins.deviceTypes().isOffered(driver)) {
        continue;
      }
      if (device.isDecisive()) {
        throw device.toException();
      }
      notes.add(device.toString());
    }
    VmConfig vm = parsed.vm();
    if (vm.incoming()) {
      notes.add(
          "-incoming is read over: the VM is judged as running, its incoming migration as over.");
      vm = vm.toBuilder().incoming(false).build();
    }
    return new CommandLineInput(vm, parsed.release(), notes, parsed.argv());
  }

  private static String name(String file) {
    return file.equals("-") ? "(stdin)" : file;
  }

  /**
   * The files given by name, else in order; then those of that name beside the input.
   *
   * @param left the given files, of which those that are read are taken out
   */
  private static ConfigFiles configFiles(ReadFiles files, String input, List<String> left) {
    return path -> {
      Optional<String> same =
          left.stream().filter(file -> baseName(file).equals(baseName(path))).findFirst();
      Optional<String> found = same.or(() -> left.stream().findFirst());
      if (found.isPresent()) {
        left.remove(found.get());
      } else if (!input.equals("-")) {
        Path beside = Path.of(input).resolveSibling(baseName(path));
        found = Files.isRegularFile(beside) ? Optional.of(beside.toString()) : Optional.empty();
      }
      return found.isEmpty()
          ? Optional.empty()
          : Optional.of(
              new ConfigFiles.ConfigFile(found.get(), files.read("-readconfig", found.get())));
    };
  }

  private static String baseName(String path) {
    return path.substring(path.lastIndexOf('/') + 1);
  }
}
