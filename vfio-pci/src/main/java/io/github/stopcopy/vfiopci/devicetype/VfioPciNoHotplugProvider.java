package io.github.stopcopy.vfiopci.devicetype;

import com.google.auto.service.AutoService;
import io.github.stopcopy.core.guard.BuiltIn;
import io.github.stopcopy.core.profile.QemuProfile;
import io.github.stopcopy.core.property.PropertySchema;
import io.github.stopcopy.core.spi.DeviceTypeProvider;
import java.util.Map;
import java.util.Objects;

/** The device type {@code vfio-pci-nohotplug}, for devices with a framebuffer for the boot. */
@BuiltIn
@AutoService(DeviceTypeProvider.class)
public final class VfioPciNoHotplugProvider implements DeviceTypeProvider {

  private static final String NAME = "vfio-pci-nohotplug";
  private static final Map<QemuProfile, PropertySchema> SCHEMAS =
      VfioPciSchema.byRelease(NAME, false);

  /** For ServiceLoader. */
  public VfioPciNoHotplugProvider() {}

  @Override
  public String name() {
    return NAME;
  }

  @Override
  public PropertySchema properties(QemuProfile profile) {
    return Objects.requireNonNull(SCHEMAS.get(profile));
  }

  @Override
  public boolean hotpluggable() {
    return false;
  }
}
