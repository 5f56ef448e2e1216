package io.github.stopcopy.viommu.intel;

import com.google.auto.service.AutoService;
import io.github.stopcopy.core.error.Result;
import io.github.stopcopy.core.guard.BuiltIn;
import io.github.stopcopy.core.profile.QemuProfile;
import io.github.stopcopy.core.property.PropertySchema;
import io.github.stopcopy.core.property.PropertyValues;
import io.github.stopcopy.core.spi.MachineFacts;
import io.github.stopcopy.core.spi.VirtualIommu;
import io.github.stopcopy.core.spi.VirtualIommuProvider;

/** Binds {@code -device intel-iommu} to its model (R-VIO-1 .. R-VIO-25). */
@BuiltIn
@AutoService(VirtualIommuProvider.class)
public final class IntelIommuProvider implements VirtualIommuProvider {

  /** A provider; it has no state. */
  public IntelIommuProvider() {}

  @Override
  public String name() {
    return IntelProperties.DEVICE;
  }

  @Override
  public PropertySchema properties(QemuProfile profile) {
    return IntelProperties.of(profile);
  }

  /**
   * Realizes the device, checking in the order of R-VIO-2 and R-VIO-10 .. R-VIO-15. The kernel is
   * taken to have the X2APIC API, so the second text of R-VIO-13 never comes.
   */
  @Override
  public Result<VirtualIommu> realize(PropertyValues values, MachineFacts machine) {
    IntelBehaviour behaviour = IntelBehaviour.of(machine.profile());
    Result<IntelSettings> settings = IntelSettings.decide(values, machine, behaviour);
    if (settings instanceof Result.Failed<IntelSettings> failed) {
      return Result.failed(failed.error());
    }
    return Result.ok(
        new IntelIommu(((Result.Ok<IntelSettings>) settings).value(), machine, behaviour));
  }
}
