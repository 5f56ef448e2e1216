package io.github.stopcopy.cli;

import io.github.stopcopy.core.error.InputException;
import io.github.stopcopy.migration.DriverRequest;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;

/** The option {@code --driver}: which kernel driver serves a device. */
final class DriverOptions {

  private static final String FORM = "[DEVICE=]NAME";

  private final OptionSpec texts =
      Options.texts(
          "--driver",
          FORM,
          "the kernel driver of every device, or of DEVICE, named by its id or host address, where"
              + " --host does not say; repeatable");

  /** Gives a command these options. */
  void addTo(CommandSpec spec) {
    spec.addOption(texts);
  }

  /** Whether any is named. */
  boolean isGiven() {
    return !Options.values(texts).isEmpty();
  }

  /** Whether one is named for every device. */
  boolean isForAll() throws InputException {
    return requests().stream().anyMatch(request -> request.device().isEmpty());
  }

  /**
   * What was said, in order.
   *
   * @throws InputException if it cannot be read
   */
  List<DriverRequest> requests() throws InputException {
    List<DriverRequest> requests = new ArrayList<>();
    for (String text : Options.values(texts)) {
      int equals = text.lastIndexOf('=');
      String driver = text.substring(equals + 1);
      if (equals == 0 || driver.isBlank()) {
        throw InputException.of("--driver is '" + text + "', expected " + FORM);
      }
      Optional<String> device =
          equals < 0 ? Optional.empty() : Optional.of(text.substring(0, equals));
      requests.add(new DriverRequest(device, driver));
    }
    return requests;
  }
}
