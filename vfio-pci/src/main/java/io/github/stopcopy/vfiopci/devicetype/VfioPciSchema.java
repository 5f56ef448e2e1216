package io.github.stopcopy.vfiopci.devicetype;

import static io.github.stopcopy.core.profile.QemuProfile.V10_0;
import static io.github.stopcopy.core.profile.QemuProfile.V10_1;
import static io.github.stopcopy.core.profile.QemuProfile.V11_0;
import static io.github.stopcopy.core.profile.QemuProfile.V11_1;
import static io.github.stopcopy.core.profile.QemuProfile.V8_1_IOMMU_PT;
import static io.github.stopcopy.core.profile.QemuProfile.V8_2;
import static io.github.stopcopy.core.profile.QemuProfile.V9_0;
import static io.github.stopcopy.core.profile.QemuProfile.V9_1;
import static io.github.stopcopy.core.property.OnOffAuto.AUTO;
import static io.github.stopcopy.core.property.OnOffAuto.OFF;
import static io.github.stopcopy.core.property.OnOffAuto.ON;
import static io.github.stopcopy.core.property.PropertyDefinition.bool;
import static io.github.stopcopy.core.property.PropertyDefinition.onOffAuto;
import static io.github.stopcopy.core.property.PropertyDefinition.text;
import static io.github.stopcopy.core.property.PropertyDefinition.unset;
import static io.github.stopcopy.core.property.PropertyDefinition.unsigned;

import io.github.stopcopy.core.profile.QemuProfile;
import io.github.stopcopy.core.property.PciProperties;
import io.github.stopcopy.core.property.PropertyDefinition;
import io.github.stopcopy.core.property.PropertySchema;
import io.github.stopcopy.core.property.PropertyType;
import io.github.stopcopy.vfiopci.environment.PciIds;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;

/** The properties of vfio-pci in each release (spec 05 §1). */
final class VfioPciSchema {

  private static final Pattern HOST =
      Pattern.compile("(?:[0-9a-fA-F]{1,4}:)?[0-9a-fA-F]{1,2}:[01]?[0-9a-fA-F]\\.[0-7]");
  private static final Pattern UUID =
      Pattern.compile("auto|[0-9a-fA-F]{8}-(?:[0-9a-fA-F]{4}-){3}[0-9a-fA-F]{12}");
  private static final List<String> RELOCATIONS =
      List.of("off", "auto", "bar0", "bar1", "bar2", "bar3", "bar4", "bar5");

  private static final List<PropertyDefinition> OWN =
      List.of(
          unset("host", new PropertyType.Formatted("PCI address", HOST), "the host device"),
          unset(
              "vf-token",
              new PropertyType.Formatted("UUID or auto", UUID),
              "secret shared with the PF"),
          text("sysfsdev", "sysfs path of the device, overrides host"),
          onOffAuto("x-pre-copy-dirty-page-tracking", ON, "ask for dirty pages while it runs"),
          onOffAuto("display", OFF, "display of a virtual GPU"),
          unsigned("xres", 32, 0, "preferred width"),
          unsigned("yres", 32, 0, "preferred height"),
          unsigned("x-intx-mmap-timeout-ms", 32, 1100, "delay before BARs are mapped again"),
          bool("x-vga", false, "expose the legacy VGA ranges"),
          bool("x-req", true, "notify of requests to release the device"),
          bool("x-igd-opregion", false, "expose the Intel graphics OpRegion").until(V10_0),
          bool("x-igd-opregion", true, "expose the Intel graphics OpRegion").since(V10_1),
          onOffAuto("enable-migration", AUTO, "allow, forbid or require migration"),
          bool("x-migration-iommu-pt", false, "relax the vIOMMU blocker")
              .since(V8_1_IOMMU_PT)
              .until(V8_1_IOMMU_PT),
          bool("x-no-mmap", false, "never map BARs"),
          bool("x-balloon-allowed", false, "permit ballooning"),
          bool("x-no-kvm-intx", false, "route intx through QEMU"),
          bool("x-no-kvm-msi", false, "route msi through QEMU"),
          bool("x-no-kvm-msix", false, "route msix through QEMU"),
          bool("x-no-geforce-quirks", false, "skip NVIDIA quirks"),
          bool("x-no-kvm-ioeventfd", false, "no ioeventfd in KVM"),
          bool("x-no-vfio-ioeventfd", false, "no ioeventfd in VFIO"),
          id("vendor"),
          id("device"),
          id("sub-vendor"),
          id("sub-device"),
          unsigned("x-igd-gms", 32, 0, "stolen memory in units of 32 MiB"),
          unset("x-nv-gpudirect-clique", new PropertyType.Unsigned(8), "NVIDIA P2P clique"),
          new PropertyDefinition(
              "x-msix-relocation",
              new PropertyType.Choice(RELOCATIONS),
              Optional.of("off"),
              "move the MSI-X table"),
          onOffAuto("x-device-dirty-page-tracking", ON, "off: ignore the device's own logging")
              .since(V9_1),
          bool("x-igd-lpc", false, "expose the Intel LPC identification").since(V10_0),
          onOffAuto("x-igd-legacy-mode", AUTO, "Intel graphics legacy mode").since(V10_0),
          onOffAuto("x-migration-multifd-transfer", AUTO, "move device state over multifd")
              .since(V10_0),
          onOffAuto("x-migration-load-config-after-iter", AUTO, "order of config load")
              .since(V10_1),
          PropertyDefinition.size(
                  "x-migration-max-queued-buffers-size", -1, "most bytes queued at the destination")
              .since(V10_1),
          bool("migration-events", false, "emit events of the device state").since(V9_1),
          unsigned("x-pci-class-code", 32, PciIds.UNSET, "override the class").since(V10_1),
          text("iommufd", "the iommufd object to use instead of a container").since(V9_0),
          text("fd", "a file descriptor opened before").since(V9_0),
          bool("skip-vsc-check", true, "relax the check of vendor capabilities").since(V9_1),
          unsigned("x-vpasid-cap-offset", 16, 0, "where the PASID capability is shown")
              .since(V11_0),
          onOffAuto("ats", AUTO, "show address translation services").since(V11_1));

  /** What only the type without hot-plug has. */
  private static final List<PropertyDefinition> NO_HOTPLUG =
      List.of(
          bool("ramfb", false, "framebuffer for the boot"),
          bool("use-legacy-x86-rom", false, "load the legacy VGA BIOS").since(V10_1),
          onOffAuto("x-ramfb-migrate", AUTO, "migrate the framebuffer").since(V8_2));

  private VfioPciSchema() {}

  static Map<QemuProfile, PropertySchema> byRelease(String device, boolean hotpluggable) {
    List<PropertyDefinition> all = new ArrayList<>(PciProperties.common());
    all.add(PciProperties.BOOTINDEX);
    all.addAll(OWN);
    if (!hotpluggable) {
      all.addAll(NO_HOTPLUG);
    }
    return PropertySchema.byRelease(device, all);
  }

  private static PropertyDefinition id(String which) {
    return unsigned("x-pci-" + which + "-id", 32, PciIds.UNSET, "override the " + which + " id");
  }
}
