package io.github.stopcopy.qemu.libvirt;

import io.github.stopcopy.core.error.InputException;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Reads {@code <iommu>}. */
final class IommuReader {

  private static final String ID = "iommu0";

  /** Attributes that are properties which QEMU reads as on, off or auto. */
  private static final Map<String, String> ON_OFF_AUTO =
      Map.of("intremap", "intremap", "eim", "eim");

  /** Attributes that are properties which QEMU reads as booleans. */
  private static final Map<String, String> BOOLEANS =
      Map.of(
          "caching_mode", "caching-mode",
          "iotlb", "device-iotlb",
          "dma_translation", "dma-translation",
          "xtsup", "xtsup",
          "passthrough", "pt");

  private final PciPlaces places;
  private final List<String> notes;

  IommuReader(PciPlaces places, List<String> notes) {
    this.places = places;
    this.notes = notes;
  }

  QemuDevice read(XmlElement iommu) throws InputException {
    String model = iommu.required("model");
    String driver =
        switch (model) {
          case "intel" -> "intel-iommu";
          case "amd" -> "amd-iommu";
          case "virtio" -> "virtio-iommu";
          default ->
              throw iommu.wrong(
                  "model='" + model + "' is not modelled, expected intel, amd or virtio");
        };
    QemuDevice device = QemuDevice.device(iommu, driver, Aliases.of(iommu).orElse(ID));
    Optional<XmlElement> options = iommu.first("driver");
    if (options.isPresent()) {
      options(options.get(), device);
    }
    if (model.equals("virtio")) {
      places.place(device, iommu);
    }
    return device;
  }

  private void options(XmlElement options, QemuDevice device) throws InputException {
    for (String attribute : options.attributes().keySet()) {
      if (ON_OFF_AUTO.containsKey(attribute)) {
        boolean on = options.flag(attribute, "on", "off").orElseThrow();
        device.with(ON_OFF_AUTO.get(attribute), on ? "on" : "off");
      } else if (BOOLEANS.containsKey(attribute)) {
        device.with(BOOLEANS.get(attribute), options.flag(attribute, "on", "off").orElseThrow());
      } else if (attribute.equals("aw_bits")) {
        // QEMU has a bound of its own, and says so
        device.with("aw-bits", options.decimal(attribute, 0, Integer.MAX_VALUE));
      } else {
        notes.add(
            options.note(
                "The vIOMMU's "
                    + attribute
                    + "='"
                    + options.required(attribute)
                    + "' is not understood; the answer may miss what it does."));
      }
    }
    Optional<XmlElement> granule = options.first("granule");
    if (granule.isPresent()) {
      device.with("granule", granule(granule.get()));
    }
  }

  private static String granule(XmlElement granule) throws InputException {
    if (granule.optional("mode").isPresent()) {
      granule.flag("mode", "host", "host");
      return "host";
    }
    int size = granule.number("size", 1, 64);
    if (!granule.attributes().getOrDefault("unit", "KiB").equals("KiB")) {
      throw granule.wrong("unit is not KiB, expected 4, 8, 16 or 64 KiB");
    }
    return size + "k";
  }
}
