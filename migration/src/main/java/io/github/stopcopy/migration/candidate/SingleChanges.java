package io.github.stopcopy.migration.candidate;

import io.github.stopcopy.core.config.DeviceConfig;
import io.github.stopcopy.core.config.MemoryPlan;
import io.github.stopcopy.core.config.VmConfig;
import io.github.stopcopy.core.error.Result;
import io.github.stopcopy.core.plugin.Plugins;
import io.github.stopcopy.core.profile.QemuProfile;
import io.github.stopcopy.core.property.PropertyDefinition;
import io.github.stopcopy.core.property.PropertyInput;
import io.github.stopcopy.core.spi.DeviceTypeProvider;
import io.github.stopcopy.migration.change.VfioDevices;
import io.github.stopcopy.migration.destination.LoadedDevice;
import io.github.stopcopy.migration.reason.RemedyKind;
import io.github.stopcopy.migration.remedy.RemedyChange;
import io.github.stopcopy.migration.remedy.RemedyChange.Action;
import io.github.stopcopy.migration.remedy.RemedyNeed;
import io.github.stopcopy.migration.scenario.Scenario;
import io.github.stopcopy.vfiopci.VfioDevice;
import io.github.stopcopy.vfiopci.environment.VfioBehaviour;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;

/**
 * Everything that a user can change about a VM, decision by decision. What devices take is one
 * decision for all of them, and of each kind of alike devices one for all and one for the first,
 * which stands for any of them.
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

  private record Setting(String property, String value, List<String> assumes) {}

  private final Scenario scenario;
  private final Plugins types;
  private final RemedyCandidates remedies;
  private final TargetDevices devices;
  private final UnplugCandidates unplug;
  private final TrackingCandidates tracking;
  private final TrackerCandidates trackers;
  private final ViommuCandidates additions;
  private final DeviceKinds kinds;
  private final Optional<DeviceConfig> viommu;
  private final Set<List<RemedyChange>> idle = new HashSet<>();

  /**
   * The changes for what was played.
   *
   * @param scenario what was played
   * @param types who knows the vIOMMUs, the properties of devices and the dirty trackers
   * @param starts whether QEMU starts
   * @param loaded the devices whose states are sent to a destination; none without one
   * @param asked the dirty trackers that there are now
   */
  public SingleChanges(
      Scenario scenario,
      Plugins types,
      boolean starts,
      List<LoadedDevice> loaded,
      AskedTrackers asked) {
    Collection<String> virtualIommus = types.virtualIommus().names();
    this.scenario = scenario;
    this.types = types;
    this.remedies = new RemedyCandidates(scenario, types, starts, loaded);
    this.devices = new TargetDevices(scenario);
    this.unplug = new UnplugCandidates(devices, scenario.host(), starts);
    this.viommu =
        scenario.vm().devices().stream()
            .filter(device -> virtualIommus.contains(device.driver()))
            .findFirst();
    this.tracking = new TrackingCandidates(scenario, devices, viommu.isPresent());
    this.trackers = new TrackerCandidates(devices, types.dirtyTrackers().all(), asked);
    this.additions = new ViommuCandidates(scenario, devices, viommu);
    this.kinds = new DeviceKinds(scenario, devices, asked, virtualIommus);
  }

  /**
   * Changes of the VM, or of some devices of it.
   *
   * @param kind the kind of devices, numbered from 0; empty: the VM, or all VFIO devices
   * @param changes one by one; whether one changes anything is for the model to say
   */
  public record Part(OptionalInt kind, List<Candidate> changes) {

    /** Copies the list. */
    public Part {
      changes = List.copyOf(changes);
    }
  }

  /**
   * All of them: first those of the whole VM, then those of each kind of devices.
   *
   * @param concerned the names of the host's devices whose kinds come first
   */
  public List<Part> all(Set<String> concerned) {
    List<Candidate> whole = new ArrayList<>();
    for (RemedyKind kind : KINDS) {
      whole.addAll(remedies.of(kind, devices.all()));
    }
    whole.addAll(tracking.iommufd());
    patchedRelease().ifPresent(whole::add);
    if (!isDumped()) {
      whole.addAll(MachineTypeCandidates.of(scenario));
    }
    viommu.ifPresent(device -> viommu(whole, device));
    if (!devices.all().isEmpty()) {
      whole.addAll(additions.additions(types.virtualIommus().all()));
      whole.addAll(of(devices.all()));
    }
    List<Part> all = new ArrayList<>();
    all.add(new Part(OptionalInt.empty(), whole));
    List<List<DeviceConfig>> kindsOfDevices = new ArrayList<>(kinds.all());
    kindsOfDevices.sort(
        Comparator.comparing(alike ->
            alike.stream().noneMatch(device -> concerned.contains(VfioDevices.nameOf(device)))));
    for (int i = 0; i < kindsOfDevices.size(); i++) {
      List<DeviceConfig> alike = kindsOfDevices.get(i);
      List<Candidate> ofKind = new ArrayList<>();
      if (alike.size() > 1 && !devices.areAll(alike)) {
        ofKind.addAll(of(alike));
      }
      if (devices.all().size() > 1) {
        for (Candidate one : of(alike.subList(0, 1))) {
          ofKind.add(
              alike.size() == 1
                  ? one
                  : one.more("; any of the " + alike.size() + " that are alike will do"));
        }
      }
      all.add(new Part(OptionalInt.of(i), ofKind));
    }
    return all;
  }

  /**
   * Whether a change of {@link #all} leaves all as it is, or is not understood, while the release
   * stays: it sets what is the default, or a property that is not there.
   */
  public boolean isIdle(Candidate change) {
    return idle.contains(change.changes());
  }

  private boolean isIdle(DeviceConfig device, Setting setting) {
    Optional<DeviceTypeProvider> type =
        types
            .deviceTypes()
            .find(device.driver())
            .or(() ->
                types.virtualIommus().find(device.driver()).map(DeviceTypeProvider.class::cast));
    if (type.isEmpty()) {
      return false;
    }
    String name = setting.property();
    Optional<PropertyDefinition> found = type.get().properties(scenario.profile()).definition(name);
    if (found.isEmpty()) {
      return true;
    }
    // The defaults of a vIOMMU are up to the machine.
    return VfioDevice.isVfio(device)
        && device.setting(name).isEmpty()
        && scenario.vm().globals().stream()
            .noneMatch(global -> global.setting().name().equals(name))
        && found.get().type().read(device.driver(), name, new PropertyInput.Text(setting.value()))
            instanceof Result.Ok<Object> value
        && found.get().defaultValue().equals(Optional.of(value.value()));
  }

  /** What was left out of {@link #all}, a sentence each. */
  public List<String> leftOut() {
    return isDumped()
        ? List.of(
            "Other machine types were not tried: the dump says where memory is with this one only.")
        : List.of();
  }

  /** What some devices take, all of them alike. */
  private List<Candidate> of(List<DeviceConfig> some) {
    List<Candidate> all = new ArrayList<>();
    VFIO_SETTINGS.forEach(setting -> all.add(set(some, setting)));
    if (!devices.areAll(some)) {
      all.addAll(unplug.of(some));
    }
    all.addAll(tracking.byAnyDriver(some));
    all.addAll(trackers.of(some));
    return all;
  }

  private Candidate set(List<DeviceConfig> some, Setting setting) {
    List<RemedyChange> changes = devices.set(some, setting.property(), setting.value());
    if (some.stream().allMatch(device -> isIdle(device, setting))) {
      idle.add(changes);
    }
    return Candidate.of(
            "set " + setting.property() + "=" + setting.value() + " on " + devices.every(some),
            changes,
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

  /** Where a dump says where memory is, as it would be elsewhere on another machine. */
  private boolean isDumped() {
    VmConfig vm = scenario.vm();
    return vm.memory().plan(vm, scenario.profile(), scenario.host())
            instanceof Result.Ok<MemoryPlan> plan
        && plan.value().afterFirmware().isPresent();
  }

  private void viommu(List<Candidate> all, DeviceConfig device) {
    String target = ViommuCandidates.target(device);
    for (Candidate removal : remedies.of(RemedyKind.REMOVE_VIOMMU, devices.all())) {
      if (removal.changes().size() == 1) {
        all.add(removal);
      }
    }
    for (Setting setting : VIOMMU_SETTINGS) {
      List<RemedyChange> changes =
          List.of(new RemedyChange.Set(target, setting.property(), setting.value()));
      if (isIdle(device, setting)) {
        idle.add(changes);
      }
      all.add(
          Candidate.of(
              "set " + setting.property() + "=" + setting.value() + " on the vIOMMU",
              changes,
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
