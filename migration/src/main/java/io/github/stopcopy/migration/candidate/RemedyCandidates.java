package io.github.stopcopy.migration.candidate;

import io.github.stopcopy.core.config.DeviceConfig;
import io.github.stopcopy.core.plugin.Plugins;
import io.github.stopcopy.migration.destination.LoadedDevice;
import io.github.stopcopy.migration.reason.ReasonCode;
import io.github.stopcopy.migration.reason.RemedyKind;
import io.github.stopcopy.migration.remedy.RemedyChange;
import io.github.stopcopy.migration.remedy.RemedyChange.Action;
import io.github.stopcopy.migration.remedy.RemedyNeed;
import io.github.stopcopy.migration.scenario.Scenario;
import io.github.stopcopy.vfiopci.environment.VfioBehaviour;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** Knows what could help against a reason; whether it does is for the model to say. */
public final class RemedyCandidates {

  private final Scenario scenario;
  private final TargetDevices devices;
  private final UnplugCandidates unplug;
  private final TrackingCandidates tracking;
  private final ViommuCandidates viommu;
  private final UnknownSettings unknownSettings;
  private final DestinationCandidates destination;
  private final CapabilityCandidates capabilities;

  /**
   * Candidates for what was played.
   *
   * @param scenario what was played
   * @param types who knows the vIOMMUs and the properties of devices
   * @param starts whether QEMU starts
   * @param loaded the devices whose states are sent to a destination; none without one
   */
  public RemedyCandidates(
      Scenario scenario, Plugins types, boolean starts, List<LoadedDevice> loaded) {
    Collection<String> virtualIommus = types.virtualIommus().names();
    Optional<DeviceConfig> found =
        scenario.vm().devices().stream()
            .filter(device -> virtualIommus.contains(device.driver()))
            .findFirst();
    this.scenario = scenario;
    this.devices = new TargetDevices(scenario);
    this.capabilities = new CapabilityCandidates(scenario);
    this.unplug = new UnplugCandidates(devices, scenario.host(), starts);
    this.tracking = new TrackingCandidates(scenario, devices, found.isPresent());
    this.destination = new DestinationCandidates(scenario, loaded);
    this.viommu = new ViommuCandidates(scenario, devices, found);
    this.unknownSettings = new UnknownSettings(scenario, types);
  }

  /**
   * What could help against reasons with this code.
   *
   * @param code the code
   * @param names the names of the host's devices that have a reason with this code; empty if it
   *     concerns the VM, and then all of them
   */
  public List<Candidate> against(String code, Collection<String> names) {
    List<DeviceConfig> some = names.isEmpty() ? devices.all() : devices.named(names);
    List<Candidate> all = new ArrayList<>();
    for (RemedyKind kind : ReasonCode.named(code).map(ReasonCode::remedies).orElse(List.of())) {
      all.addAll(of(kind, some));
    }
    return all;
  }

  List<Candidate> of(RemedyKind kind, List<DeviceConfig> some) {
    return switch (kind) {
      case IOMMU_PASSTHROUGH_OPTION -> viommu.passthroughOption();
      case CONTAINER_TRACKING_BEHIND_VIOMMU ->
          tracking.byContainer(VfioBehaviour::viommuBlocksOnlyDeviceTracking);
      case CONTAINER_TRACKING -> tracking.byContainer(behaviour -> true);
      case REMOVE_VIOMMU -> viommu.removal();
      case DMA_TRANSLATION_OFF -> viommu.withoutTranslation();
      case CACHING_MODE -> viommu.cachingMode();
      case NARROWER_VIOMMU -> viommu.width(39);
      case VIOMMU_WIDTH -> join(viommu.width(48), viommu.width(39));
      case BYPASS_IOMMU -> viommu.bypass();
      case ALLOW_MIGRATION -> tracking.allowingMigration(some);
      case DEVICE_TRACKING_ON -> tracking.byDevice(some);
      case ACCEPT_ALL_DIRTY -> tracking.acceptingAllDirty(some);
      case IOMMUFD_DIRTY_TRACKING -> tracking.byIommu();
      case KERNEL_DRIVER -> tracking.byDriver(some);
      case UNPLUG_DEVICE -> unplug.of(some);
      case UNPLUG_DEVICES_WITHOUT_P2P -> unplug.withoutP2p();
      case UNPLUG_ALL_FOR_MIGRATION -> unplug.all();
      case WITHOUT_CAPABILITIES -> capabilities.refused();
      case MULTIFD_TRANSFER -> capabilities.multifdTransfer(some);
      case AFTER_INCOMING -> afterIncoming();
      case FAILOVER_STANDBY -> standby(some);
      case MORE_PHYS_BITS -> physBits();
      case SPLIT_IRQCHIP ->
          List.of(
              Candidate.of(
                  "set -machine kernel-irqchip=split",
                  List.of(new RemedyChange.Set("machine", "kernel-irqchip", "split")),
                  RemedyNeed.RESTART));
      case DESTINATION_DRIVER -> destination.driver(some);
      case DESTINATION_RELEASE -> destination.release();
      case FEWER_VCPUS -> ViommuCandidates.fewerCpus();
      case HOST_FACTS -> HostFactCandidates.of(scenario.host(), devices, some);
      case NEWER_RELEASE -> newerReleases();
      case WITHOUT_SETTINGS -> unknownSettings.leftOut();
    };
  }

  private List<Candidate> newerReleases() {
    return Releases.newer(scenario.profile()).stream()
        .map(release -> Candidate.of(release.run(), release.changes(), release.needs()))
        .toList();
  }

  private List<Candidate> afterIncoming() {
    return scenario.vm().incoming()
        ? List.of(
            Candidate.of(
                "wait until the incoming migration has ended, and ask again without -incoming",
                List.of(new Action(Action.WAIT_FOR_INCOMING))))
        : List.of();
  }

  /** The virtio-net device that a primary names is told to stand in. */
  private List<Candidate> standby(List<DeviceConfig> some) {
    Set<String> ids = new HashSet<>();
    for (DeviceConfig net : scenario.vm().devices()) {
      if (net.driver().startsWith("virtio-net")) {
        net.id().ifPresent(ids::add);
      }
    }
    List<RemedyChange> changes = new ArrayList<>();
    for (DeviceConfig primary : some) {
      String standby = primary.setting("failover_pair_id").orElse("");
      if (!ids.contains(standby)) {
        return List.of();
      }
      changes.add(new RemedyChange.Set(standby, "failover", "on"));
    }
    return changes.isEmpty()
        ? List.of()
        : List.of(
            Candidate.of(
                    "set failover=on on the virtio-net device that stands in for "
                        + devices.names(some),
                    changes,
                    RemedyNeed.RESTART)
                .assuming("the guest's driver knows failover, and both have the same MAC address"));
  }

  private static List<Candidate> physBits() {
    List<Candidate> all = new ArrayList<>();
    for (String bits : List.of("42", "46", "52")) {
      all.add(
          Candidate.of(
              "give the guest's processor more address bits: -cpu ...,phys-bits=" + bits,
              List.of(new RemedyChange.Set("cpu", "phys-bits", bits)),
              RemedyNeed.RESTART));
    }
    return all;
  }

  private static List<Candidate> join(List<Candidate> first, List<Candidate> second) {
    List<Candidate> all = new ArrayList<>(first);
    all.addAll(second);
    return all;
  }
}
