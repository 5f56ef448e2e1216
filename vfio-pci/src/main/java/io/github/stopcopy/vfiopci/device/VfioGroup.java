package io.github.stopcopy.vfiopci.device;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** A kernel IOMMU group: devices that cannot be told apart, always in one container. */
final class VfioGroup {

  private final int number;
  private final List<VfioPciDevice> devices = new ArrayList<>();
  private @Nullable MappedContainer container;

  VfioGroup(int number) {
    this.number = number;
  }

  int number() {
    return number;
  }

  /** The container; a group without one is never handed out. */
  MappedContainer container() {
    if (container == null) {
      throw new IllegalStateException("group " + number + " has no container");
    }
    return container;
  }

  void setContainer(MappedContainer container) {
    this.container = container;
  }

  /** The devices, newest first. */
  List<VfioPciDevice> devices() {
    return devices;
  }

  void add(VfioPciDevice device) {
    devices.add(0, device);
  }

  void remove(VfioPciDevice device) {
    devices.remove(device);
  }
}
