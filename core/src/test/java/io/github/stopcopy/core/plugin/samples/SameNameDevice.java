package io.github.stopcopy.core.plugin.samples;

import io.github.stopcopy.core.profile.QemuProfile;
import io.github.stopcopy.core.property.PropertySchema;
import io.github.stopcopy.core.spi.DeviceTypeProvider;
import java.util.List;

/** Takes the name of {@link GoodDevice}. */
public final class SameNameDevice implements DeviceTypeProvider {

  @Override
  public String name() {
    return "good-device";
  }

  @Override
  public PropertySchema properties(QemuProfile profile) {
    return new PropertySchema("SameNameDevice", List.of());
  }
}
