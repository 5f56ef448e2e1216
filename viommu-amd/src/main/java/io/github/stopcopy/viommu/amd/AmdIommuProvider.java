package io.github.stopcopy.viommu.amd;

import com.google.auto.service.AutoService;
import io.github.stopcopy.core.error.QemuError;
import io.github.stopcopy.core.error.Result;
import io.github.stopcopy.core.guard.BuiltIn;
import io.github.stopcopy.core.profile.QemuProfile;
import io.github.stopcopy.core.property.PropertyDefinition;
import io.github.stopcopy.core.property.PropertySchema;
import io.github.stopcopy.core.property.PropertyValues;
import io.github.stopcopy.core.spi.MachineFacts;
import io.github.stopcopy.core.spi.VirtualIommu;
import io.github.stopcopy.core.spi.VirtualIommuProvider;
import io.github.stopcopy.core.viommu.X86IommuBase;
import java.util.ArrayList;
import java.util.List;

/** Binds {@code -device amd-iommu} to its model (R-VIO-1, R-VIO-2, R-VIO-30 .. R-VIO-36). */
@BuiltIn
@AutoService(VirtualIommuProvider.class)
public final class AmdIommuProvider implements VirtualIommuProvider {

  static final String DEVICE = "amd-iommu";

  /** More virtual CPUs than this need APIC ids that only xtsup reaches. */
  private static final int MAX_VCPUS_WITHOUT_XTSUP = 255;

  /** A provider; it has no state. */
  public AmdIommuProvider() {}

  @Override
  public String name() {
    return DEVICE;
  }

  @Override
  public PropertySchema properties(QemuProfile profile) {
    List<PropertyDefinition> all = new ArrayList<>(X86IommuBase.properties());
    if (AmdBehaviour.of(profile).remapsDma()) {
      all.add(X86IommuBase.DMA_TRANSLATION);
      all.add(PropertyDefinition.bool("xtsup", false, "reach APIC ids above 255"));
      all.add(PropertyDefinition.text("pci-id", "the PCI device that stands for the IOMMU"));
      all.add(PropertyDefinition.bool("dma-remap", false, "tell assigned devices of mappings"));
    }
    return new PropertySchema(DEVICE, all);
  }

  /** Realizes the device, with the checks of R-VIO-2 and R-VIO-35. */
  @Override
  public Result<VirtualIommu> realize(PropertyValues values, MachineFacts machine) {
    AmdBehaviour behaviour = AmdBehaviour.of(machine.profile());
    Result<Boolean> base = X86IommuBase.interruptRemapping(values, machine);
    if (base instanceof Result.Failed<Boolean> failed) {
      return Result.failed(failed.error());
    }
    if (values.has("xtsup") && !values.bool("xtsup") && machine.vcpus() > MAX_VCPUS_WITHOUT_XTSUP) {
      return Result.failed(QemuError.of("AMD IOMMU with x2APIC configuration requires xtsup=on"));
    }
    boolean canTranslate =
        !behaviour.remapsDma() || values.bool("dma-translation") && values.bool("dma-remap");
    return Result.ok(new AmdIommu(machine, behaviour, values.bool("dma-remap"), canTranslate));
  }
}
