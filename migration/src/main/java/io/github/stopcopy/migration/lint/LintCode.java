package io.github.stopcopy.migration.lint;

import static io.github.stopcopy.migration.spi.FindingLevel.ERROR;
import static io.github.stopcopy.migration.spi.FindingLevel.NOTE;
import static io.github.stopcopy.migration.spi.FindingLevel.WARNING;

import io.github.stopcopy.migration.remedy.RemedyChange;
import io.github.stopcopy.migration.spi.Finding;
import io.github.stopcopy.migration.spi.FindingLevel;
import io.github.stopcopy.migration.spi.VmRule;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/**
 * All that the linter can find. Names are stable, and none is that of a reason; words in braces
 * stand for what is named each time.
 */
public enum LintCode {
  /** A VFIO device that QEMU makes before the vIOMMU. */
  VIOMMU_AFTER_DEVICE(
      WARNING,
      "QEMU makes this device before the vIOMMU, so the vIOMMU does not translate for it, while the"
          + " guest sees one that should.",
      "Put the vIOMMU in front of all VFIO devices on the command line, or below a bus with"
          + " bypass_iommu=on those that it is not to serve.",
      "R-LST-1",
      "R-OBS-6"),
  /** An Intel vIOMMU that tells the host nothing. */
  CACHING_MODE_OFF(
      WARNING,
      "The Intel vIOMMU has no caching-mode=on. Without it a VFIO device behind the vIOMMU is"
          + " refused, also one that is plugged later, and before QEMU 10.2 that may end QEMU.",
      "Set caching-mode=on.",
      "R-VIO-18",
      "R-BLK-53",
      "R-REL-37"),
  /** A vIOMMU that cannot address all memory. */
  VIOMMU_NARROWER_THAN_MEMORY(
      WARNING,
      "The vIOMMU translates {what}. A guest that maps memory or BARs where they are fails above"
          + " that.",
      "Set aw-bits to a width that reaches all of it.",
      "R-VIO-17",
      "R-VIO-40"),
  /** A vIOMMU that promises more than the host's IOMMU can map. */
  VIOMMU_WIDER_THAN_HOST(
      WARNING,
      "The vIOMMU offers the guest {what}. What the guest maps above fails, and from QEMU 9.1 on an"
          + " Intel vIOMMU refuses the device.",
      "Set aw-bits to what the host's IOMMU can map.",
      "R-VIO-17",
      "R-REL-36"),
  /** A vIOMMU for a VM that has so few CPUs that interrupts do not ask for one. */
  VIOMMU_NOT_NEEDED(
      NOTE,
      "With {what} interrupts do without a vIOMMU, and each VFIO device behind one costs an address"
          + " space of its own and in most releases the migration.",
      "Take the vIOMMU out, unless the guest uses it for DMA (nested assignment, DPDK, protection"
          + " from devices).",
      "R-OVW-2",
      "R-VIO-3"),
  /** More than 255 vCPUs and a vIOMMU that does not reach them. */
  EIM_OFF(
      WARNING,
      "The VM has {what}, and its vIOMMU does not remap interrupts in extended mode, so devices do"
          + " not reach all of them.",
      "Set intremap=on and eim=on on the vIOMMU and kernel-irqchip=split on the machine.",
      "R-VIO-3",
      "R-VIO-12"),
  /** The RFC's option on some devices only. */
  PASSTHROUGH_OPTION_ON_SOME(
      WARNING,
      "x-migration-iommu-pt=on counts only if every VFIO device of the VM has it, those that are"
          + " not behind the vIOMMU too; {what}. A blocker that this leaves behind can outlive the"
          + " device that lacks it.",
      "Set it on every VFIO device, or on none.",
      "R-BLK-30",
      "R-BLK-33"),
  /** A vIOMMU that cannot translate blocks as one that can. */
  DMA_TRANSLATION_OFF_STILL_BLOCKS(
      NOTE,
      "dma-translation=off keeps the guest from translating, but QEMU does not look at it: the"
          + " device is behind a vIOMMU and migration is blocked all the same.",
      "Do not count on it; what helps stands with the reason VIOMMU_PRESENT.",
      "R-BLK-31"),
  /** A property that a newer release does not have. */
  PROPERTY_GOES_AWAY(
      WARNING,
      "{what}. With a newer release QEMU refuses to start this VM.",
      "Leave the property out, or keep it for the old release only.",
      "R-PROP-9"),
  /** A machine type that means another machine in each release. */
  MACHINE_TYPE_UNVERSIONED(
      NOTE,
      "The machine type {what} stands for another one in each release, with other defaults (such as"
          + " the width of a vIOMMU), and QEMU loads a VM only into the type that it comes from.",
      "Name the type with its version, such as pc-q35-9.1.",
      "R-OBS-116",
      "R-REL-38"),
  /** A device that blocks, and nobody is told before the day of the migration. */
  FAILURE_HIDDEN_UNTIL_MIGRATION(
      NOTE,
      "With enable-migration=auto, the default, QEMU starts the VM although this device blocks its"
          + " migration, and says so only when somebody migrates it.",
      "Where a VM must be able to migrate, set enable-migration=on or give -only-migratable: QEMU"
          + " then refuses at the start.",
      "R-BLK-10",
      "R-BLK-72"),
  /** The device's own log is switched off. */
  DEVICE_LOG_OFF(
      WARNING,
      "x-device-dirty-page-tracking=off keeps the device from logging what it writes, although it"
          + " can. The container tracks instead, for which all memory counts as written at every"
          + " pass.",
      "Leave the property out.",
      "R-BLK-50",
      "R-BLK-61"),
  /** The owner accepts that all counts as written. */
  ALL_COUNTS_AS_WRITTEN(
      WARNING,
      "enable-migration=on turns the blocker of a device that cannot log its writes into a warning."
          + " The migration then sends all memory again while the VM stands still.",
      "Plan the downtime for all of RAM, or leave enable-migration=on out where that is not meant.",
      "R-BLK-24",
      "R-BLK-61"),
  /** Nobody tracks what the device writes. */
  NOBODY_TRACKS(
      ERROR,
      "enable-migration=on lets a device migrate whose writes nobody tracks: neither the device nor"
          + " the container nor the host's IOMMU. What it writes after a page was sent is lost, and"
          + " the migration completes.",
      "Let the device log (leave x-device-dirty-page-tracking=off out), or leave"
          + " enable-migration=on out, so that QEMU blocks.",
      "R-OBS-141"),
  /** No dirty pages are collected while the VM runs. */
  PRE_COPY_TRACKING_OFF(
      WARNING,
      "x-pre-copy-dirty-page-tracking=off keeps QEMU from collecting what the devices of its"
          + " container write until the VM stands still, and all of it is sent then.",
      "Leave the property out.",
      "R-DT-59"),
  /** The BARs of a device cannot be reached by others. */
  BARS_NOT_MAPPED(
      NOTE,
      "x-no-mmap=on is a switch for debugging: each access of the guest to the BARs goes through"
          + " QEMU, and other devices cannot reach them.",
      "Leave the property out.",
      "R-OBS-101"),
  /** The device insists on a capability that the migration may not have. */
  MULTIFD_TRANSFER_FORCED(
      WARNING,
      "x-migration-multifd-transfer=on makes each migration fail that is started without the"
          + " capability multifd, after it has begun.",
      "Leave the property out: auto, the default, uses multifd where it is on.",
      "R-OBS-167"),
  /** A failover primary without a partner. */
  FAILOVER_WITHOUT_PAIR(
      ERROR,
      "failover_pair_id names {what}, which is no virtio-net device with failover=on. The migration"
          + " completes without the state of the device.",
      "Add the virtio-net device with failover=on, or leave failover_pair_id out.",
      "R-OBS-143"),
  /** Some devices are on iommufd, some are not. */
  IOMMUFD_ON_SOME(
      WARNING,
      "This device is on a type1 container while others of the VM are on iommufd: memory is pinned"
          + " and mapped twice, and dirty pages are tracked in two ways, of which the slower"
          + " counts.",
      "Give all VFIO devices the same iommufd object, or none.",
      "R-BLK-50",
      "R-REL-20");

  private static final String WHAT = "{what}";

  private final FindingLevel level;
  private final String meaning;
  private final String advice;
  private final List<String> rules;

  LintCode(FindingLevel level, String meaning, String advice, String... rules) {
    this.level = level;
    this.meaning = meaning;
    this.advice = advice;
    this.rules = List.of(rules);
  }

  /** The code with this name. */
  public static Optional<LintCode> named(String name) {
    return Arrays.stream(values()).filter(code -> code.name().equals(name)).findFirst();
  }

  /** How much it weighs. */
  public FindingLevel level() {
    return level;
  }

  /** What it means, in plain words. */
  public String meaning() {
    return meaning;
  }

  /** What to change, in plain words. */
  public String advice() {
    return advice;
  }

  /** The numbers of the rules it follows. */
  public List<String> rules() {
    return rules;
  }

  /**
   * What was found on a device.
   *
   * @param device the name of the host's device
   * @param what stands where the meaning has a hole
   */
  VmRule.Found on(String device, String what, List<RemedyChange> changes) {
    return found(Optional.of(device), what, changes);
  }

  /**
   * What was found on the VM.
   *
   * @param what stands where the meaning has a hole
   */
  VmRule.Found onVm(String what, List<RemedyChange> changes) {
    return found(Optional.empty(), what, changes);
  }

  private VmRule.Found found(Optional<String> device, String what, List<RemedyChange> changes) {
    String explanation = meaning.replace(WHAT, what) + " " + advice;
    return new VmRule.Found(device, new Finding(name(), level, "", explanation, rules, changes));
  }
}
