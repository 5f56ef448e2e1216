package io.github.stopcopy.migration;

import io.github.stopcopy.core.address.ByteSize;
import io.github.stopcopy.core.address.PciAddress;
import io.github.stopcopy.core.error.Result;
import io.github.stopcopy.core.memory.AddressSpace;
import io.github.stopcopy.core.memory.MemoryRegion;
import io.github.stopcopy.core.profile.QemuProfile;
import io.github.stopcopy.core.property.PropertySchema;
import io.github.stopcopy.core.property.PropertyValues;
import io.github.stopcopy.core.spi.ActionResult;
import io.github.stopcopy.core.spi.GuestAction;
import io.github.stopcopy.core.spi.IovaLimits;
import io.github.stopcopy.core.spi.MachineFacts;
import io.github.stopcopy.core.spi.VirtualIommu;
import io.github.stopcopy.core.spi.VirtualIommuProvider;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** A vIOMMU of somebody else, which never translates and whose state cannot be saved. */
public final class FrozenIommuProvider implements VirtualIommuProvider {

  @Override
  public String name() {
    return "frozen-iommu";
  }

  @Override
  public PropertySchema properties(QemuProfile profile) {
    return new PropertySchema("frozen-iommu", List.of());
  }

  @Override
  public Result<VirtualIommu> realize(PropertyValues values, MachineFacts machine) {
    return Result.ok(new Frozen(machine));
  }

  private static final class Frozen implements VirtualIommu {

    private final MachineFacts machine;
    private final Map<PciAddress, AddressSpace> spaces = new HashMap<>();

    Frozen(MachineFacts machine) {
      this.machine = machine;
    }

    @Override
    public AddressSpace addressSpace(PciAddress requester) {
      return spaces.computeIfAbsent(requester, this::make);
    }

    private AddressSpace make(PciAddress requester) {
      MemoryRegion root = machine.memory().container("frozen", ByteSize.WHOLE_SPACE);
      MemoryRegion system = machine.system().root();
      root.add(0, machine.memory().alias("frozen-system", system, 0, system.size()));
      return machine.memory().addressSpace("frozen", root);
    }

    @Override
    public ActionResult guest(GuestAction action) {
      return new ActionResult.Unsupported("it never translates");
    }

    @Override
    public IovaLimits limits() {
      return IovaLimits.ofBits(false, 39);
    }

    @Override
    public Optional<String> nonMigratable() {
      return Optional.of("frozen-iommu");
    }
  }
}
