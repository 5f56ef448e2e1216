package io.github.stopcopy.viommu.virtio;

import static io.github.stopcopy.core.profile.QemuProfile.V10_2;
import static io.github.stopcopy.core.profile.QemuProfile.V11_0;
import static io.github.stopcopy.core.profile.QemuProfile.V9_0;
import static io.github.stopcopy.core.profile.QemuProfile.V9_1;
import static io.github.stopcopy.core.profile.QemuProfile.V9_2;
import static io.github.stopcopy.core.property.PropertyDefinition.bool;
import static io.github.stopcopy.core.property.PropertyDefinition.onOffAuto;
import static io.github.stopcopy.core.property.PropertyDefinition.readOnly;
import static io.github.stopcopy.core.property.PropertyDefinition.text;
import static io.github.stopcopy.core.property.PropertyDefinition.unset;
import static io.github.stopcopy.core.property.PropertyDefinition.unsigned;

import io.github.stopcopy.core.profile.QemuProfile;
import io.github.stopcopy.core.property.OnOffAuto;
import io.github.stopcopy.core.property.PciProperties;
import io.github.stopcopy.core.property.PropertyDefinition;
import io.github.stopcopy.core.property.PropertySchema;
import io.github.stopcopy.core.property.PropertyType;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;

/**
 * The properties of virtio-iommu-pci (R-VIO-40). Those of a virtio device and of its place on PCI
 * are accepted because users set them; nothing in the model depends on them.
 */
final class VirtioProperties {

  static final String DEVICE = "virtio-iommu-pci";

  private static final List<PropertyDefinition> OWN =
      List.of(
          onOffAuto("disable-legacy", OnOffAuto.AUTO, "hide the interface before virtio 1.0"),
          bool("disable-modern", false, "hide the interface of virtio 1.0"),
          bool("migrate-extra", true, "migrate the state of virtio 1.0").until(V11_0),
          bool("modern-pio-notify", false, "notify through port I/O too"),
          bool("page-per-vq", false, "a page for each queue"),
          bool("ats", false, "address translation service"),
          bool("aer", false, "advanced error reporting"),
          bool("x-disable-pcie", false, "be a conventional PCI device").until(V11_0),
          bool("x-disable-legacy-check", false, "allow the old interface everywhere"),
          bool("x-ignore-backend-features", false, "offer what the backend lacks").until(V10_2),
          bool("x-ats-page-aligned", true, "translations are page aligned"),
          bool("x-pcie-deverr-init", true, "initialise device errors").until(V10_2),
          bool("x-pcie-lnkctl-init", true, "initialise link control").until(V10_2),
          bool("x-pcie-pm-init", true, "initialise power management").until(V10_2),
          bool("x-pcie-flr-init", true, "offer function level reset"),
          bool("x-pcie-pm-no-soft-reset", false, "keep state at power management").since(V9_1),
          bool("virtio-pci-bus-master-bug-migration", false, "as in 2.0"),
          bool("indirect_desc", true, "indirect descriptors"),
          bool("event_idx", true, "event index"),
          bool("notify_on_empty", true, "notify when a queue runs empty"),
          bool("any_layout", true, "any layout of descriptors"),
          bool("iommu_platform", false, "requests go through an IOMMU"),
          bool("packed", false, "packed queues"),
          bool("queue_reset", true, "reset of single queues"),
          bool("in_order", false, "descriptors are used in order").since(V9_2),
          bool("use-started", true, "keep whether it was started"),
          bool("use-disabled-flag", true, "keep whether it was disabled"),
          unsigned("class", 32, 0, "PCI class"),
          readOnly("virtio-backend", "child<virtio-iommu-device>", "the device behind"),
          unset("reserved-regions", new PropertyType.Array(), "what is not translated").since(V9_0),
          text("primary-bus", "the bus whose devices are behind it"),
          bool("boot-bypass", true, "let devices through until the guest's driver is there"),
          new PropertyDefinition(
                  "granule",
                  new PropertyType.Choice(List.of("4k", "8k", "16k", "64k", "host")),
                  Optional.of("host"),
                  "the smallest page; 4k for machine types up to 8.2")
              .since(V9_0),
          unsigned("aw-bits", 8, 64, "address width; 39 for q35 from machine type 9.0 on")
              .since(V9_0));

  private static final Map<QemuProfile, PropertySchema> SCHEMAS =
      PropertySchema.byRelease(DEVICE, all());

  private VirtioProperties() {}

  static PropertySchema of(QemuProfile profile) {
    return Objects.requireNonNull(SCHEMAS.get(profile));
  }

  private static List<PropertyDefinition> all() {
    List<PropertyDefinition> all = new ArrayList<>(PciProperties.common());
    all.addAll(OWN);
    return all;
  }
}
