package io.github.stopcopy.migration.reason;

/**
 * What kinds of change can help against a reason. Which of them the VM allows, how they are told,
 * and whether they do help is found out each time.
 */
public enum RemedyKind {
  /** Every device gets the RFC's option {@code x-migration-iommu-pt=on}, where QEMU has it. */
  IOMMU_PASSTHROUGH_OPTION(
      "set x-migration-iommu-pt=on on every VFIO device",
      "a QEMU with a patch that no release contains, and a restart; the guest must not use the"
          + " vIOMMU for DMA, or the migration fails"),
  /** Containers track instead of devices, with a release that then allows a vIOMMU (R-BLK-63). */
  CONTAINER_TRACKING_BEHIND_VIOMMU(
      "let containers track, with x-device-dirty-page-tracking=off and enable-migration=on",
      "QEMU 11.0 or newer, and a restart; all memory counts as written at every pass, so more is"
          + " sent while the VM stands still"),
  /** Containers track instead of devices, with the release that was asked about. */
  CONTAINER_TRACKING(
      "let containers track, with x-device-dirty-page-tracking=off and enable-migration=on",
      "a restart; all memory counts as written at every pass, so more is sent while the VM stands"
          + " still"),
  /** The vIOMMU is taken out. */
  REMOVE_VIOMMU(
      "take the vIOMMU out of the VM",
      "a restart, and a guest that does without; more than 255 vCPUs need one for interrupts"),
  /** The vIOMMU does not translate DMA and remaps interrupts only. */
  DMA_TRANSLATION_OFF(
      "set dma-translation=off on the vIOMMU, so that it remaps interrupts only",
      "a restart; the guest can no longer use it for DMA"),
  /** The vIOMMU tells the host what the guest maps. */
  CACHING_MODE("set caching-mode=on on the vIOMMU", "a restart"),
  /** The vIOMMU translates fewer address bits. */
  NARROWER_VIOMMU(
      "set aw-bits=39 on the vIOMMU", "a restart; the guest can address 512 GiB through it"),
  /** The vIOMMU translates a number of address bits that exists. */
  VIOMMU_WIDTH("set aw-bits=48 or 39 on the vIOMMU", "a restart"),
  /** Devices are placed so that the vIOMMU does not serve them. */
  BYPASS_IOMMU(
      "place the devices below a bus with bypass_iommu=on",
      "a restart, and a guest that finds its devices at another address"),
  /** The owner no longer forbids that the device migrates. */
  ALLOW_MIGRATION("leave out enable-migration=off", "a restart"),
  /** The device logs its own writes. */
  DEVICE_TRACKING_ON("leave out x-device-dirty-page-tracking=off", "a restart"),
  /** The owner accepts that all memory counts as written at every pass. */
  ACCEPT_ALL_DIRTY(
      "set enable-migration=on",
      "a restart; all memory counts as written at every pass, so more is sent while the VM stands"
          + " still, or what the device writes is lost where nobody tracks"),
  /** Hardware of the host's IOMMU tracks dirty pages, through iommufd. */
  IOMMUFD_DIRTY_TRACKING(
      "put the devices on an iommufd object, where the host's IOMMU tracks",
      "QEMU 9.1 or newer, a restart, and a host whose IOMMU can"),
  /** The host binds the device to a driver that can migrate it. */
  KERNEL_DRIVER(
      "bind the device to the kernel driver of its vendor that can migrate it",
      "a change of the host, and a device that has such a driver"),
  /** The device leaves the VM for the migration. */
  UNPLUG_DEVICE(
      "unplug the device before the migration, and plug in the like on the other side",
      "the guest does without the device meanwhile"),
  /** The devices that know no P2P leave the VM for the migration. */
  UNPLUG_DEVICES_WITHOUT_P2P(
      "unplug the devices that know no P2P before the migration",
      "the guest does without these devices meanwhile"),
  /** All VFIO devices leave the VM for the migration and come back after it. */
  UNPLUG_ALL_FOR_MIGRATION(
      "unplug every VFIO device before the migration, and plug in the like on the other side",
      "the guest does without these devices meanwhile"),
  /** The migration has the channels that the device's state goes through, or does without. */
  MULTIFD_TRANSFER(
      "migrate with the capability multifd, or leave out x-migration-multifd-transfer=on",
      "multifd needs a transport with several channels; leaving the property out needs a restart"),
  /** The migration does without the capabilities that are refused, or with one that they need. */
  WITHOUT_CAPABILITIES(
      "migrate without these capabilities, or with the one that they need",
      "nothing but the way in which memory is sent"),
  /** The VM waits until the migration that brings it here has ended. */
  AFTER_INCOMING("wait until the VM has come in", "time"),
  /** A virtio-net device of the VM stands in for the assigned one. */
  FAILOVER_STANDBY(
      "name a virtio-net device with failover=on in failover_pair_id",
      "a restart, and a guest whose drivers know failover"),
  /** The guest's processor gets more address bits. */
  MORE_PHYS_BITS("give the guest's processor more address bits (phys-bits)", "a restart"),
  /** Interrupt controllers of the kernel serve the processors, and QEMU the IO-APIC. */
  SPLIT_IRQCHIP("set kernel-irqchip=split on the machine", "a restart"),
  /** The destination binds its device to a driver that can migrate it. */
  DESTINATION_DRIVER(
      "on the destination bind the device to a kernel driver that can migrate it",
      "a change of that host"),
  /** The destination runs a release that has the machine type. */
  DESTINATION_RELEASE("run a release there that has the machine type", "another QEMU on that host"),
  /** The VM has no more processors than can do without interrupt remapping. */
  FEWER_VCPUS("give the VM at most 255 vCPUs", "a restart, and fewer processors"),
  /** Somebody finds out what the host's devices can do, and says it. */
  HOST_FACTS("find out what the host's devices can do, and say it with --host", "a look"),
  /** The nearest newer release that helps, one that was recorded if there is one. */
  NEWER_RELEASE("run a newer release", "another QEMU, and a restart"),
  /** Devices go without properties that only other releases, or other devices, have. */
  WITHOUT_SETTINGS(
      "leave out the properties that the release or the device does not have", "a restart");

  private final String text;
  private final String cost;

  RemedyKind(String text, String cost) {
    this.text = text;
    this.cost = cost;
  }

  /** What is changed, in words that begin no sentence. */
  public String text() {
    return text;
  }

  /** What it costs and needs, in words that begin no sentence. */
  public String cost() {
    return cost;
  }
}
