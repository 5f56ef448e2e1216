package io.github.stopcopy.cli;

import io.github.stopcopy.core.error.InputException;
import java.util.Arrays;
import java.util.Locale;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;

/** The option {@code --format}, which several commands have: for people or for programs. */
final class FormatOption {

  /** What an answer can look like. */
  enum Format {
    /** For people. */
    TEXT,
    /** One JSON object, as its schema says. */
    JSON,
    /** A condition as Kubernetes has them, in JSON. */
    CONDITION,
    /** A page of one file. */
    HTML,
    /** A log of SARIF 2.1.0, in JSON. */
    SARIF;

    @Override
    public String toString() {
      return name().toLowerCase(Locale.ROOT);
    }
  }

  private final OptionSpec format =
      Options.text(
          "--format",
          "FORMAT",
          "text (default) or json; check and fleet also know condition, that of Kubernetes, check"
              + " sarif, and fleet html");

  /** Gives a command these options. */
  void addTo(CommandSpec spec) {
    spec.addOption(format);
  }

  /** Whether the answer is for programs, of a command that knows text and JSON. */
  boolean isJson() throws InputException {
    return oneOf(Format.TEXT, Format.JSON) == Format.JSON;
  }

  /**
   * The format that is asked for.
   *
   * @param known those of the command
   * @throws InputException if it is none of these
   */
  Format oneOf(Format... known) throws InputException {
    String asked = Options.value(format, Format.TEXT.toString());
    for (Format each : known) {
      if (each.toString().equals(asked)) {
        return each;
      }
    }
    throw InputException.of(
        "--format is '"
            + asked
            + "', expected "
            + String.join(" or ", Arrays.stream(known).map(Format::toString).toList()));
  }
}
