package io.github.stopcopy.core.plugin.samples;

import io.github.stopcopy.core.profile.QemuProfile;
import io.github.stopcopy.core.property.PropertySchema;
import io.github.stopcopy.core.spi.DeviceTypeProvider;
import java.util.List;

/** A device type whose name never ends. */
public final class DeepNameDevice implements DeviceTypeProvider {

  @Override
  public String name() {
    return name();
  }

  @Override
  public PropertySchema properties(QemuProfile profile) {
    return new PropertySchema("DeepNameDevice", List.of());
  }
}
