package io.github.stopcopy.migration.vm;

import io.github.stopcopy.core.config.DeviceConfig;
import io.github.stopcopy.core.config.GlobalProperty;
import io.github.stopcopy.core.config.VmConfig;
import io.github.stopcopy.core.error.QemuError;
import io.github.stopcopy.core.event.EventLog;
import io.github.stopcopy.core.property.PropertyType;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * Which virtio-net device stands in for which assigned one. The assigned one, the primary, is
 * hidden until the guest accepts that it has a standby, and has to leave before a migration sends
 * memory (R-OBS-115).
 */
final class FailoverPairs {

  private static final String PAIR = "failover_pair_id";
  private static final String STANDBY_TYPE = "virtio-net";
  private static final String STANDBY = "failover";

  private final EventLog events;
  private final Map<String, String> byDefault = new HashMap<>();
  private final Set<String> standbys = new LinkedHashSet<>();
  private final Map<String, DeviceConfig> hidden = new LinkedHashMap<>();
  private boolean accepted;

  FailoverPairs(VmConfig vm, EventLog events) {
    this.events = events;
    for (GlobalProperty global : vm.globals()) {
      if (global.setting().name().equals(STANDBY)) {
        byDefault.put(global.driver(), global.setting().value().asText().text());
      }
    }
  }

  /** The id of the device that is to stand in for this one. */
  static Optional<String> standbyOf(DeviceConfig device) {
    return device.setting(PAIR);
  }

  /** Notes a device that was realized; a standby counts for primaries that come after it. */
  void realized(DeviceConfig device) {
    if (device.id().isPresent() && isStandby(device)) {
      standbys.add(device.id().get());
    }
  }

  /** Whether a device is to stand in for another. */
  boolean isStandby(DeviceConfig device) {
    if (!device.driver().startsWith(STANDBY_TYPE)) {
      return false;
    }
    Optional<String> value = device.setting(STANDBY);
    if (value.isEmpty()) {
      value = Optional.ofNullable(byDefault.get(device.driver()));
    }
    return value.flatMap(PropertyType.Bool::parse).orElse(false);
  }

  /** Whether a device with this id stands in for another. */
  boolean isStandby(String id) {
    return standbys.contains(id);
  }

  /** Whether a device waits for the guest to accept its standby. */
  boolean isHidden(DeviceConfig device) {
    return !accepted && standbyOf(device).map(standbys::contains).orElse(false);
  }

  /** Hides a device; what comes back keeps QEMU from starting. */
  Optional<QemuError> hide(DeviceConfig device) {
    String standby = standbyOf(device).orElseThrow();
    if (device.id().isEmpty()) {
      return Optional.of(QemuError.of("Device with failover_pair_id needs to have id"));
    }
    DeviceConfig other = hidden.get(standby);
    if (other != null) {
      return Optional.of(
          QemuError.of(
              "Cannot attach more than one primary device to '"
                  + standby
                  + "': '"
                  + other.id().orElseThrow()
                  + "' and '"
                  + device.id().get()
                  + "'"));
    }
    hidden.put(standby, device);
    return Optional.empty();
  }

  /**
   * A device that stands in.
   *
   * @param id its id
   * @param primary the one that was hidden until now, if any
   */
  record Standby(String id, Optional<DeviceConfig> primary) {}

  /** The guest accepts all standbys; what was hidden is to be realized now, and later ones too. */
  List<Standby> accept() {
    accepted = true;
    List<Standby> all = new ArrayList<>();
    for (String id : standbys) {
      all.add(new Standby(id, Optional.ofNullable(hidden.remove(id))));
    }
    return all;
  }

  /** A primary that the guest asked for stays out. */
  void refused(QemuError why) {
    events.warning(why.text());
  }

  /** The guest asks for a primary that is not there. */
  void notFound(String standby) {
    events.warning("Primary device not found");
    events.error(
        "Virtio-net failover will not work. Make sure primary device has parameter"
            + " failover_pair_id="
            + standby);
  }

  /** The primaries that the guest has not asked for. */
  Collection<DeviceConfig> hidden() {
    return Collections.unmodifiableCollection(hidden.values());
  }
}
