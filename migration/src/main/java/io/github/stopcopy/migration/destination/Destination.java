package io.github.stopcopy.migration.destination;

import io.github.stopcopy.core.config.VmConfig;
import io.github.stopcopy.core.host.HostFacts;
import io.github.stopcopy.core.profile.QemuProfile;
import java.util.Objects;
import java.util.Optional;

/**
 * Where a VM is to go. Immutable.
 *
 * @param host the host there; its devices are those that are offered to the VM
 * @param vm the VM as QEMU is started there to wait for it; empty: as on the source, with devices
 *     that the host offers
 * @param profile the release there; empty: that of the source
 */
public record Destination(HostFacts host, Optional<VmConfig> vm, Optional<QemuProfile> profile) {

  /** Refuses null. */
  public Destination {
    Objects.requireNonNull(host, "host");
    Objects.requireNonNull(vm, "vm");
    Objects.requireNonNull(profile, "profile");
  }

  /** A host, where QEMU is of the same release and started as on the source. */
  public static Destination of(HostFacts host) {
    return new Destination(host, Optional.empty(), Optional.empty());
  }

  /** The same on another host. */
  public Destination withHost(HostFacts other) {
    return new Destination(other, vm, profile);
  }

  /** The same with another VM that waits there. */
  public Destination withVm(VmConfig waiting) {
    return new Destination(host, Optional.of(waiting), profile);
  }

  /** The same with another release. */
  public Destination withProfile(QemuProfile release) {
    return new Destination(host, vm, Optional.of(release));
  }
}
