package io.github.stopcopy.core.plugin.samples;

import io.github.stopcopy.core.profile.QemuProfile;
import io.github.stopcopy.core.property.PropertySchema;
import io.github.stopcopy.core.spi.DeviceTypeProvider;
import java.util.List;

/** Another device type as it should be. */
public final class SecondDevice implements DeviceTypeProvider {

  @Override
  public String name() {
    return "second-device";
  }

  @Override
  public PropertySchema properties(QemuProfile profile) {
    return new PropertySchema("SecondDevice", List.of());
  }
}
