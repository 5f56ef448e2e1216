package io.github.stopcopy.viommu.virtio;

import io.github.stopcopy.core.address.AddressRange;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.TreeMap;

/**
 * Devices that share mappings (R-VIO-42). A mapping is added and taken whole: it neither overlaps
 * another nor is it ever split.
 */
final class Domain {

  /**
   * A run of I/O virtual addresses and where it leads.
   *
   * @param range the I/O virtual addresses
   * @param guestAddress the first guest physical address
   */
  record Mapping(AddressRange range, long guestAddress) {

    /** Where an address of the range leads. */
    long translate(long iova) {
      return guestAddress + (iova - range.first());
    }
  }

  private final int number;
  private final NavigableMap<Long, Mapping> mappings = new TreeMap<>(Long::compareUnsigned);
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

  /** All mappings, ascending. */
  Collection<Mapping> mappings() {
    return mappings.values();
  }

  /** The mapping at an address. */
  Optional<Mapping> at(long iova) {
    return Optional.ofNullable(mappings.floorEntry(iova))
        .map(Map.Entry::getValue)
        .filter(mapping -> mapping.range().contains(iova));
  }

  /** The mappings that share addresses with a range, ascending. */
  List<Mapping> overlapping(AddressRange range) {
    Map.Entry<Long, Mapping> before = mappings.floorEntry(range.first());
    boolean reachesIn = before != null && before.getValue().range().overlaps(range);
    long from = reachesIn ? before.getKey() : range.first();
    return new ArrayList<>(mappings.subMap(from, true, range.last(), true).values());
  }

  void add(Mapping mapping) {
    mappings.put(mapping.range().first(), mapping);
  }

  void remove(Mapping mapping) {
    mappings.remove(mapping.range().first());
  }
}
