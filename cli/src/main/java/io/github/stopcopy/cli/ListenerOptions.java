package io.github.stopcopy.cli;

import io.github.stopcopy.core.error.InputException;
import io.github.stopcopy.core.plugin.Plugins;
import io.github.stopcopy.migration.vm.ListenerRequest;
import java.util.ArrayList;
import java.util.List;
import picocli.CommandLine.Option;

/** The option {@code --listener}, which several commands have: who looks on. */
final class ListenerOptions {

  private static final String FORM = "NAME[,PARAMETER=VALUE...]";

  @Option(
      names = "--listener",
      paramLabel = FORM,
      description =
          "a memory listener that looks on and tells what it saw; `stopcopy plugins` lists them;"
              + " repeatable")
  private List<String> texts = new ArrayList<>();

  /** Whether any is named. */
  boolean isGiven() {
    return !texts.isEmpty();
  }

  /**
   * What was asked for, in order.
   *
   * @throws InputException if it cannot be read or a listener is not there
   */
  List<ListenerRequest> requests(Plugins plugins) throws InputException {
    List<ListenerRequest> requests = new ArrayList<>();
    for (String text : texts) {
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
