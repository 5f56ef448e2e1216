package io.github.stopcopy.qemu.commandline;

import io.github.stopcopy.core.error.InputException;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Collects {@code -smp}; all of them make one, in which the last value of an option counts. */
final class SmpOption {

  private static final int MOST = 65535;
  private static final List<String> TOPOLOGY =
      List.of("drawers", "books", "sockets", "dies", "clusters", "modules", "cores", "threads");

  private final Map<String, Integer> counts = new HashMap<>();

  void read(String text) throws InputException {
    for (KeyValue part : KeyValue.parse(text, "cpus")) {
      String name = part.name();
      if (!name.equals("cpus") && !name.equals("maxcpus") && !TOPOLOGY.contains(name)) {
        throw InputException.of(
            "unknown " + Quote.of(name) + ", expected cpus, maxcpus or one of " + TOPOLOGY);
      }
      counts.put(name, Numbers.count(name, part.value(), 1, MOST));
    }
    vcpus(text);
  }

  /** How many virtual CPUs there may be at most. */
  int vcpus() throws InputException {
    return vcpus(counts.toString());
  }

  private int vcpus(String text) throws InputException {
    Integer maxcpus = counts.get("maxcpus");
    Integer cpus = counts.get("cpus");
    if (maxcpus != null && cpus != null && maxcpus < cpus) {
      throw InputException.of("maxcpus=" + maxcpus + " is less than cpus=" + cpus);
    }
    if (maxcpus != null) {
      return maxcpus;
    }
    long product = 1;
    for (String name : TOPOLOGY) {
      product *= counts.getOrDefault(name, 1);
      if (product > MOST) {
        throw InputException.of(Quote.of(text) + " makes too many CPUs, expected at most " + MOST);
      }
    }
    return Math.max((int) product, cpus == null ? 1 : cpus);
  }
}
