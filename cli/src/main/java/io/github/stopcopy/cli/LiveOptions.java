package io.github.stopcopy.cli;

import io.github.stopcopy.cli.input.CommandLineInput;
import io.github.stopcopy.cli.input.ReadFiles;
import io.github.stopcopy.core.config.VmConfig;
import io.github.stopcopy.core.error.InputException;
import io.github.stopcopy.core.plugin.Plugins;
import io.github.stopcopy.live.Anonymizer;
import io.github.stopcopy.live.LiveQemu;
import io.github.stopcopy.live.qmp.QmpSource;
import java.io.IOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.Optional;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;

/** The options beside a running QEMU or the record of one. */
final class LiveOptions {

  private final OptionSpec pid =
      Options.value(
              "--pid",
              "PID",
              "with --qmp: the process of QEMU, whose command line tells the order of its devices;",
              "--qemu-args FILE beside --qmp or --qmp-record does the same")
          .type(Long.class)
          .build();

  private final OptionSpec anonymize =
      Options.text(
          "--anonymize",
          "FILE",
          "with --qmp or --qmp-record: write what QEMU answered to this new file, without names,",
          "paths and other personal details");

  /** Gives a command these options. */
  void addTo(CommandSpec spec) {
    spec.addOption(pid);
    spec.addOption(anonymize);
  }

  /** Whether an option is given that means nothing without a running QEMU. */
  boolean isGiven() {
    return Options.number(pid) != null || Options.value(anonymize) != null;
  }

  /**
   * Asks a QEMU and writes down its answers, if that is wanted.
   *
   * @param files reads it and remembers what was read
   * @param commandLine the file that has its command line, if one was given
   * @param readConfigs files for {@code -readconfig} in that command line
   * @throws InputException if it does not answer, or a file cannot be read or written
   */
  LiveQemu read(
      QmpSource source,
      ReadFiles files,
      Optional<String> commandLine,
      List<String> readConfigs,
      Plugins plugins)
      throws InputException {
    Long process = Options.number(pid);
    if (process != null && commandLine.isPresent()) {
      throw InputException.of("--pid is given with --qemu-args, expected one command line");
    }
    Optional<String> file =
        process == null ? commandLine : Optional.of("/proc/" + process + "/cmdline");
    LiveQemu qemu;
    if (file.isPresent()) {
      VmConfig started = CommandLineInput.read(files, file.get(), readConfigs, plugins).vm();
      qemu = LiveQemu.read(source, plugins, started);
    } else {
      qemu = LiveQemu.read(source, plugins);
    }
    String copy = Options.value(anonymize);
    if (copy != null) {
      write(Path.of(copy), Anonymizer.anonymize(qemu.record()).text());
    }
    return qemu;
  }

  private static void write(Path file, String text) throws InputException {
    try {
      Files.writeString(file, text, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE);
    } catch (FileAlreadyExistsException exists) {
      throw InputException.at(
          file.toString(), 0, "exists already, expected the name of a new file");
    } catch (IOException failed) {
      throw InputException.at(file.toString(), 0, "cannot be written: " + failed.getMessage());
    }
  }
}
