package io.github.stopcopy.migration;

import io.github.stopcopy.core.error.Result;
import io.github.stopcopy.core.profile.QemuProfile;
import io.github.stopcopy.core.property.PropertySchema;
import io.github.stopcopy.core.property.PropertyValues;
import io.github.stopcopy.core.spi.MachineFacts;
import io.github.stopcopy.core.spi.VirtualIommu;
import io.github.stopcopy.core.spi.VirtualIommuProvider;
import io.github.stopcopy.viommu.intel.IntelIommuProvider;

/** Intel's vIOMMU, which counts how often it is realized: once for each VM with it. */
public class CountingIommuProvider implements VirtualIommuProvider {

  private final IntelIommuProvider intel = new IntelIommuProvider();
  private int realized;

  /** How often. */
  public final int realized() {
    return realized;
  }

  @Override
  public String name() {
    return intel.name();
  }

  @Override
  public PropertySchema properties(QemuProfile profile) {
    return intel.properties(profile);
  }

  @Override
  public Result<VirtualIommu> realize(PropertyValues values, MachineFacts machine) {
    realized++;
    return intel.realize(values, machine);
  }
}
