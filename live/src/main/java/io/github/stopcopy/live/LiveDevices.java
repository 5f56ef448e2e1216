package io.github.stopcopy.live;

import io.github.stopcopy.core.error.InputException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** The devices of a running QEMU that somebody asked for, not those of the machine itself. */
final class LiveDevices {

  private static final String NAMED = "/machine/peripheral";
  private static final String ANONYMOUS = "/machine/peripheral-anon";

  private LiveDevices() {}

  static List<LiveDevice> read(QomReader qom) throws InputException {
    List<LiveDevice> devices = new ArrayList<>();
    for (String folder : List.of(NAMED, ANONYMOUS)) {
      for (QomReader.Child child : qom.children(folder)) {
        String path = folder + "/" + child.name();
        Optional<String> id = folder.equals(NAMED) ? Optional.of(child.name()) : Optional.empty();
        devices.add(new LiveDevice(path, child.type(), id, qom.properties(path)));
      }
    }
    return devices;
  }

  /**
   * The id to give a device: its own, else the name of its bus where another device is on that,
   * because the model finds buses by ids.
   */
  static Optional<String> nameFor(LiveDevice device, List<LiveDevice> devices) {
    if (device.id().isPresent()) {
      return device.id();
    }
    for (LiveDevice other : devices) {
      Optional<String> bus = other.busPath();
      if (bus.isPresent() && bus.get().startsWith(device.path() + "/")) {
        return other.bus();
      }
    }
    return Optional.empty();
  }

  /** The device whose bus a device is on; empty for one on a bus of the machine. */
  static Optional<LiveDevice> parent(LiveDevice device, Map<String, LiveDevice> byPathAndId) {
    String path = device.busPath().orElse("");
    int slash = path.lastIndexOf('/');
    return slash < 0
        ? Optional.empty()
        : Optional.ofNullable(byPathAndId.get(path.substring(0, slash)))
            // the bus of an expander belongs to a device of its own that nobody named
            .or(() -> Optional.ofNullable(byPathAndId.get(path.substring(slash + 1))))
            .filter(parent -> !parent.equals(device));
  }

  /** Devices by their paths and by their ids. */
  static Map<String, LiveDevice> byPathAndId(List<LiveDevice> devices) {
    Map<String, LiveDevice> all = new HashMap<>();
    for (LiveDevice device : devices) {
      all.put(device.path(), device);
      device.id().ifPresent(id -> all.put(id, device));
    }
    return all;
  }
}
