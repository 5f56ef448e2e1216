package io.github.stopcopy.viommu.intel;

import static io.github.stopcopy.core.profile.QemuProfile.V10_0;
import static io.github.stopcopy.core.profile.QemuProfile.V10_2;
import static io.github.stopcopy.core.profile.QemuProfile.V11_0;
import static io.github.stopcopy.core.profile.QemuProfile.V11_1;
import static io.github.stopcopy.core.profile.QemuProfile.V9_2;
import static io.github.stopcopy.core.property.PropertyDefinition.bool;
import static io.github.stopcopy.core.property.PropertyDefinition.onOffAuto;
import static io.github.stopcopy.core.property.PropertyDefinition.unsigned;

import io.github.stopcopy.core.profile.QemuProfile;
import io.github.stopcopy.core.property.OnOffAuto;
import io.github.stopcopy.core.property.PropertyDefinition;
import io.github.stopcopy.core.property.PropertySchema;
import io.github.stopcopy.core.property.PropertyValues;
import io.github.stopcopy.core.viommu.X86IommuBase;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/**
 * The properties of intel-iommu (spec 06 §2, R-REL-A3.5, R-REL-A3.6), those of the base class
 * first.
 */
final class IntelProperties {

  static final String DEVICE = "intel-iommu";

  private static final List<PropertyDefinition> OWN =
      List.of(
          X86IommuBase.DMA_TRANSLATION,
          unsigned("version", 32, 0, "version register"),
          onOffAuto("eim", OnOffAuto.AUTO, "extended interrupt mode"),
          bool("x-buggy-eim", false, "extended interrupt mode as in 2.7").until(V10_2),
          unsigned("aw-bits", 8, 39, "address width").until(V9_2),
          unsigned("aw-bits", 8, 48, "address width; 39 for machine types up to 9.1").since(V10_0),
          bool("caching-mode", false, "have the guest tell of new mappings"),
          bool("x-scalable-mode", false, "scalable mode").until(V11_0),
          bool("scalable-mode", false, "scalable mode").since(V11_1),
          bool("x-pasid-mode", false, "address spaces per process").until(V11_0),
          unsigned("pasid-bits", 8, 0, "address spaces per process, 0: none").since(V11_1),
          bool("snoop-control", false, "snoop control"),
          bool("dma-drain", true, "drain DMA at invalidations").until(V11_0),
          bool("x-flts", false, "first-level translation").since(V10_0).until(V11_0),
          bool("fsts", false, "first-stage translation").since(V11_1),
          bool("stale-tm", false, "keep the stale TM bit; on for machine types up to 9.1")
              .since(V9_2),
          bool("fs1gp", true, "first-level pages of 1 GiB").since(V10_0),
          bool("svm", false, "shared virtual memory").since(V11_0));

  private static final Map<QemuProfile, PropertySchema> SCHEMAS =
      PropertySchema.byRelease(DEVICE, all());

  private IntelProperties() {}

  static PropertySchema of(QemuProfile profile) {
    return Objects.requireNonNull(SCHEMAS.get(profile));
  }

  private static List<PropertyDefinition> all() {
    List<PropertyDefinition> all = new ArrayList<>(X86IommuBase.properties());
    all.addAll(OWN);
    return all;
  }

  /** Whether scalable mode is on, under its name of the release. */
  static boolean isScalable(PropertyValues values) {
    return values.bool("x-scalable-mode") || values.bool("scalable-mode");
  }

  /** Whether the guest's first-stage tables may be used, under the name of the release. */
  static boolean isFirstStage(PropertyValues values) {
    return values.bool("x-flts") || values.bool("fsts");
  }

  /** How many bits an identifier of a process has; older releases know none or all 20. */
  static int pasidBits(PropertyValues values) {
    if (values.has("pasid-bits")) {
      return Math.toIntExact(values.number("pasid-bits"));
    }
    return values.bool("x-pasid-mode") ? 20 : 0;
  }
}
