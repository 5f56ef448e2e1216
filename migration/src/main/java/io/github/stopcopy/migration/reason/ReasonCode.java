package io.github.stopcopy.migration.reason;

import static io.github.stopcopy.migration.reason.ReasonKind.BLOCKER;
import static io.github.stopcopy.migration.reason.ReasonKind.CONDITION;
import static io.github.stopcopy.migration.reason.ReasonKind.FAILURE;
import static io.github.stopcopy.migration.reason.ReasonKind.REFUSAL;
import static io.github.stopcopy.migration.reason.RemedyKind.ACCEPT_ALL_DIRTY;
import static io.github.stopcopy.migration.reason.RemedyKind.AFTER_INCOMING;
import static io.github.stopcopy.migration.reason.RemedyKind.ALLOW_MIGRATION;
import static io.github.stopcopy.migration.reason.RemedyKind.BYPASS_IOMMU;
import static io.github.stopcopy.migration.reason.RemedyKind.CACHING_MODE;
import static io.github.stopcopy.migration.reason.RemedyKind.CONTAINER_TRACKING;
import static io.github.stopcopy.migration.reason.RemedyKind.CONTAINER_TRACKING_BEHIND_VIOMMU;
import static io.github.stopcopy.migration.reason.RemedyKind.DESTINATION_DRIVER;
import static io.github.stopcopy.migration.reason.RemedyKind.DESTINATION_RELEASE;
import static io.github.stopcopy.migration.reason.RemedyKind.DEVICE_TRACKING_ON;
import static io.github.stopcopy.migration.reason.RemedyKind.DMA_TRANSLATION_OFF;
import static io.github.stopcopy.migration.reason.RemedyKind.FAILOVER_STANDBY;
import static io.github.stopcopy.migration.reason.RemedyKind.FEWER_VCPUS;
import static io.github.stopcopy.migration.reason.RemedyKind.HOST_FACTS;
import static io.github.stopcopy.migration.reason.RemedyKind.IOMMUFD_DIRTY_TRACKING;
import static io.github.stopcopy.migration.reason.RemedyKind.IOMMU_PASSTHROUGH_OPTION;
import static io.github.stopcopy.migration.reason.RemedyKind.KERNEL_DRIVER;
import static io.github.stopcopy.migration.reason.RemedyKind.MORE_PHYS_BITS;
import static io.github.stopcopy.migration.reason.RemedyKind.MULTIFD_TRANSFER;
import static io.github.stopcopy.migration.reason.RemedyKind.NARROWER_VIOMMU;
import static io.github.stopcopy.migration.reason.RemedyKind.NEWER_RELEASE;
import static io.github.stopcopy.migration.reason.RemedyKind.REMOVE_VIOMMU;
import static io.github.stopcopy.migration.reason.RemedyKind.SPLIT_IRQCHIP;
import static io.github.stopcopy.migration.reason.RemedyKind.UNPLUG_ALL_FOR_MIGRATION;
import static io.github.stopcopy.migration.reason.RemedyKind.UNPLUG_DEVICE;
import static io.github.stopcopy.migration.reason.RemedyKind.UNPLUG_DEVICES_WITHOUT_P2P;
import static io.github.stopcopy.migration.reason.RemedyKind.VIOMMU_WIDTH;
import static io.github.stopcopy.migration.reason.RemedyKind.WITHOUT_CAPABILITIES;
import static io.github.stopcopy.migration.reason.RemedyKind.WITHOUT_SETTINGS;

import io.github.stopcopy.core.host.HostDevice.Fact;
import io.github.stopcopy.core.profile.QemuProfile;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * Every code that a reason can have. Names are stable; a {@link Cause} says what exactly was found.
 */
public enum ReasonCode {
  /** A device sits behind a vIOMMU. */
  VIOMMU_PRESENT(
      BLOCKER,
      IOMMU_PASSTHROUGH_OPTION,
      CONTAINER_TRACKING_BEHIND_VIOMMU,
      REMOVE_VIOMMU,
      BYPASS_IOMMU,
      UNPLUG_ALL_FOR_MIGRATION),
  /** The owner of a device forbids its migration. */
  MIGRATION_DISABLED(BLOCKER, ALLOW_MIGRATION, UNPLUG_ALL_FOR_MIGRATION),
  /** Nobody can track what a device writes. */
  NO_DIRTY_TRACKING(
      BLOCKER,
      DEVICE_TRACKING_ON,
      ACCEPT_ALL_DIRTY,
      UNPLUG_DEVICE,
      IOMMUFD_DIRTY_TRACKING,
      KERNEL_DRIVER,
      UNPLUG_ALL_FOR_MIGRATION),
  /** There is more RAM than the container can track. */
  MEMORY_TOO_LARGE(
      BLOCKER, since(QemuProfile.V11_0), IOMMUFD_DIRTY_TRACKING, UNPLUG_ALL_FOR_MIGRATION),
  /** The kernel driver of a device has no migration. */
  NO_KERNEL_SUPPORT(BLOCKER, UNPLUG_DEVICE, KERNEL_DRIVER, UNPLUG_ALL_FOR_MIGRATION),
  /** The kernel driver of a device answers with an error, or supports migration in part only. */
  MIGRATION_INIT_FAILED(BLOCKER, UNPLUG_DEVICE, KERNEL_DRIVER, UNPLUG_ALL_FOR_MIGRATION),
  /** Several devices, of which QEMU 8.1 migrates at most one. */
  MULTIPLE_DEVICES(
      BLOCKER,
      only(QemuProfile.V8_1),
      UNPLUG_DEVICES_WITHOUT_P2P,
      UNPLUG_ALL_FOR_MIGRATION,
      NEWER_RELEASE),
  /** Several devices, and not all can stop talking to each other. */
  MULTIPLE_DEVICES_WITHOUT_P2P(BLOCKER, UNPLUG_DEVICES_WITHOUT_P2P, UNPLUG_ALL_FOR_MIGRATION),
  /** QEMU cannot save the state of a device at all. */
  NON_MIGRATABLE_DEVICE(BLOCKER, REMOVE_VIOMMU),
  /** A capability is switched on that VFIO devices do not support. */
  CAPABILITY_NOT_SUPPORTED(BLOCKER, WITHOUT_CAPABILITIES, UNPLUG_ALL_FOR_MIGRATION),
  /** The release does not have the mode of migration that was asked for. */
  MODE_NOT_SUPPORTED(BLOCKER, until(QemuProfile.V8_1_IOMMU_PT)),
  /** The VM is not in a state in which a migration can begin. */
  NOT_NOW(BLOCKER, AFTER_INCOMING),

  /** The vIOMMU cannot serve a device. */
  VIOMMU_REFUSES_DEVICE(REFUSAL, CACHING_MODE, NARROWER_VIOMMU, REMOVE_VIOMMU, BYPASS_IOMMU),
  /** The vIOMMU cannot be created. */
  VIOMMU_MISCONFIGURED(REFUSAL, VIOMMU_WIDTH),
  /** A device is described in a way that QEMU does not accept. */
  INVALID_CONFIGURATION(REFUSAL, NEWER_RELEASE, WITHOUT_SETTINGS),
  /** The release does not have the machine type. */
  MACHINE_TYPE_UNSUPPORTED(REFUSAL, NEWER_RELEASE),
  /** Devices of one IOMMU group would need two address spaces. */
  GROUP_IN_TWO_ADDRESS_SPACES(REFUSAL, REMOVE_VIOMMU, BYPASS_IOMMU, UNPLUG_DEVICE),
  /** The guest's memory cannot be mapped for a device that is added. */
  CONTAINER_SETUP_FAILED(REFUSAL, REMOVE_VIOMMU),
  /** The processor cannot address all of the machine's memory. */
  PHYS_BITS_TOO_LOW(REFUSAL, MORE_PHYS_BITS),
  /** There are more processors than this machine can interrupt. */
  TOO_MANY_VCPUS(REFUSAL, SPLIT_IRQCHIP, FEWER_VCPUS),
  /** QEMU aborted while it ran. */
  QEMU_ABORTED(REFUSAL),

  /** The guest used the vIOMMU when the migration began. */
  VIOMMU_IN_USE(FAILURE, only(QemuProfile.V8_1_IOMMU_PT), DMA_TRANSLATION_OFF),
  /** The guest began to use the vIOMMU while the migration ran. */
  VIOMMU_USED_DURING_MIGRATION(FAILURE, only(QemuProfile.V8_1_IOMMU_PT), DMA_TRANSLATION_OFF),
  /** Dirty tracking could not be started. */
  DIRTY_TRACKING_START_FAILED(FAILURE, CONTAINER_TRACKING, UNPLUG_DEVICE),
  /** A device needs a migration capability that is off. */
  CAPABILITY_MISSING(FAILURE, since(QemuProfile.V10_0), MULTIFD_TRANSFER, UNPLUG_DEVICE),
  /** A device refused a state. */
  DEVICE_STATE_FAILED(FAILURE, UNPLUG_DEVICE),
  /** The host could not follow what the guest mapped. */
  VIOMMU_MAPPING_FAILED(FAILURE),
  /** Dirty pages could not be read. */
  DIRTY_SYNC_FAILED(FAILURE),

  /** QEMU does not start on the destination. */
  DESTINATION_DOES_NOT_START(FAILURE),
  /** The destination's release does not have the machine type. */
  DESTINATION_MACHINE_TYPE_UNKNOWN(FAILURE, DESTINATION_RELEASE),
  /** The machine is of another type on the destination. */
  DESTINATION_MACHINE_TYPE_DIFFERS(FAILURE, DESTINATION_RELEASE),
  /** The destination has no device at the place of one. */
  DESTINATION_DEVICE_MISSING(FAILURE, UNPLUG_DEVICE),
  /** The destination's device does not migrate. */
  DESTINATION_CANNOT_LOAD(FAILURE, DESTINATION_DRIVER, UNPLUG_DEVICE),
  /** The destination's device refuses to take a state. */
  DESTINATION_REFUSES_STATE(FAILURE, UNPLUG_DEVICE),
  /** The destination's device is another one; the VM is lost. */
  DESTINATION_DEVICE_DIFFERS(FAILURE, UNPLUG_DEVICE),
  /** The destination has no vIOMMU that takes the state of the source's; the VM can be lost. */
  DESTINATION_VIOMMU_MISSING(FAILURE),
  /** The destination's device takes its state and is reset then. */
  DESTINATION_RESETS_DEVICE(FAILURE, UNPLUG_DEVICE),
  /** BARs are of other sizes on the destination. */
  DESTINATION_BARS_DIFFER(CONDITION, UNPLUG_DEVICE),
  /** The vIOMMU is another one on the destination. */
  DESTINATION_VIOMMU_DIFFERS(CONDITION),
  /** What the destination's device is like is not known. */
  DESTINATION_ASSUMED(CONDITION),

  /** A vIOMMU does not block, and makes the migration fail if the guest uses it. */
  VIOMMU_MAY_BE_USED(CONDITION, only(QemuProfile.V8_1_IOMMU_PT), DMA_TRANSLATION_OFF),
  /** A warning of the same, as a device is realized; never the reason of a verdict. */
  VIOMMU_RELAXED(CONDITION, only(QemuProfile.V8_1_IOMMU_PT)),
  /** It works if a device of the host can do what nobody said. */
  HOST_ASSUMED(CONDITION, HOST_FACTS),
  /** A guest that turns the vIOMMU on and off makes QEMU crash where nobody tracks. */
  VIOMMU_TOGGLE_CRASHES(
      CONDITION, only(QemuProfile.V8_1_IOMMU_PT), CONTAINER_TRACKING, DMA_TRANSLATION_OFF),
  /** A failover primary does not migrate; the guest has to let go of it. */
  FAILOVER_PRIMARY(CONDITION),
  /** Nobody stands in for a failover primary, and nothing moves its state. */
  FAILOVER_PAIR_MISSING(CONDITION, FAILOVER_STANDBY, UNPLUG_DEVICE),
  /** A device writes while the VM migrates, and nobody tracks what. */
  TRACKED_BY_NOBODY(
      CONDITION,
      DEVICE_TRACKING_ON,
      IOMMUFD_DIRTY_TRACKING,
      KERNEL_DRIVER,
      UNPLUG_DEVICE,
      UNPLUG_ALL_FOR_MIGRATION),
  /** What devices write behind a virtio-iommu is not found. */
  VIRTIO_IOMMU_LOSES_DIRTY_PAGES(
      CONDITION, since(QemuProfile.V11_0), REMOVE_VIOMMU, BYPASS_IOMMU, UNPLUG_ALL_FOR_MIGRATION),
  /** What devices write behind an amd-iommu that remaps DMA is not found. */
  AMD_IOMMU_LOSES_DIRTY_PAGES(
      CONDITION, since(QemuProfile.V11_0), REMOVE_VIOMMU, BYPASS_IOMMU, UNPLUG_ALL_FOR_MIGRATION),
  /** The guest has to be suspended before the migration. */
  GUEST_MUST_BE_SUSPENDED(CONDITION),
  /** A measurement of the dirty rate ends QEMU; a warning, never the reason of a verdict. */
  DIRTY_RATE_ABORTS(CONDITION),
  /** The description of the VM stands for two VMs, and the answers differ. */
  VM_MAY_DIFFER(CONDITION),
  /** A network of libvirt may give the VM a device of the host. */
  NETWORK_MAY_ASSIGN_DEVICE(CONDITION);

  /** What lets data be lost without a word, so that it is nothing to change to. */
  private static final Set<ReasonCode> SILENT_LOSS =
      EnumSet.of(
          FAILOVER_PAIR_MISSING,
          TRACKED_BY_NOBODY,
          VIRTIO_IOMMU_LOSES_DIRTY_PAGES,
          AMD_IOMMU_LOSES_DIRTY_PAGES);

  private static final Map<String, ReasonCode> BY_NAME =
      Arrays.stream(values()).collect(Collectors.toUnmodifiableMap(Enum::name, code -> code));

  private final ReasonKind kind;
  private final Releases releases;
  private final List<RemedyKind> remedies;

  ReasonCode(ReasonKind kind, RemedyKind... remedies) {
    this(kind, new Releases(Optional.empty(), Optional.empty()), remedies);
  }

  ReasonCode(ReasonKind kind, Releases releases, RemedyKind... remedies) {
    this.kind = kind;
    this.releases = releases;
    this.remedies = List.of(remedies);
  }

  private record Releases(Optional<QemuProfile> since, Optional<QemuProfile> until) {}

  private static Releases since(QemuProfile first) {
    return new Releases(Optional.of(first), Optional.empty());
  }

  private static Releases until(QemuProfile last) {
    return new Releases(Optional.empty(), Optional.of(last));
  }

  private static Releases only(QemuProfile profile) {
    return new Releases(Optional.of(profile), Optional.of(profile));
  }

  /** The code with this name; empty for codes of rule sets that are not ours. */
  public static Optional<ReasonCode> named(String name) {
    return Optional.ofNullable(BY_NAME.get(name));
  }

  /**
   * What it does to a migration. A blocker keeps QEMU from starting where the owner insists on
   * migration ({@code enable-migration=on}, {@code -only-migratable}); then the reason's kind is
   * {@link ReasonKind#REFUSAL}.
   */
  public ReasonKind kind() {
    return kind;
  }

  /** The first release that has it; empty: all from 8.1 on. */
  public Optional<QemuProfile> since() {
    return releases.since();
  }

  /** The last release that has it, inclusive; empty: the newest has it too. */
  public Optional<QemuProfile> until() {
    return releases.until();
  }

  /**
   * Whether QEMU loses data without a word where it comes to it; a change that leads there is no
   * remedy.
   */
  public boolean losesData() {
    return SILENT_LOSS.contains(this);
  }

  /** What kinds of change can help. */
  public List<RemedyKind> remedies() {
    return remedies;
  }

  /** The fact of a device of the host from which it follows, if it follows from one. */
  public Optional<Fact> fact() {
    return switch (this) {
      case NO_KERNEL_SUPPORT, MIGRATION_INIT_FAILED, MULTIPLE_DEVICES_WITHOUT_P2P ->
          Optional.of(Fact.MIGRATION);
      case NO_DIRTY_TRACKING, DIRTY_TRACKING_START_FAILED -> Optional.of(Fact.DMA_LOGGING);
      default -> Optional.empty();
    };
  }

  /** What a migration depends on, behind "it can be migrated"; empty if that takes more words. */
  public Optional<String> condition() {
    return switch (this) {
      case VIOMMU_MAY_BE_USED ->
          Optional.of("as long as the guest does not use the vIOMMU for DMA");
      case VM_MAY_DIFFER -> Optional.of("if it is that of the two VMs which can be");
      case NETWORK_MAY_ASSIGN_DEVICE ->
          Optional.of("if no network assigns it a device of the host");
      case HOST_ASSUMED -> Optional.of("if its devices can do what is assumed of them");
      case FAILOVER_PRIMARY -> Optional.of("if the guest lets go of the devices that fail over");
      case GUEST_MUST_BE_SUSPENDED -> Optional.of("if the guest is suspended before");
      case TRACKED_BY_NOBODY -> Optional.of("if its devices write nothing meanwhile");
      default -> Optional.empty();
    };
  }

  /** What can lead to it. */
  public List<Cause> causes() {
    return Arrays.stream(Cause.values()).filter(cause -> cause.code() == this).toList();
  }
}
