package io.github.stopcopy.cli.fleet;

import io.github.stopcopy.core.host.HostFacts;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;

/**
 * The facts of nodes that a stream of VMs tells on the way. Those of a line are known to the lines
 * behind it, whichever thread reads them. Thread-safe.
 */
public final class NodeHosts {

  private record Told(int line, HostFacts facts) {}

  private final Map<String, Told> byNode = new ConcurrentHashMap<>();

  /**
   * Takes the facts of a node.
   *
   * @return the earlier line with other facts of it, which stay; empty if there is none
   */
  Optional<Integer> put(String node, int line, HostFacts facts) {
    Told before = byNode.putIfAbsent(node, new Told(line, facts));
    return before == null || before.facts.equals(facts)
        ? Optional.empty()
        : Optional.of(before.line);
  }

  /** The facts of a node that were told before a line. */
  Optional<HostFacts> before(int line, String node) {
    Told told = byNode.get(node);
    return told != null && told.line < line ? Optional.of(told.facts) : Optional.empty();
  }
}
