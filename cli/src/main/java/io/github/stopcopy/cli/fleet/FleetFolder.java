package io.github.stopcopy.cli.fleet;

import io.github.stopcopy.cli.fleet.FleetEntry.Form;
import io.github.stopcopy.cli.input.InputText;
import io.github.stopcopy.core.error.InputException;
import io.github.stopcopy.core.host.HostFacts;
import io.github.stopcopy.json.HostJson;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Optional;

/**
 * VMs in files of a folder: {@code ID.xml} and {@code ID.args}, in the order of their names, then
 * those of its folders, each of which is a node. A {@code host.json} holds the facts for the VMs
 * beside it.
 */
final class FleetFolder implements FleetSource {

  private static final String HOST = "host.json";
  private static final String XML = ".xml";
  private static final String ARGS = ".args";

  private final Path folder;
  private final Deque<Path> nodes = new ArrayDeque<>();
  private final Deque<Path> files = new ArrayDeque<>();
  private String node = "";
  private Optional<HostFacts> host = Optional.empty();

  /** Why the facts of the folder cannot be read, or empty. */
  private String hostProblem = "";

  FleetFolder(Path folder) throws InputException {
    this.folder = folder;
    for (Path inside : enter(folder)) {
      if (Files.isDirectory(inside)) {
        nodes.add(inside);
      }
    }
  }

  /** Begins with a folder, and answers what is in it. */
  private List<Path> enter(Path entered) throws InputException {
    List<Path> inside = new ArrayList<>();
    try (DirectoryStream<Path> all = Files.newDirectoryStream(entered)) {
      all.forEach(inside::add);
    } catch (IOException unreadable) {
      throw InputException.at(entered.toString(), 0, "cannot be read, expected a folder");
    }
    inside.sort(null);
    for (Path each : inside) {
      String name = each.toString();
      if ((name.endsWith(XML) || name.endsWith(ARGS)) && Files.isRegularFile(each)) {
        files.add(each);
      }
    }
    host = Optional.empty();
    hostProblem = "";
    Path facts = entered.resolve(HOST);
    if (Files.exists(facts)) {
      try {
        String text = InputText.readAll(facts.toString());
        host = Optional.of(HostJson.read(facts.toString(), text));
      } catch (InputException wrong) {
        hostProblem = wrong.getMessage();
      }
    }
    return inside;
  }

  @Override
  public Optional<FleetEntry> next() {
    while (files.isEmpty() && !nodes.isEmpty()) {
      Path next = nodes.remove();
      node = String.valueOf(next.getFileName());
      try {
        enter(next);
      } catch (InputException wrong) {
        return Optional.of(
            new FleetEntry(Form.ARGS, next.toString(), 0, "", "*", node, host, wrong.getMessage()));
      }
    }
    return Optional.ofNullable(files.poll()).map(this::entry);
  }

  private FleetEntry entry(Path file) {
    String name = String.valueOf(file.getFileName());
    Form form = name.endsWith(XML) ? Form.XML : Form.ARGS;
    String id = name.substring(0, name.lastIndexOf('.'));
    return new FleetEntry(form, file.toString(), 0, "", id, node, host, hostProblem);
  }

  @Override
  public String expected() {
    return InputException.at(folder.toString(), 0, "holds no VM, expected files ID.xml and ID.args")
        .getMessage();
  }

  @Override
  public void close() {}
}
