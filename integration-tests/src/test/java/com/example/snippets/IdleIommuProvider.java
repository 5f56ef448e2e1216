package com.example.snippets;

import io.github.stopcopy.core.error.Result;
import io.github.stopcopy.core.profile.QemuProfile;
import io.github.stopcopy.core.property.PropertyDefinition;
import io.github.stopcopy.core.property.PropertySchema;
import io.github.stopcopy.core.property.PropertyValues;
import io.github.stopcopy.core.spi.MachineFacts;
import io.github.stopcopy.core.spi.VirtualIommu;
import io.github.stopcopy.core.spi.VirtualIommuProvider;
import java.util.List;

// @start region=viommu-provider
/** Binds {@code -device idle-iommu} to its model. */
public final class IdleIommuProvider implements VirtualIommuProvider {

  @Override
  public String name() {
    return "idle-iommu";
  }

  @Override
  public PropertySchema properties(QemuProfile profile) {
    return new PropertySchema(
        name(), List.of(PropertyDefinition.bool("intremap", true, "remap interrupts")));
  }

  @Override
  public Result<VirtualIommu> realize(PropertyValues values, MachineFacts machine) {
    return Result.ok(new IdleIommu(machine));
  }
}
// @end
