package io.github.stopcopy.migration.remedy;

import io.github.stopcopy.core.config.DeviceConfig;
import io.github.stopcopy.core.profile.QemuProfile;
import io.github.stopcopy.migration.reason.ReasonCode;
import io.github.stopcopy.migration.reason.RemedyKind;
import io.github.stopcopy.migration.scenario.Scenario;
import io.github.stopcopy.vfiopci.environment.VfioBehaviour;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.UnaryOperator;

/** Knows what could help against a reason; whether it does is for the model to say. */
public final class RemedyCandidates {

  private static final int MOST_CPUS_WITHOUT_REMAPPING = 255;
  private static final Set<String> UNSUPPORTED_CAPABILITIES =
      Set.of("postcopy-ram", "background-snapshot");
  private static final String PASSTHROUGH = "x-migration-iommu-pt";

  private final Scenario scenario;
  private final List<DeviceConfig> vfio;
  private final Optional<String> virtualIommu;

  /**
   * Something that could help.
   *
   * @param text what to change
   * @param change the change
   */
  public record Candidate(String text, UnaryOperator<Scenario> change) {}

  /**
   * Candidates for what was played.
   *
   * @param scenario what was played
   * @param virtualIommus the device types that are vIOMMUs
   */
  public RemedyCandidates(Scenario scenario, Collection<String> virtualIommus) {
    this.scenario = scenario;
    this.vfio = Changes.vfioDevices(scenario);
    this.virtualIommu =
        scenario.vm().devices().stream()
            .map(DeviceConfig::driver)
            .filter(virtualIommus::contains)
            .findFirst();
  }

  /** What could help against a reason with this code and device. */
  public List<Candidate> of(String code, Optional<String> device) {
    List<Candidate> all = new ArrayList<>();
    for (RemedyKind kind : ReasonCode.named(code).map(ReasonCode::remedies).orElse(List.of())) {
      all.addAll(of(kind, device));
    }
    return all;
  }

  private List<Candidate> of(RemedyKind kind, Optional<String> device) {
    return switch (kind) {
      case IOMMU_PASSTHROUGH_OPTION -> List.of(passthroughOption());
      case CONTAINER_TRACKING_BEHIND_VIOMMU -> List.of(containerTracksBehindViommu());
      case CONTAINER_TRACKING -> againstRefusedTracking();
      case REMOVE_VIOMMU -> withoutViommu();
      case DMA_TRANSLATION_OFF -> withoutTranslation();
      case CACHING_MODE -> cachingMode();
      case NARROWER_VIOMMU -> viommuSettings("aw-bits", List.of("39"), "the width");
      case VIOMMU_WIDTH -> viommuSettings("aw-bits", List.of("48", "39"), "the width");
      case ALLOW_MIGRATION -> setting(device, "enable-migration", "auto", "");
      case DEVICE_TRACKING_ON -> setting(device, "x-device-dirty-page-tracking", "on", "");
      case ACCEPT_ALL_DIRTY ->
          setting(
              device,
              "enable-migration",
              "on",
              ", and accept that all memory the device can reach is sent again at every pass");
      case UNPLUG_DEVICE -> unplug(device);
      case UNPLUG_DEVICES_WITHOUT_P2P -> unplugOthers();
      case WITHOUT_CAPABILITIES ->
          List.of(
              new Candidate(
                  "migrate without postcopy-ram and background-snapshot",
                  s -> Changes.withoutCapabilities(s, UNSUPPORTED_CAPABILITIES)));
      case AFTER_INCOMING -> afterIncoming();
      case MORE_PHYS_BITS -> physBits();
      case SPLIT_IRQCHIP ->
          List.of(
              new Candidate(
                  "set -machine kernel-irqchip=split",
                  s -> Changes.machineOption(s, "kernel-irqchip", "split")));
      case FEWER_VCPUS ->
          List.of(
              new Candidate(
                  "have at most " + MOST_CPUS_WITHOUT_REMAPPING + " vCPUs",
                  s -> Changes.vcpus(s, MOST_CPUS_WITHOUT_REMAPPING)));
      case BYPASS_IOMMU, KERNEL_DRIVER, IOMMUFD_DIRTY_TRACKING, UNPLUG_ALL_FOR_MIGRATION ->
          List.of();
    };
  }

  private Candidate passthroughOption() {
    UnaryOperator<Scenario> passthrough = s -> Changes.setOnAllVfio(s, PASSTHROUGH, "on");
    String settings = "set " + PASSTHROUGH + "=on on every VFIO device (" + names() + ")";
    return VfioBehaviour.of(scenario.profile()).hasMigrationIommuPt()
        ? new Candidate(settings, passthrough)
        : new Candidate(
            "run a QEMU with the RFC's option (profile 8.1-iommu-pt) and " + settings,
            s -> passthrough.apply(s.withProfile(QemuProfile.V8_1_IOMMU_PT)));
  }

  private Candidate containerTracksBehindViommu() {
    String release =
        scenario.profile() == QemuProfile.V11_0 ? "" : "run QEMU 11.0 (not recorded) and ";
    return new Candidate(
        release
            + "set x-device-dirty-page-tracking=off and enable-migration=on on every VFIO device ("
            + names()
            + "), so that the container tracks instead of the devices",
        s -> containerTracks(s.withProfile(QemuProfile.V11_0)));
  }

  private List<Candidate> withoutViommu() {
    if (virtualIommu.isEmpty()) {
      return List.of();
    }
    String driver = virtualIommu.get();
    int vcpus = scenario.vm().vcpus();
    if (vcpus <= MOST_CPUS_WITHOUT_REMAPPING) {
      return List.of(
          new Candidate(
              "remove the vIOMMU (-device "
                  + driver
                  + "); "
                  + (vcpus == 1 ? "1 vCPU does" : vcpus + " vCPUs do")
                  + " not need it for interrupts",
              s -> Changes.withoutVirtualIommu(s, driver)));
    }
    return List.of(
        new Candidate(
            "remove the vIOMMU (-device "
                + driver
                + ") and have at most "
                + MOST_CPUS_WITHOUT_REMAPPING
                + " vCPUs, since more need it for interrupts",
            s ->
                Changes.vcpus(
                    Changes.withoutVirtualIommu(s, driver), MOST_CPUS_WITHOUT_REMAPPING)));
  }

  private List<Candidate> withoutTranslation() {
    if (virtualIommu.isEmpty()) {
      return List.of();
    }
    return List.of(
        new Candidate(
            "set dma-translation=off on the vIOMMU, so that it only remaps interrupts; the guest"
                + " must know this (Linux from 5.10 on, Windows Server)",
            s -> Changes.setOn(s, virtualIommu.get(), "dma-translation", "off")));
  }

  private List<Candidate> afterIncoming() {
    if (!scenario.vm().incoming()) {
      return List.of();
    }
    return List.of(
        new Candidate(
            "wait until the incoming migration has ended, and ask again without -incoming",
            Changes::withoutIncoming));
  }

  private List<Candidate> cachingMode() {
    if (virtualIommu.isEmpty()) {
      return List.of();
    }
    return List.of(
        new Candidate(
            "set caching-mode=on on the vIOMMU",
            s -> Changes.setOn(s, virtualIommu.get(), "caching-mode", "on")));
  }

  private List<Candidate> viommuSettings(String property, List<String> values, String what) {
    if (virtualIommu.isEmpty()) {
      return List.of();
    }
    List<Candidate> all = new ArrayList<>();
    for (String value : values) {
      all.add(
          new Candidate(
              "set " + what + " of the vIOMMU to " + property + "=" + value,
              s -> Changes.setOn(s, virtualIommu.get(), property, value)));
    }
    return all;
  }

  private List<Candidate> againstRefusedTracking() {
    return List.of(
        new Candidate(
            "set x-device-dirty-page-tracking=off and enable-migration=on on every VFIO device ("
                + names()
                + "), so that the container tracks instead",
            RemedyCandidates::containerTracks));
  }

  private static Scenario containerTracks(Scenario scenario) {
    return Changes.setOnAllVfio(
        Changes.setOnAllVfio(scenario, "x-device-dirty-page-tracking", "off"),
        "enable-migration",
        "on");
  }

  private static List<Candidate> setting(
      Optional<String> device, String property, String value, String more) {
    String target = device.orElse("");
    return List.of(
        new Candidate(
            "set " + property + "=" + value + " on " + target + more,
            s -> Changes.set(s, target, property, value)));
  }

  private static List<Candidate> unplug(Optional<String> device) {
    return device
        .map(name ->
            List.of(
                new Candidate(
                    "migrate without " + name + ": unplug it before, plug one in on the other side",
                    s -> Changes.without(s, List.of(name)))))
        .orElse(List.of());
  }

  private List<Candidate> unplugOthers() {
    List<String> names = new ArrayList<>();
    for (DeviceConfig device : vfio) {
      String name = Changes.nameOf(device);
      if (!scenario.host().device(name).migration().p2p()) {
        names.add(name);
      }
    }
    return names.isEmpty()
        ? List.of()
        : List.of(
            new Candidate(
                "unplug the devices without P2P ("
                    + String.join(", ", names)
                    + ") before the migration",
                s -> Changes.without(s, names)));
  }

  private static List<Candidate> physBits() {
    List<Candidate> all = new ArrayList<>();
    for (int bits : new int[] {42, 46, 52}) {
      all.add(
          new Candidate(
              "give the guest's processor more address bits: -cpu ...,phys-bits=" + bits,
              s -> Changes.cpuOption(s, "phys-bits", Integer.toString(bits))));
    }
    return all;
  }

  private String names() {
    return String.join(
        ", ", vfio.stream().map(device -> device.id().orElse(Changes.nameOf(device))).toList());
  }
}
