package io.github.stopcopy.vfiopci.devicetype;

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
import io.github.stopcopy.vfiopci.environment.VfioBehaviour;
import java.util.ArrayList;
import java.util.List;
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

  private VfioPciSchema() {}

  static PropertySchema of(String device, QemuProfile profile, boolean hotpluggable) {
    boolean ten =
        switch (profile) {
          case V8_1, V8_1_IOMMU_PT -> false;
          case V10_2, V11_0 -> true;
        };
    List<PropertyDefinition> all = new ArrayList<>(PciProperties.common());
    all.add(unset("host", new PropertyType.Formatted("PCI address", HOST), "the host device"));
    all.add(
        unset(
            "vf-token",
            new PropertyType.Formatted("UUID or auto", UUID),
            "secret shared with the PF"));
    all.add(text("sysfsdev", "sysfs path of the device, overrides host"));
    all.add(onOffAuto("x-pre-copy-dirty-page-tracking", ON, "ask for dirty pages while it runs"));
    all.add(onOffAuto("display", OFF, "display of a virtual GPU"));
    all.add(unsigned("xres", 32, 0, "preferred width"));
    all.add(unsigned("yres", 32, 0, "preferred height"));
    all.add(unsigned("x-intx-mmap-timeout-ms", 32, 1100, "delay before BARs are mapped again"));
    all.add(bool("x-vga", false, "expose the legacy VGA ranges"));
    all.add(bool("x-req", true, "notify of requests to release the device"));
    all.add(bool("x-igd-opregion", ten, "expose the Intel graphics OpRegion"));
    all.add(onOffAuto("enable-migration", AUTO, "allow, forbid or require migration"));
    if (VfioBehaviour.of(profile).hasMigrationIommuPt()) {
      all.add(bool("x-migration-iommu-pt", false, "relax the vIOMMU blocker"));
    }
    all.add(bool("x-no-mmap", false, "never map BARs"));
    all.add(bool("x-balloon-allowed", false, "permit ballooning"));
    for (String interrupt : List.of("intx", "msi", "msix")) {
      all.add(bool("x-no-kvm-" + interrupt, false, "route " + interrupt + " through QEMU"));
    }
    all.add(bool("x-no-geforce-quirks", false, "skip NVIDIA quirks"));
    all.add(bool("x-no-kvm-ioeventfd", false, "no ioeventfd in KVM"));
    all.add(bool("x-no-vfio-ioeventfd", false, "no ioeventfd in VFIO"));
    for (String id : List.of("vendor", "device", "sub-vendor", "sub-device")) {
      all.add(unsigned("x-pci-" + id + "-id", 32, PciIds.UNSET, "override the " + id + " id"));
    }
    all.add(unsigned("x-igd-gms", 32, 0, "stolen memory in units of 32 MiB"));
    all.add(unset("x-nv-gpudirect-clique", new PropertyType.Unsigned(8), "NVIDIA P2P clique"));
    all.add(
        new PropertyDefinition(
            "x-msix-relocation",
            new PropertyType.Choice(RELOCATIONS),
            Optional.of("off"),
            "move the MSI-X table"));
    if (ten) {
      addNew(all);
    }
    if (!hotpluggable) {
      all.add(bool("ramfb", false, "framebuffer for the boot"));
      if (ten) {
        all.add(bool("use-legacy-x86-rom", false, "load the legacy VGA BIOS"));
        all.add(onOffAuto("x-ramfb-migrate", AUTO, "migrate the framebuffer"));
      }
    }
    return new PropertySchema(device, all);
  }

  /** What came between 8.1 and 10.2. */
  private static void addNew(List<PropertyDefinition> all) {
    all.add(onOffAuto("x-device-dirty-page-tracking", ON, "off: ignore the device's own logging"));
    all.add(bool("x-igd-lpc", false, "expose the Intel LPC identification"));
    all.add(onOffAuto("x-igd-legacy-mode", AUTO, "Intel graphics legacy mode"));
    all.add(onOffAuto("x-migration-multifd-transfer", AUTO, "move device state over multifd"));
    all.add(onOffAuto("x-migration-load-config-after-iter", AUTO, "order of config load"));
    all.add(
        new PropertyDefinition(
            "x-migration-max-queued-buffers-size",
            new PropertyType.Size(),
            Optional.of(-1L),
            "most bytes queued at the destination"));
    all.add(bool("migration-events", false, "emit events of the device state"));
    all.add(unsigned("x-pci-class-code", 32, PciIds.UNSET, "override the class"));
    all.add(text("iommufd", "the iommufd object to use instead of a container"));
    all.add(text("fd", "a file descriptor opened before"));
    all.add(bool("skip-vsc-check", true, "relax the check of vendor capabilities"));
  }
}
