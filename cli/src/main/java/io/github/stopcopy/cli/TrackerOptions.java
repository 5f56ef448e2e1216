package io.github.stopcopy.cli;

import io.github.stopcopy.core.error.InputException;
import io.github.stopcopy.core.plugin.Plugins;
import io.github.stopcopy.migration.TrackerRequest;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;

/** The option {@code --tracker}, which several commands have: who logs what a device writes. */
final class TrackerOptions {

  private static final String FORM = "[DEVICE=]NAME[,PARAMETER=VALUE...]";

  private final OptionSpec texts =
      Options.texts(
          "--tracker",
          FORM,
          "the dirty tracker of every device, or of DEVICE, named by its id or host address;"
              + " `stopcopy plugins` lists them; repeatable");

  /** Gives a command these options. */
  void addTo(CommandSpec spec) {
    spec.addOption(texts);
  }

  /** Whether a tracker is asked for. */
  boolean isGiven() {
    return !Options.values(texts).isEmpty();
  }

  /**
   * What was asked for, in order.
   *
   * @throws InputException if it cannot be read or a tracker is not there
   */
  List<TrackerRequest> requests(Plugins plugins) throws InputException {
    List<TrackerRequest> requests = new ArrayList<>();
    for (String text : Options.values(texts)) {
      TrackerRequest request = request(text);
      plugins.dirtyTrackers().named("dirty tracker", request.tracker());
      requests.add(request);
    }
    return requests;
  }

  private static TrackerRequest request(String text) throws InputException {
    NamedPlugin read = NamedPlugin.read("--tracker", FORM, text);
    String who = read.name();
    int equals = who.indexOf('=');
    String name = who.substring(equals + 1);
    if (equals == 0) {
      throw read.wrong("has no device before the '='");
    } else if (name.isBlank()) {
      throw read.wrong("names no tracker");
    } else if (name.indexOf('=') >= 0) {
      throw read.wrong("has more than one '=' before the first parameter");
    }
    Optional<String> device = equals < 0 ? Optional.empty() : Optional.of(who.substring(0, equals));
    return new TrackerRequest(device, name, read.parameters());
  }
}
