package io.github.stopcopy.migration.message;

import static io.github.stopcopy.core.profile.QemuProfile.V10_0;
import static io.github.stopcopy.core.profile.QemuProfile.V11_0;
import static io.github.stopcopy.core.profile.QemuProfile.V11_1;
import static io.github.stopcopy.core.profile.QemuProfile.V8_1_IOMMU_PT;
import static io.github.stopcopy.core.profile.QemuProfile.V8_2;
import static io.github.stopcopy.core.profile.QemuProfile.V9_0;
import static io.github.stopcopy.core.profile.QemuProfile.V9_1;
import static io.github.stopcopy.core.profile.QemuProfile.V9_2;
import static io.github.stopcopy.migration.message.KnownMessage.qemu;
import static io.github.stopcopy.migration.reason.ReasonCode.AMD_IOMMU_LOSES_DIRTY_PAGES;
import static io.github.stopcopy.migration.reason.ReasonCode.CAPABILITY_MISSING;
import static io.github.stopcopy.migration.reason.ReasonCode.CONTAINER_SETUP_FAILED;
import static io.github.stopcopy.migration.reason.ReasonCode.DESTINATION_CANNOT_LOAD;
import static io.github.stopcopy.migration.reason.ReasonCode.DESTINATION_DEVICE_DIFFERS;
import static io.github.stopcopy.migration.reason.ReasonCode.DESTINATION_DEVICE_MISSING;
import static io.github.stopcopy.migration.reason.ReasonCode.DESTINATION_MACHINE_TYPE_DIFFERS;
import static io.github.stopcopy.migration.reason.ReasonCode.DESTINATION_REFUSES_STATE;
import static io.github.stopcopy.migration.reason.ReasonCode.DESTINATION_RESETS_DEVICE;
import static io.github.stopcopy.migration.reason.ReasonCode.DESTINATION_VIOMMU_MISSING;
import static io.github.stopcopy.migration.reason.ReasonCode.DEVICE_STATE_FAILED;
import static io.github.stopcopy.migration.reason.ReasonCode.DIRTY_SYNC_FAILED;
import static io.github.stopcopy.migration.reason.ReasonCode.DIRTY_TRACKING_START_FAILED;
import static io.github.stopcopy.migration.reason.ReasonCode.QEMU_ABORTED;
import static io.github.stopcopy.migration.reason.ReasonCode.VIOMMU_IN_USE;
import static io.github.stopcopy.migration.reason.ReasonCode.VIOMMU_MAPPING_FAILED;
import static io.github.stopcopy.migration.reason.ReasonCode.VIOMMU_USED_DURING_MIGRATION;
import static io.github.stopcopy.migration.reason.ReasonCode.VIRTIO_IOMMU_LOSES_DIRTY_PAGES;

import java.util.List;

/** What QEMU says where a migration fails, or memory cannot be mapped and unmapped. */
final class FailureMessages {

  private static final String MAP_NOTE =
      "While a device is added it is refused. In the running guest QEMU aborts if it is RAM"
          + " (\"qemu: hardware error\" follows); of a BAR, as a warning, it only means no P2P.";

  private static final String UNMAP_NOTE =
      "Fatal to a migration only where the guest takes back a mapping of its vIOMMU; else QEMU goes"
          + " on.";

  private static final String IOCTL_NOTE = "The line behind it says what it was for.";

  static final List<KnownMessage> ALL =
      List.of(
          qemu(
                  "vIOMMU mappings active cannot start dirty tracking, err {number} ({words})",
                  VIOMMU_IN_USE)
              .only(V8_1_IOMMU_PT),
          qemu(
                  "{device}: Multifd device transfer requested but unsupported in the current"
                      + " config",
                  CAPABILITY_MISSING)
              .from(V10_0),
          qemu(
                  "{device}: Failed to start DMA logging, err {number} ({words})",
                  DIRTY_TRACKING_START_FAILED)
              .upTo(V9_0),
          qemu("{device}: Failed to start DMA logging: {words}", DIRTY_TRACKING_START_FAILED)
              .from(V9_1),
          qemu("Failed to prepare DMA logging: {words}", DIRTY_TRACKING_START_FAILED).from(V9_1),
          qemu(
                  "vfio: Could not start dirty page tracking, err: {number} ({words})",
                  DIRTY_TRACKING_START_FAILED,
                  VIOMMU_IN_USE)
              .upTo(V9_0),
          qemu("vfio: Could not start dirty page tracking - {text}", DIRTY_TRACKING_START_FAILED)
              .from(V9_1),
          qemu(
                  "Failed to set dirty tracking flag {hex} errno: {number}",
                  DIRTY_TRACKING_START_FAILED)
              .upTo(V9_0),
          qemu("Failed to set dirty tracking flag {hex}: {words}", DIRTY_TRACKING_START_FAILED)
              .from(V9_1),
          qemu(
                  "IOMMU_HWPT_SET_DIRTY_TRACKING(hwpt_id {number}) failed: {words}",
                  DIRTY_TRACKING_START_FAILED)
              .from(V9_1),
          qemu("{device}: Failed to stop DMA logging, err {number} ({words})")
              .noted(
                  "The migration is over and the device goes on to log; QEMU only warns, and the"
                      + " next migration may find it logging."),
          qemu("vfio: Could not stop dirty page tracking{text}")
              .noted("Said once the migration is over, which it does not change."),
          qemu(
                  "{device}: Failed to get DMA logging report, iova: {hex}, size: {hex}, err:"
                      + " {number} ({words})",
                  DIRTY_SYNC_FAILED)
              .upTo(V9_0),
          qemu(
                  "{device}: Failed to get DMA logging report, iova: {hex}, size: {hex}: {words}",
                  DIRTY_SYNC_FAILED)
              .from(V9_1),
          qemu(
                  "Failed to get dirty bitmap for iova: {hex} size: {hex} err: {number}",
                  DIRTY_SYNC_FAILED)
              .upTo(V9_0),
          qemu("Failed to get dirty bitmap for iova: {hex} size: {hex}: {words}", DIRTY_SYNC_FAILED)
              .from(V9_1),
          qemu(
                  "IOMMU_HWPT_GET_DIRTY_BITMAP (iova: {hex} size: {hex}) failed: {words}",
                  DIRTY_SYNC_FAILED)
              .from(V9_1),
          qemu("vfio: Failed to sync dirty bitmap, err: {number} ({words})", DIRTY_SYNC_FAILED)
              .upTo(V9_0),
          qemu("vfio: Failed to sync dirty bitmap - {text}", DIRTY_SYNC_FAILED).from(V9_1),
          qemu("ram_save_setup failed: {words}", DIRTY_SYNC_FAILED)
              .from(V9_1)
              .noted("The dirty pages of VFIO are read for the first time while RAM is set up."),
          qemu(
                  "{device}: Failed setting device state to {word}, err: {words}. Setting device in"
                      + " recover state {word}",
                  DEVICE_STATE_FAILED)
              .upTo(V9_0),
          qemu(
                  "{device}: Failed setting device state to {word}, err: {words}. Recover state is"
                      + " ERROR. Resetting device",
                  DEVICE_STATE_FAILED)
              .upTo(V9_0),
          qemu(
                  "{device}: Failed setting device state to {word}. Setting device in recover state"
                      + " {word}: {words}",
                  DEVICE_STATE_FAILED)
              .from(V9_1),
          qemu(
                  "{device}: Failed setting device state to {word}. Recover state is ERROR."
                      + " Resetting device: {words}",
                  DEVICE_STATE_FAILED)
              .from(V9_1),
          qemu(
                  "{device}: Failed setting device state to RUNNING. Recover state is ERROR."
                      + " Resetting device: {words}",
                  DEVICE_STATE_FAILED,
                  DESTINATION_RESETS_DEVICE)
              .from(V9_1)
              .noted("On the destination the device then knows nothing of what was loaded."),
          qemu(
              "{device}: Failed setting device in recover state, err: {words}. Resetting device",
              DEVICE_STATE_FAILED),
          qemu("{device}: Failed resetting device, err: {words}", QEMU_ABORTED),
          qemu("{device}: Invalid device state", DEVICE_STATE_FAILED),
          qemu("Failed to save iterable device state: ")
              .from(V11_1)
              .noted("The migration failed for what follows."),
          qemu(
                  "Channel error: {words}",
                  DEVICE_STATE_FAILED,
                  DIRTY_SYNC_FAILED,
                  VIOMMU_USED_DURING_MIGRATION)
              .from(V9_1)
              .noted("The stream of the migration was marked as failed; the lines before say why."),
          qemu("qemu: hardware error: vfio: DMA mapping failed, unable to continue", QEMU_ABORTED),
          qemu("VFIO_MAP_DMA failed: {words}", CONTAINER_SETUP_FAILED, QEMU_ABORTED)
              .upTo(V9_2)
              .noted(IOCTL_NOTE),
          qemu("VFIO_UNMAP_DMA failed: {words}", VIOMMU_MAPPING_FAILED)
              .upTo(V9_2)
              .noted(IOCTL_NOTE + " " + UNMAP_NOTE),
          qemu("VFIO_UNMAP_DMA with DIRTY_BITMAP : {words}", VIOMMU_MAPPING_FAILED)
              .noted(IOCTL_NOTE),
          qemu("UNMAP: Size of bitmap too big {hex}", VIOMMU_MAPPING_FAILED).noted(IOCTL_NOTE),
          qemu(
                  "vfio_dma_map({ptr}, {hex}, {hex}, {ptr}) = {number} ({words})",
                  CONTAINER_SETUP_FAILED,
                  QEMU_ABORTED,
                  VIOMMU_MAPPING_FAILED)
              .upTo(V8_2)
              .noted(MAP_NOTE),
          qemu(
                  "vfio_container_dma_map({ptr}, {hex}, {hex}, {ptr}) = {number} ({words})",
                  CONTAINER_SETUP_FAILED,
                  QEMU_ABORTED,
                  VIOMMU_MAPPING_FAILED)
              .from(V9_0)
              .noted(MAP_NOTE),
          qemu(
                  "vfio_container_dma_map({ptr}, {hex}, {hex}, {ptr}) = -17 (File exists)",
                  VIRTIO_IOMMU_LOSES_DIRTY_PAGES,
                  AMD_IOMMU_LOSES_DIRTY_PAGES)
              .from(V11_0)
              .noted("At every pass of a migration, for what is mapped already: pages are lost."),
          qemu("vfio_dma_unmap({ptr}, {hex}, {hex}) = {number} ({words})", VIOMMU_MAPPING_FAILED)
              .upTo(V8_2)
              .noted(UNMAP_NOTE),
          qemu(
                  "vfio_container_dma_unmap({ptr}, {hex}, {hex}) = {number} ({words})",
                  VIOMMU_MAPPING_FAILED)
              .from(V9_0)
              .noted(UNMAP_NOTE),
          qemu("Wrong target AS \"{word}\", only system memory is allowed", VIOMMU_MAPPING_FAILED),
          qemu("iommu map to non memory area {hex}")
              .noted(
                  "A mapping of the guest that leads to no RAM: no device can use it, and where the"
                      + " container tracks a migration fails at it."),
          qemu("iommu map to discarded memory (e.g., unplugged via virtio-mem): {hex}")
              .noted("A mapping of the guest that leads to memory it gave back; QEMU ignores it."),
          qemu("iommu has granularity incompatible with target AS")
              .noted("A mapping of the guest that is cut short; QEMU ignores it."),
          qemu("{device}: PCI peer-to-peer transactions on BARs are not supported.")
              .from(V10_0)
              .noted("Devices cannot reach each other's BARs; the migration does not need it."),
          qemu("failed to vfio_dma_map. pci p2p may not work")
              .upTo(V8_1_IOMMU_PT)
              .noted("Devices cannot reach each other's BARs; the migration does not need it."),
          qemu("PCI p2p may not work: {text}")
              .from(V8_2)
              .upTo(V9_2)
              .noted("Devices cannot reach each other's BARs; the migration does not need it."),
          qemu("VFIO dma-buf not supported in kernel, using mmap fallback, P2P DMA will not work")
              .from(V11_1)
              .noted("The kernel is older than QEMU likes; the migration does not need it."),
          qemu(
                  "possibly running out of DMA mappings. E.g., try increasing the 'block-size' of"
                      + " virtio-mem devies. Maximum possible DMA mappings: {number}, Maximum"
                      + " possible memslots: {number}",
                  CONTAINER_SETUP_FAILED)
              .noted("Up to 10.1 a warning, an error from 10.2 on."),
          qemu("vfio_listener_valid_section received unaligned region {text}")
              .noted("A region that is not mapped for devices, of no concern unless it is RAM."),
          qemu("Using vfio with vIOMMUs and coordinated discarding of RAM (e.g., virtio-mem)"
                  + " works, however, malicious guests can trigger pinning of more memory than"
                  + " intended via an IOMMU.")
              .noted("A remark on virtio-mem behind a vIOMMU, not on the migration."),
          qemu(
                  "Unknown section or instance '{word}' {number}. Make sure that your current VM"
                      + " setup matches your saved VM setup, including any hotplugged devices",
                  DESTINATION_DEVICE_MISSING,
                  DESTINATION_CANNOT_LOAD,
                  DESTINATION_VIOMMU_MISSING)
              .noted("Said by the destination, which ends; the source runs on."),
          qemu(
                  "Unknown savevm section or instance '{word}' {number}. Make sure that your"
                      + " current VM setup matches your saved VM setup, including any hotplugged"
                      + " devices",
                  DESTINATION_DEVICE_MISSING,
                  DESTINATION_CANNOT_LOAD,
                  DESTINATION_VIOMMU_MISSING)
              .noted("Said by the destination, which ends; the source runs on."),
          qemu(
                  "{device}: Failed setting device state to RESUMING. Setting device in recover"
                      + " state {word}: {words}",
                  DESTINATION_REFUSES_STATE)
              .from(V9_1)
              .noted("Said by the destination, which ends; the source runs on."),
          qemu(
                  "{device}: Failed setting device state to RESUMING, err: {words}. Setting device"
                      + " in recover state {word}",
                  DESTINATION_REFUSES_STATE)
              .upTo(V9_0)
              .noted("Said by the destination, which ends; the source runs on."),
          qemu("Failed to load device config space", DESTINATION_DEVICE_DIFFERS)
              .noted("Said by the destination after the source has completed: the VM is lost."),
          qemu(
                  "Machine type received is '{word}' and local is '{word}'",
                  DESTINATION_MACHINE_TYPE_DIFFERS)
              .noted("Said by the destination, which ends; the source runs on."),
          qemu("load of migration failed: ")
              .noted("The destination could not load what the source sent; what follows is why."),
          qemu("Unable to write to socket: {words}")
              .noted("The other side is gone: look at what the destination says."));

  private FailureMessages() {}
}
