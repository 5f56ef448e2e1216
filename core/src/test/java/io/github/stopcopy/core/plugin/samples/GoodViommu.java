package io.github.stopcopy.core.plugin.samples;

import io.github.stopcopy.core.error.QemuError;
import io.github.stopcopy.core.error.Result;
import io.github.stopcopy.core.profile.QemuProfile;
import io.github.stopcopy.core.property.PropertySchema;
import io.github.stopcopy.core.property.PropertyValues;
import io.github.stopcopy.core.spi.MachineFacts;
import io.github.stopcopy.core.spi.VirtualIommu;
import io.github.stopcopy.core.spi.VirtualIommuProvider;
import java.util.List;

/** A vIOMMU as it should be, with a name of one's choice. */
public final class GoodViommu implements VirtualIommuProvider {

  private final String name;

  /** For ServiceLoader. */
  public GoodViommu() {
    this("good-viommu");
  }

  /** With another name. */
  public GoodViommu(String name) {
    this.name = name;
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
    return Result.failed(QemuError.of("not today"));
  }
}
