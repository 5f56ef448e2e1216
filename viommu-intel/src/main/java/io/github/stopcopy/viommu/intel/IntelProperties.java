package io.github.stopcopy.viommu.intel;

import io.github.stopcopy.core.property.OnOffAuto;
import io.github.stopcopy.core.property.PropertyDefinition;
import io.github.stopcopy.core.property.PropertySchema;
import io.github.stopcopy.core.viommu.X86IommuBase;
import java.util.ArrayList;
import java.util.List;

/** The properties of intel-iommu (spec 06 §2), those of the base class first. */
final class IntelProperties {

  static final String DEVICE = "intel-iommu";

  private IntelProperties() {}

  static PropertySchema of(IntelBehaviour behaviour) {
    List<PropertyDefinition> all = new ArrayList<>(X86IommuBase.properties());
    all.add(X86IommuBase.DMA_TRANSLATION);
    all.add(PropertyDefinition.unsigned("version", 32, 0, "version register"));
    all.add(PropertyDefinition.onOffAuto("eim", OnOffAuto.AUTO, "extended interrupt mode"));
    all.add(PropertyDefinition.bool("x-buggy-eim", false, "extended interrupt mode as in 2.7"));
    all.add(
        PropertyDefinition.unsigned(
            "aw-bits",
            8,
            behaviour.defaultAwBits(),
            behaviour.hasFirstLevelTables()
                ? "address width; 39 for machine types up to 9.1"
                : "address width"));
    all.add(PropertyDefinition.bool("caching-mode", false, "have the guest tell of new mappings"));
    all.add(PropertyDefinition.bool("x-scalable-mode", false, "scalable mode"));
    all.add(PropertyDefinition.bool("x-pasid-mode", false, "address spaces per process"));
    all.add(PropertyDefinition.bool("snoop-control", false, "snoop control"));
    all.add(PropertyDefinition.bool("dma-drain", true, "drain DMA at invalidations"));
    if (behaviour.hasFirstLevelTables()) {
      all.add(PropertyDefinition.bool("x-flts", false, "first-level translation"));
      all.add(
          PropertyDefinition.bool(
              "stale-tm", false, "keep the stale TM bit; on for machine types up to 9.1"));
      all.add(PropertyDefinition.bool("fs1gp", true, "first-level pages of 1 GiB"));
    }
    return new PropertySchema(DEVICE, all);
  }
}
