package io.github.stopcopy.migration.reason;

/**
 * What kinds of change can help against a reason. Which of them the VM allows, how they are told,
 * and whether they do help is found out each time.
 */
public enum RemedyKind {
  /** Every device gets the RFC's option {@code x-migration-iommu-pt=on}, where QEMU has it. */
  IOMMU_PASSTHROUGH_OPTION,
  /** Containers track instead of devices, with a release that then allows a vIOMMU (R-BLK-63). */
  CONTAINER_TRACKING_BEHIND_VIOMMU,
  /** Containers track instead of devices, with the release that was asked about. */
  CONTAINER_TRACKING,
  /** The vIOMMU is taken out. */
  REMOVE_VIOMMU,
  /** The vIOMMU does not translate DMA and remaps interrupts only. */
  DMA_TRANSLATION_OFF,
  /** The vIOMMU tells the host what the guest maps. */
  CACHING_MODE,
  /** The vIOMMU translates fewer address bits. */
  NARROWER_VIOMMU,
  /** The vIOMMU translates a number of address bits that exists. */
  VIOMMU_WIDTH,
  /** Devices are placed so that the vIOMMU does not serve them. */
  BYPASS_IOMMU,
  /** The owner no longer forbids that the device migrates. */
  ALLOW_MIGRATION,
  /** The device logs its own writes. */
  DEVICE_TRACKING_ON,
  /** The owner accepts that all memory counts as written at every pass. */
  ACCEPT_ALL_DIRTY,
  /** Hardware of the host's IOMMU tracks dirty pages, through iommufd. */
  IOMMUFD_DIRTY_TRACKING,
  /** The host binds the device to a driver that can migrate it. */
  KERNEL_DRIVER,
  /** The device leaves the VM for the migration. */
  UNPLUG_DEVICE,
  /** The devices that know no P2P leave the VM for the migration. */
  UNPLUG_DEVICES_WITHOUT_P2P,
  /** All VFIO devices leave the VM for the migration and come back after it. */
  UNPLUG_ALL_FOR_MIGRATION,
  /** The migration has the channels that the device's state goes through, or does without. */
  MULTIFD_TRANSFER,
  /** The migration does without the capabilities that are refused, or with one that they need. */
  WITHOUT_CAPABILITIES,
  /** The VM waits until the migration that brings it here has ended. */
  AFTER_INCOMING,
  /** A virtio-net device of the VM stands in for the assigned one. */
  FAILOVER_STANDBY,
  /** The guest's processor gets more address bits. */
  MORE_PHYS_BITS,
  /** Interrupt controllers of the kernel serve the processors, and QEMU the IO-APIC. */
  SPLIT_IRQCHIP,
  /** The destination binds its device to a driver that can migrate it. */
  DESTINATION_DRIVER,
  /** The destination runs a release that has the machine type. */
  DESTINATION_RELEASE,
  /** The VM has no more processors than can do without interrupt remapping. */
  FEWER_VCPUS,
  /** Somebody finds out what the host's devices can do, and says it. */
  HOST_FACTS,
  /** The nearest newer release that helps, one that was recorded if there is one. */
  NEWER_RELEASE,
  /** Devices go without properties that only other releases, or other devices, have. */
  WITHOUT_SETTINGS
}
