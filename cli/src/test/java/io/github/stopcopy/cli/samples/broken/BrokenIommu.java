package io.github.stopcopy.cli.samples.broken;

import io.github.stopcopy.core.error.Result;
import io.github.stopcopy.core.profile.QemuProfile;
import io.github.stopcopy.core.property.PropertySchema;
import io.github.stopcopy.core.property.PropertyValues;
import io.github.stopcopy.core.spi.MachineFacts;
import io.github.stopcopy.core.spi.VirtualIommu;
import io.github.stopcopy.core.spi.VirtualIommuProvider;
import java.util.List;

/** A vIOMMU model that cannot be realized. */
public final class BrokenIommu implements VirtualIommuProvider {

  @Override
  public String name() {
    return "broken-iommu";
  }

  @Override
  public PropertySchema properties(QemuProfile profile) {
    return new PropertySchema(name(), List.of());
  }

  @Override
  public Result<VirtualIommu> realize(PropertyValues values, MachineFacts machine) {
    throw new NoClassDefFoundError("com/example/Table");
  }
}
