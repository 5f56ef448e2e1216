package com.example.viommu;

import io.github.stopcopy.core.error.Result;
import io.github.stopcopy.core.profile.QemuProfile;
import io.github.stopcopy.core.property.PropertySchema;
import io.github.stopcopy.core.property.PropertyValues;
import io.github.stopcopy.core.spi.MachineFacts;
import io.github.stopcopy.core.spi.VirtualIommu;
import io.github.stopcopy.core.spi.VirtualIommuProvider;
import java.util.List;

/**
 * Binds {@code -device toy-iommu} to its model. The command finds it by the file {@code
 * META-INF/services/io.github.stopcopy.core.spi.VirtualIommuProvider}, which names this class.
 */
public final class ToyIommuProvider implements VirtualIommuProvider {

  private static final String DEVICE = "toy-iommu";

  @Override
  public String name() {
    return DEVICE;
  }

  /** It is the same in every release, and there is nothing to set. */
  @Override
  public PropertySchema properties(QemuProfile profile) {
    return new PropertySchema(DEVICE, List.of());
  }

  @Override
  public Result<VirtualIommu> realize(PropertyValues values, MachineFacts machine) {
    return Result.ok(new ToyIommu(machine));
  }
}
