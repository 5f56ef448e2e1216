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

/** A vIOMMU of somebody else, which never translates. */
public final class IdleIommuProvider implements VirtualIommuProvider {

  private final String name;
  private final boolean showsMemory;
  private final boolean isMigratable;

  private IdleIommuProvider(String name, boolean showsMemory, boolean isMigratable) {
    this.name = name;
    this.showsMemory = showsMemory;
    this.isMigratable = isMigratable;
  }

  /** One behind which devices reach nothing. */
  static IdleIommuProvider closed() {
    return new IdleIommuProvider("closed-iommu", false, true);
  }

  /** One behind which devices reach all memory, and whose state cannot be saved. */
  static IdleIommuProvider frozen() {
    return new IdleIommuProvider("frozen-iommu", true, false);
  }

  @Override
  public String name() {
    return name;
  }

  @Override
  public PropertySchema properties(QemuProfile profile) {
    return new PropertySchema(name, List.of());
  }

  @Override
  public Result<VirtualIommu> realize(PropertyValues values, MachineFacts machine) {
    return Result.ok(new Idle(machine));
  }

  private final class Idle implements VirtualIommu {

    private final MachineFacts machine;
    private final Map<PciAddress, AddressSpace> spaces = new HashMap<>();

    Idle(MachineFacts machine) {
      this.machine = machine;
    }

    @Override
    public AddressSpace addressSpace(PciAddress requester) {
      return spaces.computeIfAbsent(requester, this::make);
    }

    private AddressSpace make(PciAddress requester) {
      MemoryRegion root = machine.memory().container(name, ByteSize.WHOLE_SPACE);
      if (showsMemory) {
        MemoryRegion system = machine.system().root();
        root.add(0, machine.memory().alias(name + "-system", system, 0, system.size()));
      }
      return machine.memory().addressSpace(name, root);
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
      return isMigratable ? Optional.empty() : Optional.of(name);
    }
  }
}
