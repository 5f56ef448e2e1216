package io.github.stopcopy.cli;

import io.github.stopcopy.core.error.InputException;
import io.github.stopcopy.core.plugin.Plugins;
import io.github.stopcopy.migration.vm.ListenerRequest;
import java.util.ArrayList;
import java.util.List;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;

/** The option {@code --listener}, which several commands have: who looks on. */
final class ListenerOptions {

  private static final String FORM = "NAME[,PARAMETER=VALUE...]";

  private final OptionSpec texts =
      Options.texts(
          "--listener",
          FORM,
          "a memory listener that looks on and tells what it saw; `stopcopy plugins` lists them;"
              + " repeatable");

  /** Gives a command these options. */
  void addTo(CommandSpec spec) {
    spec.addOption(texts);
  }

  /** Whether any is named. */
  boolean isGiven() {
    return !Options.values(texts).isEmpty();
  }

  /**
   * What was asked for, in order.
   *
   * @throws InputException if it cannot be read or a listener is not there
   */
  List<ListenerRequest> requests(Plugins plugins) throws InputException {
    List<ListenerRequest> requests = new ArrayList<>();
    for (String text : Options.values(texts)) {
      NamedPlugin read = NamedPlugin.read("--listener", FORM, text);
      if (read.name().isBlank()) {
        throw read.wrong("names no listener");
      }
      plugins.memoryListeners().named("memory listener", read.name());
      requests.add(new ListenerRequest(read.name(), read.parameters()));
    }
    return requests;
  }
}
