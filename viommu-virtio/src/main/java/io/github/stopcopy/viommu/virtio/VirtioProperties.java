package io.github.stopcopy.viommu.virtio;

import static io.github.stopcopy.core.property.PropertyDefinition.bool;
import static io.github.stopcopy.core.property.PropertyDefinition.onOffAuto;
import static io.github.stopcopy.core.property.PropertyDefinition.text;
import static io.github.stopcopy.core.property.PropertyDefinition.unsigned;

import io.github.stopcopy.core.property.OnOffAuto;
import io.github.stopcopy.core.property.PciProperties;
import io.github.stopcopy.core.property.PropertyDefinition;
import io.github.stopcopy.core.property.PropertySchema;
import io.github.stopcopy.core.property.PropertyType;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * The properties of virtio-iommu-pci (R-VIO-40). Those of a virtio device and of its place on PCI
 * are accepted because users set them; nothing in the model depends on them.
 */
final class VirtioProperties {

  static final String DEVICE = "virtio-iommu-pci";

  private static final List<PropertyDefinition> VIRTIO =
      List.of(
          bool("ioeventfd", true, "notify through eventfd"),
          unsigned("vectors", 32, 0xffffffffL, "MSI-X vectors"),
          onOffAuto("disable-legacy", OnOffAuto.AUTO, "hide the interface before virtio 1.0"),
          bool("disable-modern", false, "hide the interface of virtio 1.0"),
          bool("migrate-extra", true, "migrate the state of virtio 1.0"),
          bool("modern-pio-notify", false, "notify through port I/O too"),
          bool("page-per-vq", false, "a page for each queue"),
          bool("ats", false, "address translation service"),
          bool("aer", false, "advanced error reporting"),
          bool("x-disable-pcie", false, "be a conventional PCI device"),
          bool("indirect_desc", true, "indirect descriptors"),
          bool("event_idx", true, "event index"),
          bool("notify_on_empty", true, "notify when a queue runs empty"),
          bool("any_layout", true, "any layout of descriptors"),
          bool("iommu_platform", false, "requests go through an IOMMU"),
          bool("packed", false, "packed queues"),
          bool("queue_reset", true, "reset of single queues"),
          bool("use-started", true, "keep whether it was started"),
          bool("use-disabled-flag", true, "keep whether it was disabled"));

  private VirtioProperties() {}

  static PropertySchema of(VirtioBehaviour behaviour) {
    List<PropertyDefinition> all = new ArrayList<>(PciProperties.common());
    all.addAll(VIRTIO);
    all.add(text("primary-bus", "the bus whose devices are behind it"));
    all.add(bool("boot-bypass", true, "let devices through until the guest's driver is there"));
    if (behaviour.sizesAreProperties()) {
      all.add(
          new PropertyDefinition(
              "granule",
              new PropertyType.Choice(List.of("4k", "8k", "16k", "64k", "host")),
              Optional.of("host"),
              "the smallest page; 4k for machine types up to 9.0"));
      all.add(unsigned("aw-bits", 8, 64, "address width; 39 for q35"));
    }
    return new PropertySchema(DEVICE, all);
  }
}
