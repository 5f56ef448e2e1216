package io.github.stopcopy.migration.reason;

import io.github.stopcopy.migration.spi.Finding;
import java.util.List;

/**
 * What exactly was found, in plain words and with the rules it follows. A code has one cause or
 * several. Words in braces stand for what is named each time.
 */
public enum Cause {
  /** A vIOMMU blocks. */
  VIOMMU_PRESENT(ReasonCode.VIOMMU_PRESENT, Texts.VIOMMU_PRESENT, "R-BLK-26", "R-BLK-31"),
  /** A vIOMMU blocks, where QEMU also knows IOMMUs of the host that track. */
  VIOMMU_PRESENT_ALSO_WITH_IOMMU_TRACKING(
      ReasonCode.VIOMMU_PRESENT, Texts.VIOMMU_PRESENT, "R-BLK-26", "R-BLK-31", "R-BLK-51"),
  /** A vIOMMU blocks, where it does so only for a device that logs its own writes. */
  VIOMMU_PRESENT_WITH_DEVICE_LOG(
      ReasonCode.VIOMMU_PRESENT, Texts.VIOMMU_PRESENT, "R-BLK-26", "R-BLK-31", "R-BLK-63"),
  /** {@code enable-migration=off}. */
  MIGRATION_DISABLED(
      ReasonCode.MIGRATION_DISABLED,
      "The property enable-migration=off forbids the migration of this device, and with it that of"
          + " the whole VM.",
      "R-BLK-20"),
  /** The device cannot log. */
  DEVICE_CANNOT_LOG(ReasonCode.NO_DIRTY_TRACKING, Texts.CANNOT_LOG, "R-BLK-24"),
  /** The device may not log. */
  DEVICE_LOG_OFF(ReasonCode.NO_DIRTY_TRACKING, Texts.LOG_OFF, "R-BLK-24"),
  /** Neither the device can log nor its IOMMU track. */
  NEITHER_DEVICE_NOR_IOMMU_TRACKS(ReasonCode.NO_DIRTY_TRACKING, Texts.CANNOT_LOG, "R-BLK-50"),
  /** The device may not log, and its IOMMU does not track. */
  DEVICE_LOG_OFF_AND_NO_IOMMU_TRACKING(ReasonCode.NO_DIRTY_TRACKING, Texts.LOG_OFF, "R-BLK-50"),
  /** The container's bitmap is too small. */
  MEMORY_TOO_LARGE(
      ReasonCode.MEMORY_TOO_LARGE,
      "The container tracks dirty pages in a bitmap of limited size, and this VM has more RAM than"
          + " the bitmap can cover.",
      "R-BLK-62"),
  /** The kernel answers ENOTTY. */
  NO_KERNEL_SUPPORT(
      ReasonCode.NO_KERNEL_SUPPORT,
      "The kernel driver bound to this device has no migration support. It takes a variant driver"
          + " (such as mlx5_vfio_pci) that can save and restore the device's state.",
      "R-BLK-21"),
  /** The kernel answers with another error. */
  DRIVER_ANSWERS_WITH_ERROR(
      ReasonCode.MIGRATION_INIT_FAILED,
      "The kernel driver answered with an error when asked how the device migrates.",
      "R-BLK-22"),
  /** The kernel driver cannot save a stopped device. */
  NO_STOP_COPY(
      ReasonCode.MIGRATION_INIT_FAILED,
      "The kernel driver supports migration in part only: it cannot save the state of a stopped"
          + " device (STOP_COPY), without which nothing can be transferred.",
      "R-BLK-22"),
  /** Several devices, where at most one may be. */
  MULTIPLE_DEVICES(
      ReasonCode.MULTIPLE_DEVICES,
      "This release migrates at most one VFIO device. Later ones migrate several if all of them"
          + " have a state in which they run but start no transfer to another device (P2P).",
      "R-REL-1"),
  /** Several devices without P2P. */
  MULTIPLE_DEVICES_WITHOUT_P2P(
      ReasonCode.MULTIPLE_DEVICES_WITHOUT_P2P,
      "With several devices each must have a state in which it runs but starts no transfer to"
          + " another device (P2P), so that they can be stopped one after the other. Without it:"
          + " {devices}.",
      "R-BLK-25",
      "R-BLK-35"),
  /** A vIOMMU whose state cannot be saved blocks. */
  VIOMMU_CANNOT_BE_SAVED(
      ReasonCode.NON_MIGRATABLE_DEVICE,
      "QEMU cannot save the state of this vIOMMU at all.",
      "R-BLK-6",
      "R-OBS-1"),
  /** A vIOMMU whose state cannot be saved is refused. */
  ONLY_MIGRATABLE(
      ReasonCode.NON_MIGRATABLE_DEVICE,
      "QEMU cannot save the state of this vIOMMU, and -only-migratable forbids such devices.",
      "R-OBS-1"),
  /** Postcopy or a background snapshot. */
  CAPABILITY_NOT_SUPPORTED(
      ReasonCode.CAPABILITY_NOT_SUPPORTED,
      "VFIO devices migrate by pre-copy and stop-and-copy only.",
      "R-BLK-8"),
  /** A capability that the release does not have, or no longer. */
  CAPABILITY_UNKNOWN(
      ReasonCode.CAPABILITY_NOT_SUPPORTED,
      "This release has no migration capability of that name.",
      "R-OBS-126"),
  /** Capabilities that QEMU does not switch on together, or one without another. */
  CAPABILITIES_DO_NOT_GO_TOGETHER(
      ReasonCode.CAPABILITY_NOT_SUPPORTED,
      "QEMU does not switch on these migration capabilities: some exclude each other, some need"
          + " another one or a setting of KVM.",
      "R-OBS-166"),
  /** The device's data is to go through channels that are not there. */
  MULTIFD_TRANSFER_WITHOUT_CHANNELS(
      ReasonCode.CAPABILITY_MISSING,
      "The device has x-migration-multifd-transfer=on, so its state must go through the channels of"
          + " the migration capability multifd, which is off.",
      "R-OBS-167"),
  /** A mode that the release does not have. */
  MODE_UNKNOWN(
      ReasonCode.MODE_NOT_SUPPORTED, "The mode cpr-reboot came with QEMU 8.2.", "R-REL-24"),
  /** Another migration, an incoming one, or one that is over. */
  NOT_NOW(
      ReasonCode.NOT_NOW, "The VM is not in a state in which a migration can begin.", "R-BLK-5"),

  /** The vIOMMU refuses once all devices are there. */
  VIOMMU_REFUSES_AT_THE_END(ReasonCode.VIOMMU_REFUSES_DEVICE, Texts.VIOMMU_REFUSES, "R-VIO-18"),
  /** The vIOMMU refuses a device as it comes. */
  VIOMMU_REFUSES_DEVICE(
      ReasonCode.VIOMMU_REFUSES_DEVICE, Texts.VIOMMU_REFUSES, "R-BLK-53", "R-OBS-4"),
  /** Properties of the vIOMMU do not fit the machine. */
  VIOMMU_MISCONFIGURED(
      ReasonCode.VIOMMU_MISCONFIGURED,
      "The vIOMMU cannot be created with these properties on this machine.",
      "R-VIO-2"),
  /** A property or a place that QEMU does not accept. */
  INVALID_CONFIGURATION(
      ReasonCode.INVALID_CONFIGURATION,
      "QEMU does not accept the device as it is described.",
      "R-PROP-9",
      "R-PROP-12"),
  /** An option that QEMU does not accept. */
  OPTION_REFUSED(
      ReasonCode.INVALID_CONFIGURATION,
      "QEMU does not accept the options as they are and makes no VM.",
      "R-OBS-127"),
  /** An id that names nothing, or something else. */
  LINK_TO_NOTHING(
      ReasonCode.INVALID_CONFIGURATION,
      "The device names an -object that is not there, or is of another type.",
      "R-OBS-118"),
  /** A second vIOMMU. */
  SECOND_VIOMMU(ReasonCode.VIOMMU_MISCONFIGURED, "A PC has one vIOMMU at most.", "R-VIO-2"),
  /** A failover primary that cannot be plugged. */
  FAILOVER_PRIMARY_REFUSED(
      ReasonCode.INVALID_CONFIGURATION,
      "A device that fails over is plugged and unplugged while the guest runs, so it needs an id"
          + " and a bus for that, such as a pcie-root-port; it must be PCI Express, an Ethernet"
          + " device, and alone in its slot, and a virtio-net device stands in for one only.",
      "R-OBS-115"),
  /** A property that only other releases have. */
  PROPERTY_OF_OTHER_RELEASES(
      ReasonCode.INVALID_CONFIGURATION,
      "This release has no property {property}; QEMU has it {releases}.",
      "R-PROP-9",
      "R-OBS-105"),
  /** A machine type that came with a later release; no rule says so, binaries do. */
  MACHINE_TYPE_OF_LATER_RELEASE(
      ReasonCode.MACHINE_TYPE_UNSUPPORTED,
      "The machine type came with a release of the same number, and this one is older."),
  /** A property of the machine that it has not. */
  MACHINE_PROPERTY_UNKNOWN(
      ReasonCode.INVALID_CONFIGURATION,
      "The machine of this release has no such property; leave it out of -machine.",
      "R-OBS-162"),
  /** A device of the host is given twice. */
  DEVICE_GIVEN_TWICE(
      ReasonCode.INVALID_CONFIGURATION,
      "A device of the host can be given to one VM only, and only once.",
      "R-PROP-22"),
  /** A group in two address spaces. */
  GROUP_IN_TWO_ADDRESS_SPACES(
      ReasonCode.GROUP_IN_TWO_ADDRESS_SPACES,
      "Two devices of one IOMMU group cannot be told apart, so they must share an address space;"
          + " behind a vIOMMU every device has its own.",
      "R-OBS-2"),
  /** Memory cannot be mapped. */
  CONTAINER_SETUP_FAILED(
      ReasonCode.CONTAINER_SETUP_FAILED,
      "The guest's memory could not be made available to the device as the host is.",
      "R-LST-60",
      "R-OBS-3"),
  /** Too few address bits. */
  PHYS_BITS_TOO_LOW(
      ReasonCode.PHYS_BITS_TOO_LOW,
      "RAM and the window for 64-bit BARs reach beyond what the guest's processor can address.",
      "R-OBS-5"),
  /** Too many processors. */
  TOO_MANY_VCPUS(
      ReasonCode.TOO_MANY_VCPUS,
      "More than 255 vCPUs need interrupt controllers in the kernel.",
      "R-VIO-3"),
  /** More processors than the machine has room for; no rule says so, binaries do. */
  MORE_VCPUS_THAN_THE_MACHINE_TAKES(
      ReasonCode.TOO_MANY_VCPUS, "A machine of this type takes no more vCPUs."),
  /** Memory that came into the running guest cannot be mapped. */
  MEMORY_OF_RUNNING_GUEST_NOT_MAPPED(
      ReasonCode.QEMU_ABORTED,
      "QEMU aborted: memory of the running guest could not be mapped for the device, and QEMU"
          + " cannot go on without.",
      "R-LST-61"),
  /** A device refused a state and then its reset. */
  DEVICE_NOT_RESET(
      ReasonCode.QEMU_ABORTED,
      "QEMU aborted: the device refused a state and then could not be reset either ({errno}), so"
          + " nobody knows what it does.",
      "R-MIG-43"),

  /** The vIOMMU is used at the start. */
  VIOMMU_IN_USE(
      ReasonCode.VIOMMU_IN_USE,
      "The guest already uses the vIOMMU for DMA, so the devices cannot be told which addresses to"
          + " track; QEMU gives up as the migration starts.",
      "R-DT-31",
      "R-OVW-10"),
  /** The vIOMMU is used midway. */
  VIOMMU_USED_DURING_MIGRATION(
      ReasonCode.VIOMMU_USED_DURING_MIGRATION,
      "In the middle of the migration the guest began to use the vIOMMU for DMA (translated section"
          + " {range}). QEMU lets the migration fail without a word.",
      "R-LST-25",
      "R-MIG-31"),
  /** A device refuses to log. */
  DEVICE_LOG_REFUSED(
      ReasonCode.DIRTY_TRACKING_START_FAILED,
      "The device or the kernel refused to track the ranges it was asked to: {errno}. Often there"
          + " are more or larger ranges than it can track, or they overlap.",
      "R-DT-33",
      "R-DT-41",
      "R-DT-42"),
  /** A container refuses to track. */
  CONTAINER_TRACKING_REFUSED(
      ReasonCode.DIRTY_TRACKING_START_FAILED,
      "The container refused to track dirty pages: {errno}.",
      "R-DT-24"),
  /** No range is there to track. */
  NOTHING_TO_TRACK(
      ReasonCode.DIRTY_TRACKING_START_FAILED,
      "Nothing that the device could write is mapped for it, and QEMU takes a request without any"
          + " range for an error.",
      "R-DT-11"),
  /** A device state is refused. */
  DEVICE_STATE_REFUSED(
      ReasonCode.DEVICE_STATE_FAILED, "The device refused the state {state}: {errno}.", "R-MIG-43"),
  /** A device is in no state to be saved. */
  DEVICE_STATE_UNFIT(
      ReasonCode.DEVICE_STATE_FAILED,
      "The device is in the state {state}, from which a migration cannot begin to save it.",
      "R-MIG-43"),
  /** A translation cannot be followed. */
  VIOMMU_MAPPING_FAILED(
      ReasonCode.VIOMMU_MAPPING_FAILED,
      "The guest changed what the vIOMMU maps and the host could not follow.",
      "R-LST-70",
      "R-LST-73"),
  /** Dirty pages cannot be read. */
  DIRTY_SYNC_FAILED(
      ReasonCode.DIRTY_SYNC_FAILED,
      "The dirty pages could not be read, so nobody would know what to send again.",
      "R-DT-58"),

  /** QEMU does not start on the destination. */
  DESTINATION_DOES_NOT_START(
      ReasonCode.DESTINATION_DOES_NOT_START,
      "QEMU does not start on the destination: {why} Nothing can be sent there, and the VM runs on"
          + " at the source.",
      "R-BLK-73"),
  /** The destination's release is older than the machine type. */
  DESTINATION_MACHINE_TYPE_UNKNOWN(
      ReasonCode.DESTINATION_MACHINE_TYPE_UNKNOWN,
      "QEMU {release} on the destination does not have the machine type {type} yet and does not"
          + " start. The VM runs on at the source.",
      "R-OBS-116"),
  /** Another machine type on the destination. */
  DESTINATION_MACHINE_TYPE_DIFFERS(
      ReasonCode.DESTINATION_MACHINE_TYPE_DIFFERS,
      "The machine is of type {type} on the source and {other} on the destination, and QEMU loads"
          + " a VM only into the type that it comes from. Names without a version stand for another"
          + " type in each release: name the type in full on both sides. The VM runs on at the"
          + " source.",
      "R-OBS-116"),
  /** Nothing is at the device's place. */
  DESTINATION_DEVICE_MISSING(
      ReasonCode.DESTINATION_DEVICE_MISSING,
      "On the destination no VFIO device takes this one's place in the guest, {place}. QEMU there"
          + " finds a state for a device that it does not have and exits; the migration fails and"
          + " the VM runs on at the source.",
      "R-OBS-116",
      "R-MIG-50"),
  /** The device at the place does not migrate. */
  DESTINATION_CANNOT_LOAD(
      ReasonCode.DESTINATION_CANNOT_LOAD,
      "What takes this device's place on the destination, {device}, cannot migrate there: {why}"
          + " QEMU there has nothing that could load the state and exits; the migration fails and"
          + " the VM runs on at the source.",
      "R-OBS-116"),
  /** RESUMING is refused. */
  DESTINATION_REFUSES_STATE(
      ReasonCode.DESTINATION_REFUSES_STATE,
      "What takes this device's place on the destination, {device}, refuses the state RESUMING, in"
          + " which it would load what is sent: {errno}. The migration fails and the VM runs on at"
          + " the source.",
      "R-OBS-116"),
  /** Another device is at the place. */
  DESTINATION_DEVICE_DIFFERS(
      ReasonCode.DESTINATION_DEVICE_DIFFERS,
      "The VM would be lost. It knows this device as {id}, and what takes its place on the"
          + " destination, {device}, is {other}. QEMU finds out only after the source has completed"
          + " and is stopped for good; then the destination exits.",
      "R-OBS-144",
      "R-OBS-116"),
  /** The source's vIOMMU is not on the destination. */
  DESTINATION_VIOMMU_MISSING(
      ReasonCode.DESTINATION_VIOMMU_MISSING,
      "The VM can be lost. The source has {viommu}, the destination {other}. The vIOMMU's state is"
          + " sent among the last things, often after the source has completed and is stopped for"
          + " good; QEMU on the destination has nothing that takes it and exits.",
      "R-OBS-116"),
  /** The device is reset after its state was loaded. */
  DESTINATION_RESETS_DEVICE(
      ReasonCode.DESTINATION_RESETS_DEVICE,
      "The state of the device would be lost. {device}, which takes its place on the destination,"
          + " loads it and then refuses the state {state}: {errno}. By then the source has"
          + " completed; QEMU resets the device, and the VM goes on with one that knows nothing of"
          + " what it did.",
      "R-MIG-43",
      "R-OBS-116"),
  /** BARs of other sizes. */
  DESTINATION_BARS_DIFFER(
      ReasonCode.DESTINATION_BARS_DIFFER,
      "The BARs of {device}, which takes this device's place on the destination, are others than"
          + " the guest knows: {bars}. QEMU does not check it and loads the device; whether its"
          + " driver in the guest then works nobody knows.",
      "R-OBS-116"),
  /** Another vIOMMU, or one that the source does not have. */
  DESTINATION_VIOMMU_DIFFERS(
      ReasonCode.DESTINATION_VIOMMU_DIFFERS,
      "The vIOMMU of the destination is not as that of the source: {difference}. QEMU does not"
          + " check it and loads the VM; it goes well as long as the guest does not use the vIOMMU"
          + " in a way that only one side knows.",
      "R-OBS-116"),
  /** Something about a device of the destination is not known. */
  DESTINATION_ASSUMED(
      ReasonCode.DESTINATION_ASSUMED,
      "Whether the destination can load this device rests on what nobody said: {what}. If it is"
          + " not so, the migration fails or the VM is lost.",
      "R-OBS-116",
      "R-OBS-144"),

  /** Every device has the RFC's option. */
  VIOMMU_MAY_BE_USED(
      ReasonCode.VIOMMU_MAY_BE_USED,
      "Every device has x-migration-iommu-pt=on, so the vIOMMU does not block. If the guest uses it"
          + " for DMA before the migration it is refused at its start, if it begins to in the"
          + " middle the migration fails; the guest runs on here in both cases. QEMU cannot prevent"
          + " it.",
      "R-BLK-27",
      "R-DT-31",
      "R-LST-25"),
  /** The same, as a warning. */
  VIOMMU_RELAXED(
      ReasonCode.VIOMMU_RELAXED,
      "Every device has x-migration-iommu-pt=on, so a vIOMMU does not block migration by itself; a"
          + " guest that uses it for DMA makes the migration fail.",
      "R-BLK-27"),
  /** A device of which facts are missing. */
  HOST_ASSUMED(
      ReasonCode.HOST_ASSUMED,
      "Nobody says what this device and its kernel driver can do on the host. The migration works"
          + " if they can do what is assumed, and is refused or fails if they cannot.",
      "R-BLK-21",
      "R-BLK-24"),
  /** QEMU looks for dirty pages of a vIOMMU that was just turned on. */
  VIOMMU_TOGGLE_CRASHES(
      ReasonCode.VIOMMU_TOGGLE_CRASHES,
      "Neither the devices nor their container can track, and this QEMU has a bug: if the guest"
          + " turns the vIOMMU on and off while the migration runs, QEMU may crash and the guest is"
          + " lost.",
      "R-OBS-145"),
  /** A virtio-net device stands in. */
  FAILOVER_PRIMARY(
      ReasonCode.FAILOVER_PRIMARY,
      "The device does not migrate: {standby} stands in for it. QEMU plugs it only after the"
          + " guest's driver has accepted its standby, and asks the guest to let go of it when a"
          + " migration begins. The migration waits for that (wait-unplug) as long as the guest"
          + " takes, and QEMU cannot force it. A vIOMMU, a missing driver or enable-migration block"
          + " nothing here.",
      "R-OBS-115",
      "R-MIG-12"),
  /** Nothing stands in. */
  FAILOVER_PAIR_MISSING(
      ReasonCode.FAILOVER_PAIR_MISSING,
      "The property failover_pair_id={standby} names no virtio-net device with failover=on before"
          + " it, so nobody stands in for the device. QEMU still takes it for one that leaves:"
          + " nothing blocks, and the migration completes without the device's state, which is"
          + " lost.",
      "R-OBS-115",
      "R-OBS-143"),
  /** Nobody tracks. */
  TRACKED_BY_NOBODY(
      ReasonCode.TRACKED_BY_NOBODY,
      "Neither the device nor its container nor the host's IOMMU tracks what it writes, and QEMU"
          + " asks nobody: each page is sent once. What the device writes into it later, while the"
          + " migration runs, is lost, and the migration completes as if all were well.",
      "R-OBS-111",
      "R-OBS-141",
      "R-DT-53"),
  /** A device that takes no part silences the others of its container. */
  SILENCED_BY_FAILOVER(
      ReasonCode.TRACKED_BY_NOBODY,
      "The device shares a container with {primary}, which fails over and takes no part in the"
          + " migration, even after the guest has let go of it. QEMU then asks for no dirty pages"
          + " of the whole container: what this device writes into pages that were sent is lost,"
          + " and the migration completes as if all were well.",
      "R-DT-53",
      "R-DT-54",
      "R-OBS-115"),
  /** QEMU maps again instead of asking for dirty pages. */
  VIRTIO_IOMMU_LOSES_DIRTY_PAGES(
      ReasonCode.VIRTIO_IOMMU_LOSES_DIRTY_PAGES,
      "The container tracks, and QEMU has a bug behind a virtio-iommu: once the guest translates"
          + " DMA, every pass tries to map again what is mapped (\"File exists\" for each mapping)"
          + " and asks for no dirty pages. What the device writes then is lost, and the migration"
          + " completes as if all were well. It goes well as long as the guest lets DMA pass.",
      "R-OBS-112",
      "R-OBS-142"),
  /** The same behind an amd-iommu, seen on 11.1.3. */
  AMD_IOMMU_LOSES_DIRTY_PAGES(
      ReasonCode.AMD_IOMMU_LOSES_DIRTY_PAGES,
      "The container tracks, and QEMU has a bug behind an amd-iommu with dma-remap=on, as behind a"
          + " virtio-iommu: once the guest translates DMA, every pass tries to map again what is"
          + " mapped (\"File exists\" for each mapping) and asks for no dirty pages. What the"
          + " device writes then is lost, and the migration completes as if all were well. It goes"
          + " well as long as the guest lets DMA pass.",
      "R-AS-85",
      "R-DT-57"),
  /** VFIO devices need a suspended guest. */
  GUEST_MUST_BE_SUSPENDED(
      ReasonCode.GUEST_MUST_BE_SUSPENDED,
      "In the mode cpr-reboot QEMU lets a VM with VFIO devices go only while the guest is suspended"
          + " to RAM, which its agent does (guest-suspend-ram); else the migration fails. What"
          + " blocks migration in the normal mode does not count here.",
      "R-REL-24"),
  /** A device refuses to log. */
  DIRTY_RATE_ABORTS(
      ReasonCode.DIRTY_RATE_ABORTS,
      "Do not measure this VM's dirty rate by its dirty bitmap (calc-dirty-rate in the mode"
          + " dirty-bitmap, virsh domdirtyrate-calc --mode dirty-bitmap): {device} refuses the"
          + " ranges to log, and QEMU would abort and the guest be lost.",
      "R-OBS-140"),
  /** Two releases of whoever starts it make two VMs of it. */
  VM_MAY_DIFFER(
      ReasonCode.VM_MAY_DIFFER,
      "The description stands for two VMs. {What differs}. Without that it is {answer}, with that"
          + " {other answer}. The XML of the stored or running domain (virsh dumpxml) tells which"
          + " it is.",
      "R-VIO-3"),
  /** A network hands out devices of the host, or not. */
  NETWORK_MAY_ASSIGN_DEVICE(
      ReasonCode.NETWORK_MAY_ASSIGN_DEVICE,
      "An interface whose network may assign it a device of the host (forward mode='hostdev'),"
          + " which only the network's own XML tells: {interface}. The answer holds if it does not;"
          + " the XML of the running domain (virsh dumpxml) shows which device it got.",
      "R-OVW-2");

  private final ReasonCode code;
  private final String text;
  private final List<String> rules;

  Cause(ReasonCode code, String text, String... rules) {
    this.code = code;
    this.text = text;
    this.rules = List.of(rules);
  }

  /** The code of reasons with this cause. */
  public ReasonCode code() {
    return code;
  }

  /** What it means, in plain words; words in braces stand for what is named each time. */
  public String text() {
    return text;
  }

  /** The numbers of the rules it follows. */
  public List<String> rules() {
    return rules;
  }

  /**
   * What it means here.
   *
   * @param values what the words in braces stand for, in their order
   * @throws IllegalArgumentException if there are more or fewer values than words in braces
   */
  public String explanation(String... values) {
    StringBuilder told = new StringBuilder();
    int from = 0;
    for (String value : values) {
      int open = text.indexOf('{', from);
      if (open < 0) {
        throw new IllegalArgumentException(name() + " does not name " + values.length + " things");
      }
      told.append(text, from, open).append(value);
      from = text.indexOf('}', open) + 1;
    }
    if (text.indexOf('{', from) >= 0) {
      throw new IllegalArgumentException(name() + " names more than " + values.length + " things");
    }
    return from == 0 ? text : told.append(text, from, text.length()).toString();
  }

  /**
   * A finding with this cause.
   *
   * @param qemuText QEMU's exact text
   * @param values what the words in braces stand for, in their order
   */
  public Finding finding(String qemuText, String... values) {
    return new Finding(code.name(), qemuText, explanation(values), rules);
  }

  /** What several causes say. */
  private static final class Texts {
    static final String VIOMMU_PRESENT =
        "The device sits behind a virtual IOMMU, so the guest could remap its DMA to any address at"
            + " any time and nobody knows which addresses to track. QEMU blocks migration for that"
            + " alone, even if the vIOMMU only remaps interrupts or passes DMA through.";
    static final String CANNOT_LOG =
        "The device cannot log which pages it writes, so QEMU would have to take all mapped memory"
            + " for written at every pass.";
    static final String LOG_OFF =
        "The device's own log of its writes is switched off by x-device-dirty-page-tracking=off, so"
            + " QEMU would have to take all mapped memory for written at every pass.";
    static final String VIOMMU_REFUSES =
        "The vIOMMU as it is configured cannot serve an assigned device.";

    private Texts() {}
  }
}
