package io.github.stopcopy.core.plugin.samples;

import io.github.stopcopy.core.profile.QemuProfile;
import io.github.stopcopy.core.property.PropertySchema;
import io.github.stopcopy.core.spi.DeviceTypeProvider;
import java.util.List;

/** Cannot be made. */
public final class ThrowingDevice implements DeviceTypeProvider {

  /** Fails. */
  public ThrowingDevice() {
    throw new IllegalStateException("cannot be made");
  }

  @Override
  public String name() {
    return "throwing-device";
  }

  @Override
  public PropertySchema properties(QemuProfile profile) {
    return new PropertySchema("ThrowingDevice", List.of());
  }
}
