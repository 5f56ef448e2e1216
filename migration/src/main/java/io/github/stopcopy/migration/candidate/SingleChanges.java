package io.github.stopcopy.migration.candidate;

import io.github.stopcopy.core.config.DeviceConfig;
import io.github.stopcopy.core.config.MemoryPlan;
import io.github.stopcopy.core.config.VmConfig;
import io.github.stopcopy.core.error.Result;
import io.github.stopcopy.core.host.HostDevice;
import io.github.stopcopy.core.plugin.Plugins;
import io.github.stopcopy.core.profile.QemuProfile;
import io.github.stopcopy.core.property.PropertySetting;
import io.github.stopcopy.migration.change.VfioDevices;
import io.github.stopcopy.migration.destination.LoadedDevice;
import io.github.stopcopy.migration.reason.RemedyKind;
import io.github.stopcopy.migration.remedy.RemedyChange;
import io.github.stopcopy.migration.remedy.RemedyChange.Action;
import io.github.stopcopy.migration.remedy.RemedyNeed;
import io.github.stopcopy.migration.scenario.Scenario;
import io.github.stopcopy.vfiopci.environment.VfioBehaviour;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * Everything that a user can change about a VM, decision by decision: what several devices take
 * alike is one decision for all of them, and one for each group of devices that are alike.
 */
public final class SingleChanges {

  /** Those of the catalogue that are one decision each. */
  private static final List<RemedyKind> KINDS =
      List.of(
          RemedyKind.UNPLUG_ALL_FOR_MIGRATION,
          RemedyKind.UNPLUG_DEVICES_WITHOUT_P2P,
          RemedyKind.WITHOUT_CAPABILITIES,
          RemedyKind.MULTIFD_TRANSFER,
          RemedyKind.AFTER_INCOMING,
          RemedyKind.FAILOVER_STANDBY,
          RemedyKind.HOST_FACTS,
          RemedyKind.KERNEL_DRIVER,
          RemedyKind.DMA_TRANSLATION_OFF,
          RemedyKind.CACHING_MODE,
          RemedyKind.VIOMMU_WIDTH,
          RemedyKind.BYPASS_IOMMU,
          RemedyKind.FEWER_VCPUS,
          RemedyKind.SPLIT_IRQCHIP,
          RemedyKind.MORE_PHYS_BITS,
          RemedyKind.WITHOUT_SETTINGS,
          RemedyKind.NEWER_RELEASE,
          RemedyKind.DESTINATION_DRIVER,
          RemedyKind.DESTINATION_RELEASE);

  private static final String ALL_COUNTS =
      "the link is fast enough: what nobody tracks is sent again at every pass";
  private static final String NEWEST_MACHINE = "q35";
  private static final String OTHER_MACHINE =
      "the guest starts on the other machine, whose chipset and addresses are others";
  private static final String OTHER_MODEL = "the guest has a driver for the other vIOMMU";

  /** Settings of vfio-pci that decide about migration, and what an answer after them rests on. */
  private static final List<Setting> VFIO_SETTINGS =
      List.of(
          new Setting("enable-migration", "on", List.of(ALL_COUNTS)),
          new Setting("enable-migration", "auto", List.of()),
          new Setting("enable-migration", "off", List.of()),
          new Setting("x-device-dirty-page-tracking", "off", List.of(ALL_COUNTS)),
          new Setting("x-device-dirty-page-tracking", "on", List.of()),
          new Setting("x-pre-copy-dirty-page-tracking", "on", List.of()),
          new Setting("x-pre-copy-dirty-page-tracking", "off", List.of(ALL_COUNTS)),
          new Setting(ViommuCandidates.PASSTHROUGH, "on", List.of(ViommuCandidates.NOT_FOR_DMA)));

  /** Settings of vIOMMUs that no reason asks for, but which change what is tracked. */
  private static final List<Setting> VIOMMU_SETTINGS =
      List.of(
          new Setting("dma-translation", "on", List.of()),
          new Setting("dma-remap", "on", List.of()),
          new Setting("dma-remap", "off", List.of()),
          new Setting("intremap", "on", List.of()),
          new Setting("intremap", "off", List.of()),
          new Setting("eim", "on", List.of()),
          new Setting("eim", "off", List.of()));

  private static final int MOST_GROUPS = 8;
  private static final int SINGLE_DEVICES = 4;

  private record Setting(String property, String value, List<String> assumes) {}

  private final Scenario scenario;
  private final Plugins types;
  private final RemedyCandidates remedies;
  private final TargetDevices devices;
  private final UnplugCandidates unplug;
  private final TrackingCandidates tracking;
  private final Optional<DeviceConfig> viommu;
  private int kindsLeftOut;

  /**
   * The changes for what was played.
   *
   * @param scenario what was played
   * @param types who knows the vIOMMUs and the properties of devices
   * @param starts whether QEMU starts
   * @param loaded the devices whose states are sent to a destination; none without one
   */
  public SingleChanges(
      Scenario scenario, Plugins types, boolean starts, List<LoadedDevice> loaded) {
    this.scenario = scenario;
    this.types = types;
    this.remedies = new RemedyCandidates(scenario, types, starts, loaded);
    this.devices = new TargetDevices(scenario);
    this.unplug = new UnplugCandidates(devices, scenario.host(), starts);
    this.viommu =
        scenario.vm().devices().stream()
            .filter(device -> types.virtualIommus().names().contains(device.driver()))
            .findFirst();
    this.tracking = new TrackingCandidates(scenario, devices, viommu.isPresent());
  }

  /** All of them; whether one changes anything is for the model to say. */
  public List<Candidate> all() {
    List<Candidate> all = new ArrayList<>();
    for (RemedyKind kind : KINDS) {
      all.addAll(remedies.of(kind, devices.all()));
    }
    all.addAll(tracking.iommufd());
    patchedRelease().ifPresent(all::add);
    machineType().ifPresent(all::add);
    viommu.ifPresent(device -> viommu(all, device));
    List<List<DeviceConfig>> groups = groups();
    for (List<DeviceConfig> some : groups) {
      VFIO_SETTINGS.forEach(setting -> all.add(set(some, setting)));
      if (!devices.areAll(some)) {
        all.addAll(unplug.of(some));
      }
    }
    return all;
  }

  /**
   * How many kinds of VFIO devices are changed only with all the others, because there are so many;
   * known once {@link #all} was asked.
   */
  public int kindsLeftOut() {
    return kindsLeftOut;
  }

  /** All VFIO devices, and each of them, or each group of those that are alike if they are many. */
  private List<List<DeviceConfig>> groups() {
    List<DeviceConfig> every = devices.all();
    if (every.isEmpty()) {
      return List.of();
    }
    List<List<DeviceConfig>> groups = new ArrayList<>();
    groups.add(every);
    if (every.size() <= SINGLE_DEVICES) {
      if (every.size() > 1) {
        every.forEach(device -> groups.add(List.of(device)));
      }
      return groups;
    }
    Map<Object, List<DeviceConfig>> alike = new LinkedHashMap<>();
    for (DeviceConfig device : every) {
      alike.computeIfAbsent(kind(device), key -> new ArrayList<>()).add(device);
    }
    if (alike.size() > 1) {
      groups.addAll(List.copyOf(alike.values()).subList(0, Math.min(MOST_GROUPS, alike.size())));
    }
    kindsLeftOut = Math.max(0, alike.size() - MOST_GROUPS);
    return groups;
  }

  /** What two devices have in common that can be treated alike. */
  private List<Object> kind(DeviceConfig device) {
    Set<String> names = Set.of("host", "sysfsdev", "addr", "fd", "multifunction");
    List<PropertySetting> settings =
        device.settings().stream().filter(set -> !names.contains(set.name())).toList();
    HostDevice host = scenario.host().device(VfioDevices.nameOf(device));
    return List.of(
        device.driver(), settings, host.driver(), host.migration(), host.dmaLogging().supported());
  }

  private Candidate set(List<DeviceConfig> some, Setting setting) {
    String who =
        devices.areAll(some) && some.size() > 1
            ? "every VFIO device (" + devices.names(some) + ")"
            : devices.names(some);
    return Candidate.of(
            "set " + setting.property() + "=" + setting.value() + " on " + who,
            devices.set(some, setting.property(), setting.value()),
            RemedyNeed.RESTART)
        .assuming(setting.assumes().toArray(String[]::new));
  }

  /** The release of the RFC, if it is another one. */
  private Optional<Candidate> patchedRelease() {
    for (QemuProfile profile : QemuProfile.values()) {
      if (VfioBehaviour.of(profile).hasMigrationIommuPt() && profile != scenario.profile()) {
        return Optional.of(
            Candidate.of(
                "patch QEMU (profile " + profile + "; the patch is in no release)",
                List.of(new RemedyChange.Release(profile)),
                RemedyNeed.RESTART,
                RemedyNeed.UNMERGED_PATCH));
      }
    }
    return Optional.empty();
  }

  /**
   * The newest machine type with PCI Express, which alone takes most vIOMMUs and knows the defaults
   * of the release. Not where a dump says where memory is, as it would be elsewhere.
   */
  private Optional<Candidate> machineType() {
    VmConfig vm = scenario.vm();
    boolean isDumped =
        vm.memory().plan(vm, scenario.profile(), scenario.host())
                instanceof Result.Ok<MemoryPlan> plan
            && plan.value().afterFirmware().isPresent();
    if (vm.machineType().equals(NEWEST_MACHINE) || isDumped) {
      return Optional.empty();
    }
    return Optional.of(
        Candidate.of(
                "have the machine type "
                    + NEWEST_MACHINE
                    + ", the newest of its QEMU, instead of "
                    + vm.machineType(),
                List.of(new RemedyChange.Set("machine", "type", NEWEST_MACHINE)),
                RemedyNeed.RESTART,
                RemedyNeed.GUEST_CHANGE)
            .assuming(OTHER_MACHINE));
  }

  private void viommu(List<Candidate> all, DeviceConfig device) {
    String target = ViommuCandidates.target(device);
    for (Candidate removal : remedies.of(RemedyKind.REMOVE_VIOMMU, devices.all())) {
      if (removal.changes().size() == 1) {
        all.add(removal);
      }
    }
    for (Setting setting : VIOMMU_SETTINGS) {
      all.add(
          Candidate.of(
              "set " + setting.property() + "=" + setting.value() + " on the vIOMMU",
              List.of(new RemedyChange.Set(target, setting.property(), setting.value())),
              RemedyNeed.RESTART));
    }
    for (String other : types.virtualIommus().names()) {
      if (!other.equals(device.driver())) {
        all.add(
            Candidate.of(
                    "have a vIOMMU of type " + other + " instead of " + device.driver(),
                    List.of(new RemedyChange.Replace(target, other)),
                    RemedyNeed.RESTART,
                    RemedyNeed.GUEST_CHANGE)
                .assuming(OTHER_MODEL));
      }
    }
    all.add(
        Candidate.of(
            "name the vIOMMU before all other devices",
            List.of(new Action(Action.VIOMMU_FIRST)),
            RemedyNeed.RESTART));
  }
}
