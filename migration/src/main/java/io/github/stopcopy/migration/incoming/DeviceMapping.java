package io.github.stopcopy.migration.incoming;

import io.github.stopcopy.core.host.HostDevice;
import io.github.stopcopy.core.host.HostFacts;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Deque;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Which device of the destination's host takes the place of which of the source's, where nobody
 * says: those of the same names if all are there, else any that are not known to be of another
 * kind, those first that can migrate.
 *
 * @param there the names on the destination by those on the source; what is missing has none
 * @param isGuess whether the names are others, so that somebody could have meant other devices
 */
record DeviceMapping(Map<String, String> there, boolean isGuess) {

  static DeviceMapping of(Collection<String> names, HostFacts source, HostFacts destination) {
    if (destination.devices().keySet().containsAll(names)) {
      Map<String, String> same = new LinkedHashMap<>();
      names.forEach(name -> same.put(name, name));
      return new DeviceMapping(same, false);
    }
    Pools pools = new Pools(destination);
    Map<String, String> there = new HashMap<>();
    List<String> ofAnyKind = new ArrayList<>();
    List<String> ofOtherNames = new ArrayList<>();
    for (String name : names) {
      Optional<String> kind = source.device(name).pciId();
      if (kind.isEmpty()) {
        ofAnyKind.add(name);
      } else if (!pools.take(kind).map(found -> there.put(name, found) == null).orElse(false)) {
        ofOtherNames.add(name);
      }
    }
    for (String name : ofOtherNames) {
      pools.take(Optional.empty()).ifPresent(found -> there.put(name, found));
    }
    for (String name : ofAnyKind) {
      pools.takeAny().ifPresent(found -> there.put(name, found));
    }
    return new DeviceMapping(there, true);
  }

  /** The devices that are not given away yet. */
  private static final class Pools {

    private final Map<Optional<String>, Deque<String>> byKind = new LinkedHashMap<>();

    Pools(HostFacts host) {
      List<String> others = new ArrayList<>();
      host.devices()
          .forEach((name, device) -> {
            if (canMigrate(device)) {
              add(name, device);
            } else {
              others.add(name);
            }
          });
      others.forEach(name -> add(name, host.device(name)));
    }

    private void add(String name, HostDevice device) {
      byKind.computeIfAbsent(device.pciId(), kind -> new ArrayDeque<>()).add(name);
    }

    private static boolean canMigrate(HostDevice device) {
      return device.migration().error().isEmpty() && device.migration().stopCopy();
    }

    Optional<String> take(Optional<String> kind) {
      Deque<String> pool = byKind.get(kind);
      if (pool == null) {
        return Optional.empty();
      }
      String taken = pool.removeFirst();
      if (pool.isEmpty()) {
        byKind.remove(kind);
      }
      return Optional.of(taken);
    }

    Optional<String> takeAny() {
      return byKind.isEmpty() ? Optional.empty() : take(byKind.keySet().iterator().next());
    }
  }
}
