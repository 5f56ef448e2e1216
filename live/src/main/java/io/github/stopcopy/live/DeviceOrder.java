package io.github.stopcopy.live;

import io.github.stopcopy.core.config.DeviceConfig;
import io.github.stopcopy.core.config.VmConfig;
import io.github.stopcopy.vfiopci.VfioDevice;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * In which order the devices of a running QEMU were created. QEMU does not tell (R-LIVE, B4): a
 * command line does; else devices with a bus come before those on it, a vIOMMU comes before VFIO
 * devices, and those in the order of what blocks.
 */
final class DeviceOrder {

  private final List<String> blockedReasons;
  private final Optional<VmConfig> given;

  DeviceOrder(List<String> blockedReasons, Optional<VmConfig> given) {
    this.blockedReasons = blockedReasons;
    this.given = given;
  }

  /** The devices in that order. */
  List<LiveDevice> apply(List<LiveDevice> devices) {
    List<LiveDevice> ordered = new ArrayList<>(devices);
    ordered.sort(Comparator.comparing(LiveDevice::path, DeviceOrder::comparePaths));
    if (given.isPresent()) {
      Map<LiveDevice, Integer> places = places(ordered, given.get());
      ordered.sort(
          Comparator.comparingInt(device -> places.getOrDefault(device, Integer.MAX_VALUE)));
    } else {
      ordered.sort(
          Comparator.comparingInt(DeviceOrder::kind).thenComparingInt(this::placeOfReason));
    }
    return parentsFirst(ordered);
  }

  /** Devices without an id are numbered as they were created. */
  private static int comparePaths(String a, String b) {
    return a.length() != b.length() ? Integer.compare(a.length(), b.length()) : a.compareTo(b);
  }

  private static int kind(LiveDevice device) {
    return device.isVfio() ? 2 : device.isVirtualIommu() ? 0 : 1;
  }

  private int placeOfReason(LiveDevice device) {
    String name = device.vfioName().orElse("");
    for (int i = 0; !name.isEmpty() && i < blockedReasons.size(); i++) {
      if (blockedReasons.get(i).startsWith(name + ": ")) {
        return i;
      }
    }
    return blockedReasons.size();
  }

  /** Where the command line has each device; one that it has not was plugged later. */
  private static Map<LiveDevice, Integer> places(List<LiveDevice> devices, VmConfig vm) {
    Map<LiveDevice, Integer> places = new HashMap<>();
    Set<Integer> taken = new HashSet<>();
    for (LiveDevice device : devices) {
      for (int i = 0; i < vm.devices().size(); i++) {
        if (!taken.contains(i) && isSame(device, vm.devices().get(i))) {
          places.put(device, i);
          taken.add(i);
          break;
        }
      }
    }
    return places;
  }

  private static boolean isSame(LiveDevice device, DeviceConfig config) {
    if (device.id().isPresent() || config.id().isPresent()) {
      return device.id().equals(config.id());
    }
    return device.type().equals(config.driver())
        && device.vfioName().equals(VfioDevice.nameOf(config))
        && config.bus().map(bus -> device.bus().equals(Optional.of(bus))).orElse(true);
  }

  /** Those of the command line that are not there any more, or not yet. */
  List<DeviceConfig> missing(List<LiveDevice> devices) {
    List<DeviceConfig> missing = new ArrayList<>();
    if (given.isPresent()) {
      Set<Integer> found = new HashSet<>(places(devices, given.get()).values());
      for (int i = 0; i < given.get().devices().size(); i++) {
        if (!found.contains(i)) {
          missing.add(given.get().devices().get(i));
        }
      }
    }
    return missing;
  }

  /** Moves a device whose bus belongs to a later one behind that. */
  private static List<LiveDevice> parentsFirst(List<LiveDevice> devices) {
    Map<String, LiveDevice> all = LiveDevices.byPathAndId(devices);
    Set<LiveDevice> done = new HashSet<>();
    List<LiveDevice> ordered = new ArrayList<>();
    for (LiveDevice device : devices) {
      List<LiveDevice> line = new ArrayList<>();
      Optional<LiveDevice> next = Optional.of(device);
      while (next.isPresent() && done.add(next.get())) {
        line.add(0, next.get());
        next = LiveDevices.parent(next.get(), all);
      }
      ordered.addAll(line);
    }
    return ordered;
  }
}
