package io.github.stopcopy.migration.fleet;

import io.github.stopcopy.core.config.VmConfig;
import io.github.stopcopy.core.host.HostFacts;
import io.github.stopcopy.core.profile.QemuProfile;
import io.github.stopcopy.migration.ProfileOrigin;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;

/**
 * A VM of a fleet, and what it runs on. Immutable.
 *
 * @param id what its owner calls it
 * @param node the host that it runs on, empty if nobody says
 * @param vm the VM
 * @param host what is known of its host
 * @param profile the release that runs it
 * @param profileOrigin who says so
 * @param libvirt what else libvirt says of it, if libvirt describes it
 */
public record FleetVm(
    String id,
    String node,
    VmConfig vm,
    HostFacts host,
    QemuProfile profile,
    ProfileOrigin profileOrigin,
    Optional<FromLibvirt> libvirt) {

  /** Refuses null. */
  public FleetVm {
    Objects.requireNonNull(id, "id");
    Objects.requireNonNull(node, "node");
    Objects.requireNonNull(vm, "vm");
    Objects.requireNonNull(host, "host");
    Objects.requireNonNull(profile, "profile");
    Objects.requireNonNull(profileOrigin, "profileOrigin");
    Objects.requireNonNull(libvirt, "libvirt");
  }

  /** A VM that the newest release runs, told as assumed. */
  public static FleetVm of(String id, String node, VmConfig vm, HostFacts host) {
    return new FleetVm(
        id, node, vm, host, QemuProfile.newest(), ProfileOrigin.ASSUMED, Optional.empty());
  }

  /** The same, run by this release. */
  public FleetVm withProfile(QemuProfile release, ProfileOrigin origin) {
    return new FleetVm(id, node, vm, host, release, origin, libvirt);
  }

  /** The same, with what else libvirt says. */
  public FleetVm withLibvirt(FromLibvirt described) {
    return new FleetVm(id, node, vm, host, profile, profileOrigin, Optional.of(described));
  }

  /**
   * What libvirt's XML says beside the VM, as the reader of the module {@code
   * io.github.stopcopy.qemu} gives it.
   *
   * @param drivers the kernel drivers by the addresses of the host's devices
   * @param interfaces the ids of the VFIO devices that are an {@code <interface>}
   * @param otherVm what else the VM can be
   * @param whyOther what is different then, in words; empty without another VM
   * @param possibleDevices devices that the VM may get beside those that it shows, in words
   */
  public record FromLibvirt(
      Map<String, String> drivers,
      List<String> interfaces,
      Optional<VmConfig> otherVm,
      String whyOther,
      List<String> possibleDevices) {

    /** Copies the collections; nothing may be null. */
    public FromLibvirt {
      drivers = Map.copyOf(drivers);
      interfaces = List.copyOf(interfaces);
      Objects.requireNonNull(otherVm, "otherVm");
      Objects.requireNonNull(whyOther, "whyOther");
      possibleDevices = List.copyOf(possibleDevices);
    }
  }
}
