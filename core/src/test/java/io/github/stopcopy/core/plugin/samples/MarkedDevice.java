package io.github.stopcopy.core.plugin.samples;

import io.github.stopcopy.core.guard.BuiltIn;
import io.github.stopcopy.core.profile.QemuProfile;
import io.github.stopcopy.core.property.PropertySchema;
import io.github.stopcopy.core.spi.DeviceTypeProvider;
import java.util.List;

/** A device type that says it comes with the project. */
@BuiltIn
public final class MarkedDevice implements DeviceTypeProvider {

  @Override
  public String name() {
    return "marked-device";
  }

  @Override
  public PropertySchema properties(QemuProfile profile) {
    return new PropertySchema("MarkedDevice", List.of());
  }
}
