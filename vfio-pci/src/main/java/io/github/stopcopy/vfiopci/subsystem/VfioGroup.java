package io.github.stopcopy.vfiopci.subsystem;

import io.github.stopcopy.vfiopci.device.VfioPciDevice;
import java.util.ArrayList;
import java.util.List;

/** A kernel IOMMU group: devices that cannot be told apart, always in one container. */
final class VfioGroup {

  private final int number;
  private final List<VfioPciDevice> devices = new ArrayList<>();

  VfioGroup(int number) {
    this.number = number;
  }

  int number() {
    return number;
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
