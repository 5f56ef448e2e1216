package io.github.stopcopy.cli;

import io.github.stopcopy.cli.explain.LogText;
import io.github.stopcopy.cli.explain.Topics;
import io.github.stopcopy.cli.input.InputText;
import io.github.stopcopy.core.error.InputException;
import java.util.Optional;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.Model.PositionalParamSpec;

/** {@code stopcopy explain}: a code, lines of a log, or a key of a format. */
final class ExplainCommand implements Subcommand {

  private final PositionalParamSpec topic =
      PositionalParamSpec.builder()
          .type(String.class)
          .index("0")
          .arity("0..1")
          .paramLabel("CODE|KEY")
          .description(
              "a code such as VIOMMU_PRESENT, or a key of the formats such as"
                  + " host.devices.dma-logging")
          .build();

  private final OptionSpec text =
      Options.text("--text", "TEXT", "what QEMU or libvirt printed, as it is");

  private final OptionSpec log =
      Options.text("--log", "FILE", "a log of QEMU or libvirt; - for stdin");

  private final CommandSpec spec =
      Options.command(this, "Explain a reason code, a line of a log, or a key of a format.");

  ExplainCommand() {
    spec.usageMessage().sortOptions(false);
    spec.addPositional(topic);
    spec.addOption(text);
    spec.addOption(log);
    Options.addStandard(spec);
  }

  @Override
  public CommandSpec spec() {
    return spec;
  }

  @Override
  public int call() throws InputException {
    String asked = Options.value(topic);
    String printed = Options.value(text);
    String file = Options.value(log);
    int given = (asked == null ? 0 : 1) + (printed == null ? 0 : 1) + (file == null ? 0 : 1);
    if (given != 1) {
      throw InputException.of(
          "explain takes one of CODE, KEY, --text TEXT and --log FILE, and "
              + (given == 0 ? "none" : given)
              + (given <= 1 ? " is given" : " are given"));
    }
    spec.commandLine()
        .getOut()
        .print(
            asked != null
                ? Topics.explain(asked)
                : printed != null ? explainText(printed) : explainLog(String.valueOf(file)));
    return ExitCode.DONE;
  }

  private static String explainText(String text) throws InputException {
    LogText found = new LogText();
    text.lines().forEach(line -> found.add(0, line));
    if (!found.isAnythingKnown()) {
      throw InputException.of(
          "the text is not known, expected a message of QEMU or libvirt about VFIO, a vIOMMU or a"
              + " migration; if it is one, please report it with the release of QEMU");
    }
    return found.text();
  }

  private static String explainLog(String file) throws InputException {
    LogText found = new LogText();
    try (InputText lines = InputText.open(file)) {
      lines.refuseBinary();
      for (Optional<String> line = lines.nextLine(); line.isPresent(); line = lines.nextLine()) {
        found.add(lines.line(), line.get());
      }
      if (!found.isAnythingKnown()) {
        throw InputException.at(
            lines.name(),
            0,
            "no message in it is known, expected some of QEMU or libvirt about VFIO, a vIOMMU or a"
                + " migration; if there is one, please report it with the release of QEMU");
      }
    }
    return found.text();
  }
}
