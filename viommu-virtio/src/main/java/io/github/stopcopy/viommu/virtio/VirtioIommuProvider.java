package io.github.stopcopy.viommu.virtio;

import com.google.auto.service.AutoService;
import io.github.stopcopy.core.config.MachineTypes;
import io.github.stopcopy.core.error.QemuError;
import io.github.stopcopy.core.error.Result;
import io.github.stopcopy.core.guard.BuiltIn;
import io.github.stopcopy.core.profile.QemuProfile;
import io.github.stopcopy.core.property.PropertySchema;
import io.github.stopcopy.core.property.PropertyValues;
import io.github.stopcopy.core.spi.MachineFacts;
import io.github.stopcopy.core.spi.VirtualIommu;
import io.github.stopcopy.core.spi.VirtualIommuProvider;

/** Binds {@code -device virtio-iommu-pci} to its model (R-VIO-40 .. R-VIO-43). */
@BuiltIn
@AutoService(VirtualIommuProvider.class)
public final class VirtioIommuProvider implements VirtualIommuProvider {

  /** The page size of targets and of hosts: x86 has no other. */
  private static final long PAGE = 4096;

  /** A provider; it has no state. */
  public VirtioIommuProvider() {}

  @Override
  public String name() {
    return VirtioProperties.DEVICE;
  }

  @Override
  public PropertySchema properties(QemuProfile profile) {
    return VirtioProperties.of(profile);
  }

  /**
   * Realizes the device. Like every PCI device it is on a bus here, so the text of R-VIO-44 never
   * comes.
   */
  @Override
  public Result<VirtualIommu> realize(PropertyValues values, MachineFacts machine) {
    VirtioBehaviour behaviour = VirtioBehaviour.of(machine.profile());
    int addressBits = 64;
    long granule = PAGE;
    if (behaviour.sizesAreProperties()) {
      boolean oldMachine = MachineTypes.isAtMost(machine.machineType(), 8, 2);
      boolean narrow =
          !values.isGiven("aw-bits") && MachineTypes.isQ35(machine.machineType()) && !oldMachine;
      addressBits = narrow ? 39 : Math.toIntExact(values.number("aw-bits"));
      granule = oldMachine && !values.isGiven("granule") ? 4096 : granule(values);
    }
    if (addressBits < 32 || addressBits > 64) {
      return Result.failed(QemuError.of("aw-bits must be within [32,64]"));
    }
    return Result.ok(
        new VirtioIommu(
            machine, behaviour, addressBits, new PageSizes(-granule), values.bool("boot-bypass")));
  }

  private static long granule(PropertyValues values) {
    return switch (values.text("granule").orElseThrow()) {
      case "4k" -> 4096;
      case "8k" -> 8192;
      case "16k" -> 16384;
      case "64k" -> 65536;
      default -> PAGE;
    };
  }
}
