package io.github.stopcopy.migration.candidate;

import io.github.stopcopy.core.config.DeviceConfig;
import io.github.stopcopy.core.profile.QemuProfile;
import io.github.stopcopy.core.property.PropertySchema;
import io.github.stopcopy.core.spi.VirtualIommuProvider;
import io.github.stopcopy.migration.change.Changes;
import io.github.stopcopy.migration.remedy.RemedyChange;
import io.github.stopcopy.migration.remedy.RemedyNeed;
import io.github.stopcopy.migration.scenario.Scenario;
import io.github.stopcopy.vfiopci.environment.VfioBehaviour;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** The vIOMMU is set otherwise, goes round some devices, goes altogether, or comes. */
final class ViommuCandidates {

  private static final int MOST_CPUS_WITHOUT_REMAPPING = 255;
  private static final String CACHING_MODE = "caching-mode";
  private static final String WIDTH = "aw-bits";
  private static final List<String> WIDTHS = List.of("39", "48");
  static final String PASSTHROUGH = "x-migration-iommu-pt";
  static final String NOT_FOR_DMA = "the guest does not use the vIOMMU for DMA";
  private static final String DESTINATION_IDS =
      "the guest knows the extended destination id, so that devices reach more than 255 vCPUs"
          + " without interrupt remapping";

  private final Scenario scenario;
  private final TargetDevices devices;
  private final Optional<DeviceConfig> viommu;

  ViommuCandidates(Scenario scenario, TargetDevices devices, Optional<DeviceConfig> viommu) {
    this.scenario = scenario;
    this.devices = devices;
    this.viommu = viommu;
  }

  /** The option of the RFC, with the QEMU that was asked about if it has it. */
  List<Candidate> passthroughOption() {
    List<DeviceConfig> all = devices.all();
    List<RemedyChange> settings = devices.set(all, PASSTHROUGH, "on");
    String set = "set " + PASSTHROUGH + "=on on ";
    String every =
        all.size() == 1 ? devices.names(all) : "every VFIO device (" + devices.names(all) + ")";
    if (VfioBehaviour.of(scenario.profile()).hasMigrationIommuPt()) {
      return List.of(Candidate.of(set + every, settings, RemedyNeed.RESTART).assuming(NOT_FOR_DMA));
    }
    List<Candidate> patched = new ArrayList<>();
    for (QemuProfile profile : QemuProfile.values()) {
      if (VfioBehaviour.of(profile).hasMigrationIommuPt()) {
        patched.add(
            Candidate.of(
                    "patch QEMU and "
                        + set
                        + every
                        + " (profile "
                        + profile
                        + "); the patch, the RFC \"vfio: allow migration with vIOMMU\", was"
                        + " discussed on the qemu-devel mailing list and is in no release of QEMU",
                    Candidate.changes(List.of(new RemedyChange.Release(profile)), settings),
                    RemedyNeed.RESTART,
                    RemedyNeed.UNMERGED_PATCH)
                .assuming(NOT_FOR_DMA));
      }
    }
    return patched;
  }

  /** Up to 255 vCPUs need no remapping; with more it is one or the other. */
  List<Candidate> removal() {
    if (viommu.isEmpty()) {
      return List.of();
    }
    String target = target(viommu.get());
    RemedyChange remove = new RemedyChange.Remove(target);
    String text = "remove the vIOMMU (-device " + viommu.get().driver() + ")";
    String nobody = "nothing in the guest needs the vIOMMU for DMA";
    int vcpus = scenario.vm().vcpus();
    if (vcpus <= MOST_CPUS_WITHOUT_REMAPPING) {
      String cpus = vcpus == 1 ? "1 vCPU does" : vcpus + " vCPUs do";
      return List.of(
          Candidate.of(
                  text + "; " + cpus + " not need it for interrupts",
                  List.of(remove),
                  RemedyNeed.RESTART)
              .assuming(nobody));
    }
    return List.of(
        Candidate.of(
                text
                    + " and have at most "
                    + MOST_CPUS_WITHOUT_REMAPPING
                    + " vCPUs, which every guest can interrupt without it",
                List.of(remove, cpus()),
                RemedyNeed.RESTART)
            .assuming(nobody),
        Candidate.of(
                text
                    + " and keep "
                    + vcpus
                    + " vCPUs; without interrupt remapping the guest must know the extended"
                    + " destination id to interrupt more than "
                    + MOST_CPUS_WITHOUT_REMAPPING,
                List.of(remove),
                RemedyNeed.RESTART,
                RemedyNeed.GUEST_CHANGE)
            .assuming(nobody, DESTINATION_IDS));
  }

  /**
   * A vIOMMU of each type that there is, where there is none: as VFIO can be used with it, and in
   * each width that guests have.
   */
  List<Candidate> additions(Collection<VirtualIommuProvider> types) {
    List<Candidate> all = new ArrayList<>();
    if (viommu.isPresent()) {
      return all;
    }
    for (VirtualIommuProvider type : types) {
      PropertySchema schema = type.properties(scenario.profile());
      Map<String, String> settings = new LinkedHashMap<>();
      if (schema.definition(CACHING_MODE).isPresent()) {
        settings.put(CACHING_MODE, "on");
      }
      if (schema.definition(WIDTH).isEmpty()) {
        all.add(addition(new RemedyChange.Add(type.name(), settings)));
        continue;
      }
      for (String width : WIDTHS) {
        settings.put(WIDTH, width);
        all.add(addition(new RemedyChange.Add(type.name(), settings)));
      }
    }
    return all;
  }

  private static Candidate addition(RemedyChange.Add add) {
    return Candidate.of(
            "have a vIOMMU, named before all other devices: -device " + add.option(),
            List.of(add),
            RemedyNeed.RESTART,
            RemedyNeed.GUEST_CHANGE)
        .assuming("the guest has a driver for the vIOMMU");
  }

  static RemedyChange cpus() {
    return new RemedyChange.Set("smp", "cpus", Integer.toString(MOST_CPUS_WITHOUT_REMAPPING));
  }

  static List<Candidate> fewerCpus() {
    return List.of(
        Candidate.of(
            "have at most " + MOST_CPUS_WITHOUT_REMAPPING + " vCPUs",
            List.of(cpus()),
            RemedyNeed.RESTART));
  }

  /** The buses on which the devices sit go round the vIOMMU (R-LST-1). */
  List<Candidate> bypass() {
    if (viommu.isEmpty() || devices.all().isEmpty()) {
      return List.of();
    }
    Set<RemedyChange> changes = new LinkedHashSet<>();
    List<String> options = new ArrayList<>();
    for (DeviceConfig device : devices.all()) {
      Optional<String> expander = devices.expander(device).flatMap(DeviceConfig::id);
      RemedyChange change =
          expander.isPresent()
              ? new RemedyChange.Set(expander.get(), "bypass_iommu", "on")
              : new RemedyChange.Set("machine", "default-bus-bypass-iommu", "on");
      if (changes.add(change)) {
        options.add(
            expander
                .map(id -> "bypass_iommu=on on " + id)
                .orElse("-machine default-bus-bypass-iommu=on"));
      }
    }
    boolean many = scenario.vm().vcpus() > MOST_CPUS_WITHOUT_REMAPPING;
    Candidate candidate =
        Candidate.of(
            "set "
                + String.join(" and ", options)
                + ", so that the vIOMMU does not serve the devices on these buses, nor remaps their"
                + " interrupts"
                + (many
                    ? "; they then reach only the first 255 vCPUs, unless the guest knows the"
                        + " extended destination id"
                    : ""),
            List.copyOf(changes),
            many
                ? new RemedyNeed[] {RemedyNeed.RESTART, RemedyNeed.GUEST_CHANGE}
                : new RemedyNeed[] {RemedyNeed.RESTART});
    return List.of(
        many
            ? candidate.assuming(
                "the guest sends interrupts of these devices to the first 255 vCPUs only, or knows"
                    + " the extended destination id")
            : candidate);
  }

  List<Candidate> withoutTranslation() {
    return setting(
        "dma-translation",
        "off",
        "set dma-translation=off on the vIOMMU, so that it only remaps interrupts; the guest must"
            + " know this (Linux from 5.10 on, Windows Server)",
        RemedyNeed.RESTART,
        RemedyNeed.GUEST_CHANGE);
  }

  List<Candidate> cachingMode() {
    return setting(CACHING_MODE, "on", "set caching-mode=on on the vIOMMU", RemedyNeed.RESTART);
  }

  List<Candidate> width(int bits) {
    return setting(
        WIDTH,
        Integer.toString(bits),
        "set the width of the vIOMMU to aw-bits=" + bits,
        RemedyNeed.RESTART);
  }

  private List<Candidate> setting(String property, String value, String text, RemedyNeed... needs) {
    return viommu
        .map(device ->
            List.of(
                Candidate.of(
                    text, List.of(new RemedyChange.Set(target(device), property, value)), needs)))
        .orElse(List.of());
  }

  static String target(DeviceConfig device) {
    return device.id().filter(id -> !Changes.isReserved(id)).orElse(device.driver());
  }
}
