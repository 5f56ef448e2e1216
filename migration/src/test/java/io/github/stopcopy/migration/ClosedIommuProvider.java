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
import java.util.List;

/** A vIOMMU of somebody else, behind which devices reach nothing until the guest maps it. */
public final class ClosedIommuProvider implements VirtualIommuProvider {

  @Override
  public String name() {
    return "closed-iommu";
  }

  @Override
  public PropertySchema properties(QemuProfile profile) {
    return new PropertySchema("closed-iommu", List.of());
  }

  @Override
  public Result<VirtualIommu> realize(PropertyValues values, MachineFacts machine) {
    return Result.ok(new Closed(machine));
  }

  private record Closed(MachineFacts machine) implements VirtualIommu {

    @Override
    public AddressSpace addressSpace(PciAddress requester) {
      MemoryRegion root = machine.memory().container("closed", ByteSize.WHOLE_SPACE);
      return machine.memory().addressSpace("closed", root);
    }

    @Override
    public ActionResult guest(GuestAction action) {
      return new ActionResult.Unsupported("it never translates");
    }

    @Override
    public IovaLimits limits() {
      return IovaLimits.ofBits(false, 39);
    }
  }
}
