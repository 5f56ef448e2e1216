package io.github.stopcopy.cli.fleet;

import io.github.stopcopy.cli.input.InputText;
import io.github.stopcopy.core.error.InputException;
import io.github.stopcopy.json.FleetJson;
import io.github.stopcopy.json.FleetLine;
import java.util.Optional;

/** VMs as JSON Lines, with the facts of nodes among them. */
final class FleetLines implements FleetSource {

  private final InputText input;
  private final NodeHosts hosts;

  private FleetLines(InputText input, NodeHosts hosts) {
    this.input = input;
    this.hosts = hosts;
  }

  static FleetLines open(String file, NodeHosts hosts) throws InputException {
    InputText input = InputText.open(file);
    input.refuseBinary();
    return new FleetLines(input, hosts);
  }

  @Override
  public Optional<FleetEntry> next() {
    while (true) {
      Optional<String> text;
      try {
        text = input.nextLine();
      } catch (InputException wrong) {
        return Optional.of(entry("").broken(wrong.getMessage()));
      }
      if (text.isEmpty()) {
        return Optional.empty();
      }
      if (!text.get().isBlank()) {
        Optional<FleetEntry> entry = entryOrHost(text.get());
        if (entry.isPresent()) {
          return entry;
        }
      }
    }
  }

  /** Only facts of nodes are read here, in the order of the lines; VMs are left to others. */
  private Optional<FleetEntry> entryOrHost(String json) {
    FleetEntry entry = entry(json);
    if (json.contains("\"args\"") || json.contains("\"xml\"")) {
      return Optional.of(entry);
    }
    FleetLine line = FleetJson.read(input.name(), input.line(), json);
    if (!line.isHost()) {
      return Optional.of(entry);
    }
    String node = line.node().orElseThrow();
    return hosts
        .put(node, input.line(), line.host().orElseThrow())
        .map(before ->
            entry.broken(
                InputException.at(
                        input.name(),
                        input.line(),
                        "tells other facts of node '"
                            + node
                            + "' than line "
                            + before
                            + ", expected them once")
                    .getMessage()));
  }

  private FleetEntry entry(String text) {
    return FleetEntry.line(input.name(), input.line(), text);
  }

  @Override
  public String expected() {
    return InputException.at(input.name(), 0, "holds no VM, expected one on every line, in JSON")
        .getMessage();
  }

  @Override
  public void close() throws InputException {
    input.close();
  }
}
