package io.github.stopcopy.vfiopci.devicetype;

import com.google.auto.service.AutoService;
import io.github.stopcopy.core.guard.BuiltIn;
import io.github.stopcopy.core.profile.QemuProfile;
import io.github.stopcopy.core.property.PropertySchema;
import io.github.stopcopy.core.spi.DeviceTypeProvider;

/** The device type {@code vfio-pci-nohotplug}, for devices with a framebuffer for the boot. */
@BuiltIn
@AutoService(DeviceTypeProvider.class)
public final class VfioPciNoHotplugProvider implements DeviceTypeProvider {

  /** For ServiceLoader. */
  public VfioPciNoHotplugProvider() {}

  @Override
  public String name() {
    return "vfio-pci-nohotplug";
  }

  @Override
  public PropertySchema properties(QemuProfile profile) {
    return VfioPciSchema.of(name(), profile, false);
  }

  @Override
  public boolean hotpluggable() {
    return false;
  }
}
