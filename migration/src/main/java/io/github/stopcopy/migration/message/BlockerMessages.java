package io.github.stopcopy.migration.message;

import static io.github.stopcopy.core.profile.QemuProfile.V11_0;
import static io.github.stopcopy.core.profile.QemuProfile.V11_1;
import static io.github.stopcopy.core.profile.QemuProfile.V8_1;
import static io.github.stopcopy.core.profile.QemuProfile.V8_1_IOMMU_PT;
import static io.github.stopcopy.core.profile.QemuProfile.V9_0;
import static io.github.stopcopy.core.profile.QemuProfile.V9_1;
import static io.github.stopcopy.migration.message.KnownMessage.libvirt;
import static io.github.stopcopy.migration.message.KnownMessage.qemu;
import static io.github.stopcopy.migration.reason.ReasonCode.CAPABILITY_NOT_SUPPORTED;
import static io.github.stopcopy.migration.reason.ReasonCode.FAILOVER_PAIR_MISSING;
import static io.github.stopcopy.migration.reason.ReasonCode.GUEST_MUST_BE_SUSPENDED;
import static io.github.stopcopy.migration.reason.ReasonCode.MEMORY_TOO_LARGE;
import static io.github.stopcopy.migration.reason.ReasonCode.MIGRATION_DISABLED;
import static io.github.stopcopy.migration.reason.ReasonCode.MIGRATION_INIT_FAILED;
import static io.github.stopcopy.migration.reason.ReasonCode.MODE_NOT_SUPPORTED;
import static io.github.stopcopy.migration.reason.ReasonCode.MULTIPLE_DEVICES;
import static io.github.stopcopy.migration.reason.ReasonCode.MULTIPLE_DEVICES_WITHOUT_P2P;
import static io.github.stopcopy.migration.reason.ReasonCode.NON_MIGRATABLE_DEVICE;
import static io.github.stopcopy.migration.reason.ReasonCode.NOT_NOW;
import static io.github.stopcopy.migration.reason.ReasonCode.NO_DIRTY_TRACKING;
import static io.github.stopcopy.migration.reason.ReasonCode.NO_KERNEL_SUPPORT;
import static io.github.stopcopy.migration.reason.ReasonCode.VIOMMU_MAY_BE_USED;
import static io.github.stopcopy.migration.reason.ReasonCode.VIOMMU_PRESENT;
import static io.github.stopcopy.migration.reason.ReasonCode.VIOMMU_RELAXED;

import java.util.List;

/** Why QEMU or libvirt refuses to migrate: blockers and answers to {@code migrate}. */
final class BlockerMessages {

  private static final String ALSO_REFUSAL =
      "With enable-migration=on or -only-migratable QEMU does not start for it.";

  static final List<KnownMessage> ALL =
      List.of(
          qemu("{device}: Migration is currently not supported with vIOMMU enabled", VIOMMU_PRESENT)
              .noted(ALSO_REFUSAL),
          qemu("{device}: Migration is disabled for VFIO device", MIGRATION_DISABLED),
          qemu("{device}: VFIO device doesn't support device dirty tracking", NO_DIRTY_TRACKING)
              .upTo(V9_0)
              .noted("As a warning, with enable-migration=on, it blocks nothing."),
          qemu(
                  "{device}: VFIO device doesn't support device and IOMMU dirty tracking",
                  NO_DIRTY_TRACKING)
              .from(V9_1)
              .noted("As a warning, with enable-migration=on, it blocks nothing."),
          qemu(
                  "{device}: Migration is currently not supported with large memory VM due to dirty"
                      + " tracking limitation in backend",
                  MEMORY_TOO_LARGE)
              .from(V11_0)
              .noted(ALSO_REFUSAL),
          qemu("{device}: VFIO migration is not supported in kernel", NO_KERNEL_SUPPORT)
              .upTo(V11_0)
              .noted(ALSO_REFUSAL),
          qemu(
                  "{device}: VFIO migration init failed: migration is not supported in kernel:"
                      + " {words}",
                  NO_KERNEL_SUPPORT)
              .from(V11_1)
              .noted(ALSO_REFUSAL),
          qemu("VFIO device doesn't support migration", NO_KERNEL_SUPPORT, MIGRATION_INIT_FAILED)
              .upTo(V8_1)
              .noted("Said by releases before 8.1, which are not modelled."),
          qemu(
                  "{device}: Migration couldn't be initialized for VFIO device, err: {number}"
                      + " ({words})",
                  MIGRATION_INIT_FAILED)
              .upTo(V11_0)
              .noted(ALSO_REFUSAL),
          qemu(
                  "{device}: VFIO migration init failed: VFIO_MIGRATION_STOP_COPY is not supported",
                  MIGRATION_INIT_FAILED)
              .from(V11_1)
              .noted(ALSO_REFUSAL),
          qemu(
                  "{device}: VFIO migration init failed: failed to query migration flags: {words}",
                  MIGRATION_INIT_FAILED)
              .from(V11_1)
              .noted(ALSO_REFUSAL),
          qemu("{device}: VFIO migration init failed: {text}", MIGRATION_INIT_FAILED)
              .from(V11_1)
              .noted(ALSO_REFUSAL),
          qemu("Migration is currently not supported with multiple VFIO devices", MULTIPLE_DEVICES)
              .only(V8_1),
          qemu(
                  "Multiple VFIO devices migration is supported only if all of them support P2P"
                      + " migration",
                  MULTIPLE_DEVICES_WITHOUT_P2P)
              .from(V8_1_IOMMU_PT)
              .noted(ALSO_REFUSAL),
          qemu("State blocked by non-migratable device '{word}'", NON_MIGRATABLE_DEVICE),
          qemu("non-migratable device: {word}", NON_MIGRATABLE_DEVICE),
          qemu(
              "Device {word} is not migratable, but --only-migratable was specified",
              NON_MIGRATABLE_DEVICE),
          qemu(
                  "{device}: VFIO migration is not supported with postcopy migration",
                  CAPABILITY_NOT_SUPPORTED)
              .from(V8_1_IOMMU_PT),
          qemu(
                  "{device}: VFIO migration is not supported with background snapshot",
                  CAPABILITY_NOT_SUPPORTED)
              .from(V8_1_IOMMU_PT),
          qemu("Parameter 'capability' does not accept value '{word}'", CAPABILITY_NOT_SUPPORTED),
          qemu("Parameter 'mode' is unexpected", MODE_NOT_SUPPORTED).upTo(V8_1_IOMMU_PT),
          qemu(
              "VFIO device only supports cpr-reboot for runstate suspended",
              GUEST_MUST_BE_SUSPENDED),
          qemu("There's a migration process in progress", NOT_NOW),
          qemu("Guest is waiting for an incoming migration", NOT_NOW),
          qemu("Can't migrate the vm that was paused due to previous migration", NOT_NOW),
          qemu("disallowing migration blocker ({word}) for: ")
              .noted(
                  "What follows would block; with -only-migratable, or while a migration runs, QEMU"
                      + " refuses the device instead."),
          qemu("disallowing migration blocker (migration/snapshot in progress) for: ")
              .noted("What follows would block; while a migration runs QEMU refuses the device."),
          qemu(
                  "{device}: Migration maybe blocked or cancelledif vIOMMU is used beyond interrupt"
                      + " remapping",
                  VIOMMU_RELAXED,
                  VIOMMU_MAY_BE_USED)
              .only(V8_1_IOMMU_PT),
          qemu("Migration not supported with SMMUv3 accelerator mode enabled", VIOMMU_PRESENT)
              .from(V11_0)
              .noted("Of Arm machines, which are not modelled."),
          qemu("Primary device not found", FAILOVER_PAIR_MISSING)
              .noted("A warning: the guest accepted a standby and no device stands behind it."),
          qemu(
                  "Virtio-net failover will not work. Make sure primary device has parameter"
                      + " failover_pair_id={word}",
                  FAILOVER_PAIR_MISSING)
              .noted("The hint behind the warning that the primary was not found."),
          libvirt(
                  "domain has assigned non-USB host devices",
                  NO_KERNEL_SUPPORT,
                  MIGRATION_DISABLED,
                  VIOMMU_PRESENT)
              .noted(
                  "libvirt itself refuses, before QEMU is asked: older ones do so for every host"
                      + " device but USB, whatever it can do. With a libvirt that asks QEMU, QEMU's"
                      + " own reason comes; stopcopy check --libvirt tells it now."),
          libvirt(
                  "cannot migrate a domain with <hostdev mode='{word}' type='{word}'>",
                  NO_KERNEL_SUPPORT,
                  MIGRATION_DISABLED)
              .noted(
                  "libvirt itself refuses, before QEMU is asked, for kinds of host devices that it"
                      + " knows not to migrate; stopcopy check --libvirt tells what QEMU would"
                      + " say."),
          libvirt(
                  "cannot migrate a domain with <hostdev mode='{word}'>",
                  NO_KERNEL_SUPPORT,
                  MIGRATION_DISABLED)
              .noted("libvirt itself refuses, before QEMU is asked."),
          libvirt("cannot migrate domain: ")
              .noted(
                  "libvirt asked QEMU (query-migrate, blocked-reasons); what follows are QEMU's"
                      + " reasons, with semicolons between them."),
          libvirt("unable to execute QEMU command '{word}': ")
              .noted("libvirt gives back QEMU's answer, which follows."));

  private BlockerMessages() {}
}
