package io.github.stopcopy.viommu.amd;

import static io.github.stopcopy.core.profile.QemuProfile.V10_1;
import static io.github.stopcopy.core.profile.QemuProfile.V10_2;
import static io.github.stopcopy.core.profile.QemuProfile.V9_0;

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
import java.util.Map;
import java.util.Objects;

/** Binds {@code -device amd-iommu} to its model (R-VIO-1, R-VIO-2, R-VIO-30 .. R-VIO-36). */
@BuiltIn
@AutoService(VirtualIommuProvider.class)
public final class AmdIommuProvider implements VirtualIommuProvider {

  static final String DEVICE = "amd-iommu";

  private static final List<PropertyDefinition> OWN =
      List.of(
          X86IommuBase.DMA_TRANSLATION.since(V10_2),
          PropertyDefinition.bool("xtsup", false, "reach APIC ids above 255").since(V9_0),
          PropertyDefinition.text("pci-id", "the PCI device that stands for the IOMMU")
              .since(V10_1),
          PropertyDefinition.bool("dma-remap", false, "tell assigned devices of mappings")
              .since(V10_2));

  private static final Map<QemuProfile, PropertySchema> SCHEMAS =
      PropertySchema.byRelease(DEVICE, all());

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
    return Objects.requireNonNull(SCHEMAS.get(profile));
  }

  private static List<PropertyDefinition> all() {
    List<PropertyDefinition> all = new ArrayList<>(X86IommuBase.properties());
    all.addAll(OWN);
    return all;
  }

  /** Realizes the device, with the checks of R-VIO-2 and R-VIO-35. */
  @Override
  public Result<VirtualIommu> realize(PropertyValues values, MachineFacts machine) {
    AmdBehaviour behaviour = AmdBehaviour.of(machine.profile());
    Result<Boolean> base = X86IommuBase.interruptRemapping(values, machine);
    if (base instanceof Result.Failed<Boolean> failed) {
      return Result.failed(failed.error());
    }
    if (!values.bool("xtsup")
        && machine.vcpus() > MAX_VCPUS_WITHOUT_XTSUP
        && behaviour.tooManyCpus().isPresent()) {
      return Result.failed(QemuError.of(behaviour.tooManyCpus().get()));
    }
    boolean canTranslate =
        !behaviour.remapsDma() || values.bool("dma-translation") && values.bool("dma-remap");
    boolean passesThrough = behaviour.passesThroughWithPt() && values.bool("pt");
    boolean canBeSaved = behaviour.savedThroughPciFunction() && values.text("pci-id").isPresent();
    return Result.ok(
        new AmdIommu(
            machine,
            behaviour,
            values.bool("dma-remap"),
            behaviour.remapsDma() || passesThrough,
            canTranslate,
            canBeSaved));
  }
}
