package io.github.stopcopy.cli.report;

import io.github.stopcopy.migration.vm.Vm;
import io.github.stopcopy.vfiopci.VfioDevice;
import java.util.List;
import java.util.Optional;

/**
 * What the devices of a VM are called in reports: the name of the host's device, and its id.
 *
 * @param vm the VM that was played
 */
public record DeviceNames(Vm vm) {

  /** A device by its name; other text is left as it is. */
  public String of(String name) {
    Optional<String> id = vm.findDevice(name).flatMap(VfioDevice::id);
    return id.map(value -> name + " (" + value + ")").orElse(name);
  }

  /** Several devices in one line. */
  public String of(List<String> names) {
    return String.join(", ", names.stream().map(this::of).toList());
  }
}
