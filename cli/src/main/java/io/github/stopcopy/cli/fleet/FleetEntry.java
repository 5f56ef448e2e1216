package io.github.stopcopy.cli.fleet;

import io.github.stopcopy.core.host.HostFacts;
import java.util.Optional;

/**
 * A VM of a fleet that nobody has read yet.
 *
 * @param form what it is
 * @param file the file that it is in
 * @param line its line there; 0 for a file of its own
 * @param text its text, empty for a file of its own
 * @param id what it is called, unless its text says more
 * @param node its node, unless its text says more
 * @param host the facts of its host, unless its text says more
 * @param problem why it cannot be read, if that is known already; else empty
 */
record FleetEntry(
    Form form,
    String file,
    int line,
    String text,
    String id,
    String node,
    Optional<HostFacts> host,
    String problem) {

  /** What an entry is. */
  enum Form {
    /** An object in JSON. */
    LINE,
    /** A file with libvirt's XML. */
    XML,
    /** A file with a command line. */
    ARGS
  }

  static FleetEntry line(String file, int line, String text) {
    return new FleetEntry(Form.LINE, file, line, text, "line " + line, "", Optional.empty(), "");
  }

  /** The same, which cannot be read. */
  FleetEntry broken(String why) {
    return new FleetEntry(form, file, line, "", id, node, host, why);
  }
}
