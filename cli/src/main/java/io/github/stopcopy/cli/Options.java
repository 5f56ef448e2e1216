package io.github.stopcopy.cli;

import java.util.List;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Model.ArgSpec;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;

/**
 * How commands and their options are described to picocli. Not by annotations: to read those by
 * reflection takes longer than to decide about a VM.
 */
final class Options {

  private Options() {}

  /** A command without options but those that every command has. */
  static CommandSpec command(Object command, String... description) {
    CommandSpec spec = CommandSpec.wrapWithoutInspection(command);
    spec.usageMessage().description(description);
    return spec;
  }

  /** The options that every command has, which stand last. */
  static void addStandard(CommandSpec spec) {
    spec.addOption(
            OptionSpec.builder("-h", "--help")
                .usageHelp(true)
                .description("Show this help message and exit.")
                .build())
        .addOption(
            OptionSpec.builder("-V", "--version")
                .versionHelp(true)
                .description("Print version information and exit.")
                .build());
  }

  /** An option without a value. */
  static OptionSpec flag(String name, String... description) {
    return OptionSpec.builder(name).type(boolean.class).description(description).build();
  }

  /** Whether it is given. */
  static boolean isGiven(OptionSpec flag) {
    return Boolean.TRUE.equals(flag.getValue());
  }

  /** An option with a text, at most once. */
  static OptionSpec text(String name, String label, String... description) {
    return value(name, label, description).build();
  }

  /** An option with a text, whose builder may learn more of it. */
  static OptionSpec.Builder value(String name, String label, String... description) {
    return OptionSpec.builder(name).type(String.class).paramLabel(label).description(description);
  }

  /** What is given with it; null without it. */
  static @Nullable String value(ArgSpec option) {
    return option.getValue();
  }

  /** The number that is given with it; null without it. */
  static @Nullable Long number(ArgSpec option) {
    return option.getValue();
  }

  /** What is given with it, or something else without it. */
  static <T> T value(ArgSpec option, T without) {
    T given = option.getValue();
    return given == null ? without : given;
  }

  /** An option with a text, which can be repeated. */
  static OptionSpec texts(String name, String label, String... description) {
    return values(name, label, description).build();
  }

  /** The same, whose builder may learn more of it. */
  static OptionSpec.Builder values(String name, String label, String... description) {
    return value(name, label, description).type(List.class).auxiliaryTypes(String.class);
  }

  /** What is given with all of them, in order. */
  static List<String> values(ArgSpec option) {
    return value(option, List.of());
  }
}
