package io.github.stopcopy.migration;

import static io.github.stopcopy.migration.reason.ReasonCode.AMD_IOMMU_LOSES_DIRTY_PAGES;
import static io.github.stopcopy.migration.reason.ReasonCode.CAPABILITY_MISSING;
import static io.github.stopcopy.migration.reason.ReasonCode.CAPABILITY_NOT_SUPPORTED;
import static io.github.stopcopy.migration.reason.ReasonCode.CONTAINER_SETUP_FAILED;
import static io.github.stopcopy.migration.reason.ReasonCode.DESTINATION_ASSUMED;
import static io.github.stopcopy.migration.reason.ReasonCode.DESTINATION_BARS_DIFFER;
import static io.github.stopcopy.migration.reason.ReasonCode.DESTINATION_CANNOT_LOAD;
import static io.github.stopcopy.migration.reason.ReasonCode.DESTINATION_DEVICE_DIFFERS;
import static io.github.stopcopy.migration.reason.ReasonCode.DESTINATION_DEVICE_MISSING;
import static io.github.stopcopy.migration.reason.ReasonCode.DESTINATION_DOES_NOT_START;
import static io.github.stopcopy.migration.reason.ReasonCode.DESTINATION_MACHINE_TYPE_DIFFERS;
import static io.github.stopcopy.migration.reason.ReasonCode.DESTINATION_MACHINE_TYPE_UNKNOWN;
import static io.github.stopcopy.migration.reason.ReasonCode.DESTINATION_REFUSES_STATE;
import static io.github.stopcopy.migration.reason.ReasonCode.DESTINATION_RESETS_DEVICE;
import static io.github.stopcopy.migration.reason.ReasonCode.DESTINATION_VIOMMU_DIFFERS;
import static io.github.stopcopy.migration.reason.ReasonCode.DESTINATION_VIOMMU_MISSING;
import static io.github.stopcopy.migration.reason.ReasonCode.DEVICE_STATE_FAILED;
import static io.github.stopcopy.migration.reason.ReasonCode.DIRTY_RATE_ABORTS;
import static io.github.stopcopy.migration.reason.ReasonCode.DIRTY_SYNC_FAILED;
import static io.github.stopcopy.migration.reason.ReasonCode.DIRTY_TRACKING_START_FAILED;
import static io.github.stopcopy.migration.reason.ReasonCode.FAILOVER_PAIR_MISSING;
import static io.github.stopcopy.migration.reason.ReasonCode.FAILOVER_PRIMARY;
import static io.github.stopcopy.migration.reason.ReasonCode.GROUP_IN_TWO_ADDRESS_SPACES;
import static io.github.stopcopy.migration.reason.ReasonCode.GUEST_MUST_BE_SUSPENDED;
import static io.github.stopcopy.migration.reason.ReasonCode.HOST_ASSUMED;
import static io.github.stopcopy.migration.reason.ReasonCode.INVALID_CONFIGURATION;
import static io.github.stopcopy.migration.reason.ReasonCode.MACHINE_TYPE_UNSUPPORTED;
import static io.github.stopcopy.migration.reason.ReasonCode.MEMORY_TOO_LARGE;
import static io.github.stopcopy.migration.reason.ReasonCode.MIGRATION_DISABLED;
import static io.github.stopcopy.migration.reason.ReasonCode.MIGRATION_INIT_FAILED;
import static io.github.stopcopy.migration.reason.ReasonCode.MODE_NOT_SUPPORTED;
import static io.github.stopcopy.migration.reason.ReasonCode.MULTIPLE_DEVICES;
import static io.github.stopcopy.migration.reason.ReasonCode.MULTIPLE_DEVICES_WITHOUT_P2P;
import static io.github.stopcopy.migration.reason.ReasonCode.NETWORK_MAY_ASSIGN_DEVICE;
import static io.github.stopcopy.migration.reason.ReasonCode.NON_MIGRATABLE_DEVICE;
import static io.github.stopcopy.migration.reason.ReasonCode.NOT_NOW;
import static io.github.stopcopy.migration.reason.ReasonCode.NO_DIRTY_TRACKING;
import static io.github.stopcopy.migration.reason.ReasonCode.NO_KERNEL_SUPPORT;
import static io.github.stopcopy.migration.reason.ReasonCode.PHYS_BITS_TOO_LOW;
import static io.github.stopcopy.migration.reason.ReasonCode.QEMU_ABORTED;
import static io.github.stopcopy.migration.reason.ReasonCode.TOO_MANY_VCPUS;
import static io.github.stopcopy.migration.reason.ReasonCode.TRACKED_BY_NOBODY;
import static io.github.stopcopy.migration.reason.ReasonCode.VIOMMU_IN_USE;
import static io.github.stopcopy.migration.reason.ReasonCode.VIOMMU_MAPPING_FAILED;
import static io.github.stopcopy.migration.reason.ReasonCode.VIOMMU_MAY_BE_USED;
import static io.github.stopcopy.migration.reason.ReasonCode.VIOMMU_MISCONFIGURED;
import static io.github.stopcopy.migration.reason.ReasonCode.VIOMMU_PRESENT;
import static io.github.stopcopy.migration.reason.ReasonCode.VIOMMU_REFUSES_DEVICE;
import static io.github.stopcopy.migration.reason.ReasonCode.VIOMMU_RELAXED;
import static io.github.stopcopy.migration.reason.ReasonCode.VIOMMU_TOGGLE_CRASHES;
import static io.github.stopcopy.migration.reason.ReasonCode.VIOMMU_USED_DURING_MIGRATION;
import static io.github.stopcopy.migration.reason.ReasonCode.VIRTIO_IOMMU_LOSES_DIRTY_PAGES;
import static io.github.stopcopy.migration.reason.ReasonCode.VM_MAY_DIFFER;

import io.github.stopcopy.migration.reason.ReasonCode;
import io.github.stopcopy.migration.reason.ReasonKind;
import java.util.Arrays;
import java.util.List;

/** What is asked, with the reasons that it can lead to; every code has one. */
enum Topic {
  STARTS(
      "does QEMU start with it",
      VIOMMU_REFUSES_DEVICE,
      VIOMMU_MISCONFIGURED,
      INVALID_CONFIGURATION,
      MACHINE_TYPE_UNSUPPORTED,
      GROUP_IN_TWO_ADDRESS_SPACES,
      CONTAINER_SETUP_FAILED,
      PHYS_BITS_TOO_LOW,
      TOO_MANY_VCPUS,
      QEMU_ABORTED),
  DESCRIBED("is it known which VM it is", VM_MAY_DIFFER, NETWORK_MAY_ASSIGN_DEVICE),
  FAILOVER("does it fail over", FAILOVER_PRIMARY, FAILOVER_PAIR_MISSING),
  OWNER("does its owner allow it", MIGRATION_DISABLED),
  KERNEL("can its kernel driver", NO_KERNEL_SUPPORT, MIGRATION_INIT_FAILED),
  TRACKER(
      "who tracks what it writes",
      NO_DIRTY_TRACKING,
      MEMORY_TOO_LARGE,
      TRACKED_BY_NOBODY,
      VIRTIO_IOMMU_LOSES_DIRTY_PAGES,
      AMD_IOMMU_LOSES_DIRTY_PAGES,
      VIOMMU_TOGGLE_CRASHES),
  SEVERAL("may so many migrate", MULTIPLE_DEVICES, MULTIPLE_DEVICES_WITHOUT_P2P),
  VIOMMU("is it behind a vIOMMU", VIOMMU_PRESENT, VIOMMU_MAY_BE_USED, VIOMMU_RELAXED),
  KNOWN("is it known what it can do", HOST_ASSUMED),
  SAVED("can the rest of VFIO and the vIOMMU be saved", NON_MIGRATABLE_DEVICE),
  HOW(
      "does it migrate in this way",
      CAPABILITY_NOT_SUPPORTED,
      CAPABILITY_MISSING,
      MODE_NOT_SUPPORTED,
      GUEST_MUST_BE_SUSPENDED),
  NOW("can a migration begin now", NOT_NOW),
  RANGES(
      "does it track what it is asked to",
      DIRTY_TRACKING_START_FAILED,
      VIOMMU_IN_USE,
      DIRTY_RATE_ABORTS),
  PASSES(
      "does each pass go well",
      VIOMMU_USED_DURING_MIGRATION,
      VIOMMU_MAPPING_FAILED,
      DIRTY_SYNC_FAILED),
  STATES("does every device stop and give its state", DEVICE_STATE_FAILED),
  DESTINATION(
      "can the destination load it",
      DESTINATION_DOES_NOT_START,
      DESTINATION_MACHINE_TYPE_UNKNOWN,
      DESTINATION_MACHINE_TYPE_DIFFERS,
      DESTINATION_DEVICE_MISSING,
      DESTINATION_CANNOT_LOAD,
      DESTINATION_REFUSES_STATE,
      DESTINATION_DEVICE_DIFFERS,
      DESTINATION_VIOMMU_MISSING,
      DESTINATION_RESETS_DEVICE,
      DESTINATION_BARS_DIFFER,
      DESTINATION_VIOMMU_DIFFERS,
      DESTINATION_ASSUMED);

  private final String text;
  private final List<ReasonCode> codes;

  Topic(String text, ReasonCode... codes) {
    this.text = text;
    this.codes = List.of(codes);
  }

  String text() {
    return text;
  }

  List<ReasonCode> codes() {
    return codes;
  }

  /**
   * Whether a reason is an answer to it. What ended QEMU is always one to whether it starts,
   * whatever its code (R-BLK-10).
   */
  boolean isAnsweredBy(Reason reason) {
    if (reason.kind() == ReasonKind.REFUSAL) {
      return this == STARTS;
    }
    return codes.stream().anyMatch(code -> code.name().equals(reason.code()));
  }

  /** The question to which a code is an answer. */
  static Topic of(ReasonCode code) {
    return Arrays.stream(values())
        .filter(topic -> topic.codes.contains(code))
        .findFirst()
        .orElseThrow(() -> new IllegalStateException("nobody asks about " + code));
  }
}
