package io.github.stopcopy.migration.vm;

import io.github.stopcopy.core.config.DeviceConfig;
import io.github.stopcopy.core.profile.QemuProfile;
import io.github.stopcopy.core.property.PropertySetting;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * Properties of PCI devices that are not modelled, which 11.1.3 has and 10.0.13 has not, as the
 * binaries list them (R-OBS-165). So releases up to 10.0 refuse them.
 */
final class LaterProperties {

  private static final Set<String> NET =
      Set.of(
          "guest_tunnel",
          "guest_tunnel_csum",
          "hash-ipv4",
          "hash-ipv6",
          "hash-ipv6ex",
          "hash-tcp4",
          "hash-tcp6",
          "hash-tcp6ex",
          "hash-udp4",
          "hash-udp6",
          "hash-udp6ex",
          "host_tunnel",
          "host_tunnel_csum");
  private static final Set<String> USER_BLOCK =
      Set.of("inflight-migration", "seg-max-adjust", "skip-get-vring-base-on-force-shutdown");
  private static final Set<String> BLOCK = Set.of("stats-intervals");
  private static final Set<String> GRAPHICS = Set.of("outputs");
  private static final Set<String> HOST_SCSI = Set.of("hotplug");
  private static final Set<String> FLIT = Set.of("x-256b-flit");

  private static final Map<String, Set<String>> LATER =
      Map.ofEntries(
          Map.entry(
              "ati-vga",
              Set.of("edid", "refresh_rate", "x-linear-aper-size", "xmax", "xres", "ymax", "yres")),
          Map.entry("cxl-downstream", FLIT),
          Map.entry("cxl-rp", FLIT),
          Map.entry("cxl-type3", Set.of("hdm-db", "x-256b-flit")),
          Map.entry("cxl-upstream", FLIT),
          Map.entry(
              "nvme",
              Set.of("firmware-version", "legacy-cmb", "model", "spdm_trans", "stats-intervals")),
          Map.entry("pci-testdev", Set.of("membar-backed")),
          Map.entry("ufs", Set.of("wb-max-size", "wb-min-size")),
          Map.entry("vhost-scsi-pci", HOST_SCSI),
          Map.entry("vhost-scsi-pci-non-transitional", HOST_SCSI),
          Map.entry("vhost-scsi-pci-transitional", HOST_SCSI),
          Map.entry("vhost-user-blk-pci", USER_BLOCK),
          Map.entry("vhost-user-blk-pci-non-transitional", USER_BLOCK),
          Map.entry("vhost-user-blk-pci-transitional", USER_BLOCK),
          Map.entry("vhost-user-gpu-pci", GRAPHICS),
          Map.entry("vhost-user-vga", GRAPHICS),
          Map.entry("virtio-blk-pci", BLOCK),
          Map.entry("virtio-blk-pci-non-transitional", BLOCK),
          Map.entry("virtio-blk-pci-transitional", BLOCK),
          Map.entry("virtio-gpu-pci", GRAPHICS),
          Map.entry("virtio-net-pci", NET),
          Map.entry("virtio-net-pci-non-transitional", NET),
          Map.entry("virtio-net-pci-transitional", NET),
          Map.entry("virtio-vga", GRAPHICS));

  private LaterProperties() {}

  /** The first setting of the device that this release does not know, as {@code TYPE.PROPERTY}. */
  static Optional<String> of(QemuProfile profile, DeviceConfig device) {
    if (profile.isFrom(QemuProfile.V10_1)) {
      return Optional.empty();
    }
    Set<String> later = LATER.getOrDefault(device.driver(), Set.of());
    return device.settings().stream()
        .map(PropertySetting::name)
        .filter(later::contains)
        .findFirst()
        .map(property -> device.driver() + "." + property);
  }
}
