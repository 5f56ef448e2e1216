package io.github.stopcopy.core.plugin.samples;

import io.github.stopcopy.core.profile.QemuProfile;
import io.github.stopcopy.core.property.PropertySchema;
import io.github.stopcopy.core.spi.DeviceTypeProvider;
import java.util.List;

/** Cannot say its name. */
public final class ThrowingNameDevice implements DeviceTypeProvider {

  @Override
  public String name() {
    throw new IllegalStateException("no name today\nnor tomorrow");
  }

  @Override
  public PropertySchema properties(QemuProfile profile) {
    return new PropertySchema("ThrowingNameDevice", List.of());
  }
}
