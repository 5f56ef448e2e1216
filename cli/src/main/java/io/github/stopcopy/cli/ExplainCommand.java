package io.github.stopcopy.cli;

import io.github.stopcopy.cli.explain.LogText;
import io.github.stopcopy.cli.explain.Topics;
import io.github.stopcopy.cli.input.InputText;
import io.github.stopcopy.core.error.InputException;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code stopcopy explain}: a code, lines of a log, or a key of a format. */
@Command(
    mixinStandardHelpOptions = true,
    sortOptions = false,
    description = "Explain a reason code, a line of a log, or a key of a format.")
final class ExplainCommand implements Callable<Integer> {

  @Parameters(
      arity = "0..1",
      paramLabel = "CODE|KEY",
      description =
          "a code such as VIOMMU_PRESENT, or a key of the formats such as host.devices.dma-logging")
  private @Nullable String topic;

  @Option(
      names = "--text",
      paramLabel = "TEXT",
      description = "what QEMU or libvirt printed, as it is")
  private @Nullable String text;

  @Option(
      names = "--log",
      paramLabel = "FILE",
      description = "a log of QEMU or libvirt; - for stdin")
  private @Nullable String log;

  @Spec private CommandSpec spec;

  @Override
  public Integer call() throws InputException {
    int given = (topic == null ? 0 : 1) + (text == null ? 0 : 1) + (log == null ? 0 : 1);
    if (given != 1) {
      throw InputException.of(
          "explain takes one of CODE, KEY, --text TEXT and --log FILE, and "
              + (given == 0 ? "none" : given)
              + (given <= 1 ? " is given" : " are given"));
    }
    spec.commandLine().getOut().print(topic != null ? Topics.explain(topic) : explainText());
    return ExitCode.DONE;
  }

  private String explainText() throws InputException {
    LogText found = new LogText();
    if (text != null) {
      text.lines().forEach(line -> found.add(0, line));
      if (!found.isAnythingKnown()) {
        throw InputException.of(
            "the text is not known, expected a message of QEMU or libvirt about VFIO, a vIOMMU or a"
                + " migration; if it is one, please report it with the release of QEMU");
      }
      return found.text();
    }
    String file = String.valueOf(log);
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
