package io.github.stopcopy.cli;

import io.github.stopcopy.core.error.InputException;
import picocli.CommandLine.Option;

/** The option {@code --format}, which several commands have: for people or for programs. */
final class FormatOption {

  @Option(names = "--format", paramLabel = "text|json", description = "text (default) or json")
  private String format = "text";

  /** Whether the answer is for programs. */
  boolean isJson() throws InputException {
    if (!format.equals("text") && !format.equals("json")) {
      throw InputException.of("--format is '" + format + "', expected text or json");
    }
    return format.equals("json");
  }
}
