package io.github.stopcopy.core.plugin.samples;

import io.github.stopcopy.core.profile.QemuProfile;
import io.github.stopcopy.core.property.PropertySchema;
import io.github.stopcopy.core.spi.DeviceTypeProvider;
import java.util.List;

/** Has no name. */
public final class NamelessDevice implements DeviceTypeProvider {

  @Override
  public String name() {
    return null;
  }

  @Override
  public PropertySchema properties(QemuProfile profile) {
    return new PropertySchema("NamelessDevice", List.of());
  }
}
