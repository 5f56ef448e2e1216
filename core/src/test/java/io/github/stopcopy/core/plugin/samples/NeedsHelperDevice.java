package io.github.stopcopy.core.plugin.samples;

import io.github.stopcopy.core.profile.QemuProfile;
import io.github.stopcopy.core.property.PropertySchema;
import io.github.stopcopy.core.spi.DeviceTypeProvider;
import java.util.List;

/** Needs a class that its jar does not hold. */
public final class NeedsHelperDevice implements DeviceTypeProvider {

  private final Helper helper = new Helper();

  @Override
  public String name() {
    return helper.name;
  }

  @Override
  public PropertySchema properties(QemuProfile profile) {
    return new PropertySchema("NeedsHelperDevice", List.of());
  }
}
