package io.github.stopcopy.viommu.virtio;

import io.github.stopcopy.core.iova.IovaMap;
import java.util.ArrayDeque;
import java.util.Collection;
import java.util.Deque;

/**
 * Devices that share mappings (R-VIO-42). A mapping is added and taken whole: it neither overlaps
 * another nor is it ever split.
 */
final class Domain {

  private final int number;
  private final IovaMap mappings = new IovaMap();
  private final Deque<VirtioDevice> devices = new ArrayDeque<>();

  Domain(int number) {
    this.number = number;
  }

  int number() {
    return number;
  }

  /** The devices, the one that was attached last first. */
  Collection<VirtioDevice> devices() {
    return devices;
  }

  void add(VirtioDevice device) {
    devices.addFirst(device);
  }

  void remove(VirtioDevice device) {
    devices.remove(device);
  }

  /** The mappings, to guest physical addresses. */
  IovaMap mappings() {
    return mappings;
  }
}
