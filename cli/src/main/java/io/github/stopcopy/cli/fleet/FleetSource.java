package io.github.stopcopy.cli.fleet;

import io.github.stopcopy.core.error.InputException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.Optional;

/** Where the VMs of a fleet come from. Used by one thread. */
public interface FleetSource extends AutoCloseable {

  /**
   * Opens a folder, a file of JSON Lines, or standard input for {@code -}.
   *
   * @param hosts takes the facts of nodes
   * @throws InputException if it cannot be opened, or is no text at all
   */
  static FleetSource open(String input, NodeHosts hosts) throws InputException {
    try {
      if (!input.equals("-") && Files.isDirectory(Path.of(input))) {
        return new FleetFolder(Path.of(input));
      }
    } catch (InvalidPathException noName) {
      throw InputException.at(input, 0, "is no name of a file here: " + noName.getReason());
    }
    return FleetLines.open(input, hosts);
  }

  /** The next VM; empty at the end. What cannot be read is an entry that says so. */
  Optional<FleetEntry> next();

  /** What is expected of an input that holds none. */
  String expected();

  @Override
  void close() throws InputException;
}
