package io.github.stopcopy.vfiopci.devicetype;

import com.google.auto.service.AutoService;
import io.github.stopcopy.core.guard.BuiltIn;
import io.github.stopcopy.core.profile.QemuProfile;
import io.github.stopcopy.core.property.PropertySchema;
import io.github.stopcopy.core.spi.DeviceTypeProvider;

/** The device type {@code vfio-pci}. */
@BuiltIn
@AutoService(DeviceTypeProvider.class)
public final class VfioPciProvider implements DeviceTypeProvider {

  /** For ServiceLoader. */
  public VfioPciProvider() {}

  @Override
  public String name() {
    return "vfio-pci";
  }

  @Override
  public PropertySchema properties(QemuProfile profile) {
    return VfioPciSchema.of(name(), profile, true);
  }
}
