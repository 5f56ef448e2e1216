package io.github.stopcopy.integration;

import io.github.stopcopy.integration.CommandHome.Run;
import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** The command's built jars and those put beside them, started with {@code java}. */
record CommandJars(List<Path> jars) {

  private static final String MODULE = "io.github.stopcopy.cli";
  private static final String MAIN = MODULE + ".StopcopyCommand";

  /** How jars are given to a JVM. */
  enum Place {
    CLASS_PATH {
      @Override
      List<String> arguments(String jars) {
        return List.of("-cp", jars, MAIN);
      }
    },
    MODULE_PATH {
      @Override
      List<String> arguments(String jars) {
        return List.of("-p", jars, "--add-modules", "ALL-MODULE-PATH", "-m", MODULE + "/" + MAIN);
      }
    };

    abstract List<String> arguments(String jars);
  }

  /** The jars of the command and of its libraries. */
  static CommandJars all() throws IOException {
    // Away from lib/, which the manifest names: only what is asked for shall be there.
    Path command = Checkout.WORK.resolve("command.jar");
    Files.createDirectories(Checkout.WORK);
    Files.copy(Checkout.jar("stopcopy-cli", ""), command, StandardCopyOption.REPLACE_EXISTING);
    List<Path> jars = new ArrayList<>();
    jars.add(command);
    try (Stream<Path> libraries = Files.list(Checkout.libraries())) {
      libraries.sorted().forEach(jars::add);
    }
    return new CommandJars(jars);
  }

  /** The same without the jar of an artifact. */
  CommandJars without(String artifact) {
    return new CommandJars(
        jars.stream()
            .filter(jar -> !jar.getFileName().toString().startsWith(artifact + "-"))
            .toList());
  }

  /** The same with more jars. */
  CommandJars with(Path... more) {
    List<Path> all = new ArrayList<>(jars);
    all.addAll(List.of(more));
    return new CommandJars(all);
  }

  /** Runs the command in a folder and waits for its end. */
  Run start(Path folder, Jdk jdk, Place place, String... args) throws Exception {
    List<String> command = new ArrayList<>(List.of(jdk.java()));
    command.addAll(Jdk.SHORT_RUN);
    command.add("-XX:CompileThresholdScaling=8"); // as the launcher does
    command.addAll(
        place.arguments(
            jars.stream().map(Path::toString).collect(Collectors.joining(File.pathSeparator))));
    command.addAll(List.of(args));
    return CommandHome.run(folder, Map.of(), command);
  }
}
