package io.github.stopcopy.core.config;

import io.github.stopcopy.core.error.Result;
import io.github.stopcopy.core.host.HostFacts;
import io.github.stopcopy.core.profile.QemuProfile;
import java.util.List;

/**
 * Knows where a machine puts its memory, which depends on the release and the host's processor.
 * Pure: the same question gets the same answer.
 */
@FunctionalInterface
public interface MachineMemory {

  /** The plan, or the error with which QEMU ends before it realizes any device. */
  Result<MemoryPlan> plan(VmConfig vm, QemuProfile profile, HostFacts host);

  /** The same with what was seen once the firmware had finished, usually in a memory dump. */
  default MachineMemory withFirmware(List<PlacedRegion> seen) {
    return (vm, profile, host) -> {
      Result<MemoryPlan> plan = plan(vm, profile, host);
      return plan instanceof Result.Ok<MemoryPlan> ok
          ? Result.ok(ok.value().withFirmware(seen))
          : plan;
    };
  }

  /** The same plan whatever is asked. */
  static MachineMemory fixed(MemoryPlan plan) {
    return (vm, profile, host) -> Result.ok(plan);
  }
}
