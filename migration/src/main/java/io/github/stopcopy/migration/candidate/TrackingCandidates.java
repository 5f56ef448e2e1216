package io.github.stopcopy.migration.candidate;

import io.github.stopcopy.core.config.DeviceConfig;
import io.github.stopcopy.core.config.ObjectConfig;
import io.github.stopcopy.core.host.HostDevice;
import io.github.stopcopy.migration.change.VfioDevices;
import io.github.stopcopy.migration.remedy.RemedyChange;
import io.github.stopcopy.migration.remedy.RemedyNeed;
import io.github.stopcopy.migration.scenario.Scenario;
import io.github.stopcopy.vfiopci.driver.DriverAbility;
import io.github.stopcopy.vfiopci.driver.KernelDriver;
import io.github.stopcopy.vfiopci.driver.KernelRelease;
import io.github.stopcopy.vfiopci.environment.VfioBehaviour;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Predicate;

/** Somebody else tracks what devices write: the container, the IOMMU, another driver. */
final class TrackingCandidates {

  private static final String DEVICE_TRACKING = "x-device-dirty-page-tracking";
  private static final String MIGRATION = "enable-migration";
  private static final String PLAIN_DRIVER = KernelDriver.VFIO_PCI.driver();
  private static final String ALL_COUNTS =
      "the link is fast enough: all memory that the devices can reach is sent again at every pass";

  private final Scenario scenario;
  private final TargetDevices devices;
  private final boolean hasVirtualIommu;

  TrackingCandidates(Scenario scenario, TargetDevices devices, boolean hasVirtualIommu) {
    this.scenario = scenario;
    this.devices = devices;
    this.hasVirtualIommu = hasVirtualIommu;
  }

  /** The container tracks, with the first release that then allows what is wanted. */
  List<Candidate> byContainer(Predicate<VfioBehaviour> allows) {
    List<DeviceConfig> all = devices.all();
    Optional<Releases> release = Releases.from(scenario.profile(), allows);
    if (release.isEmpty()) {
      return List.of();
    }
    return List.of(
        Candidate.of(
                release.get().text()
                    + "set x-device-dirty-page-tracking=off and enable-migration=on on "
                    + devices.every(all)
                    + ", so that the container tracks instead of the devices",
                Candidate.changes(
                    release.get().changes(),
                    devices.set(all, DEVICE_TRACKING, "off"),
                    devices.set(all, MIGRATION, "on")),
                release.get().needs())
            .assuming(ALL_COUNTS));
  }

  /**
   * The IOMMU's hardware tracks; behind a vIOMMU only for devices that do not log (R-BLK-63). Not
   * where the host says that its hardware cannot.
   */
  List<Candidate> byIommu() {
    Optional<Releases> release =
        Releases.from(
            scenario.profile(),
            behaviour ->
                behaviour.trackedAsIommuDirty()
                    && (!hasVirtualIommu || behaviour.viommuBlocksOnlyDeviceTracking()));
    Optional<Boolean> told = scenario.host().container().iommuDirtyTracking();
    if (release.isEmpty() || devices.all().isEmpty() || told.equals(Optional.of(false))) {
      return List.of();
    }
    List<DeviceConfig> all = devices.all();
    boolean known = told.isPresent();
    String object = iommufdObject();
    List<RemedyChange> changes = new ArrayList<>(release.get().changes());
    if (!known) {
      changes.add(new RemedyChange.Set("host", "containers.iommu-dirty-tracking", "on"));
    }
    if (!scenario.vm().objects().containsKey(object)) {
      changes.add(new RemedyChange.Set("object", object, "iommufd"));
    }
    changes.addAll(devices.set(all, "iommufd", object));
    if (hasVirtualIommu) {
      changes.addAll(devices.set(all, DEVICE_TRACKING, "off"));
    }
    String text =
        release.get().text()
            + "set iommufd="
            + object
            + (hasVirtualIommu ? " and x-device-dirty-page-tracking=off" : "")
            + " on "
            + devices.every(all)
            + ", with -object iommufd,id="
            + object
            + ", so that the hardware of the host's IOMMU tracks";
    if (known) {
      return List.of(Candidate.of(text, changes, release.get().needs()));
    }
    return List.of(
        Candidate.of(text, changes, release.get().needs(RemedyNeed.HOST_CHANGE))
            .assuming(
                "the host's IOMMU can track dirty pages in hardware, and Linux is 6.7 or newer"));
  }

  /** The devices are opened through iommufd, or not; whether the IOMMU tracks is another thing. */
  List<Candidate> iommufd() {
    List<DeviceConfig> all = devices.all();
    if (all.isEmpty()) {
      return List.of();
    }
    List<Candidate> found = new ArrayList<>();
    List<DeviceConfig> with = all.stream().filter(d -> d.setting("iommufd").isPresent()).toList();
    if (!devices.areAll(with)) {
      String object = iommufdObject();
      List<RemedyChange> changes = new ArrayList<>();
      if (!scenario.vm().objects().containsKey(object)) {
        changes.add(new RemedyChange.Set("object", object, "iommufd"));
      }
      changes.addAll(devices.set(all, "iommufd", object));
      found.add(
          Candidate.of(
              "set iommufd="
                  + object
                  + " on "
                  + devices.every(all)
                  + ", with -object iommufd,id="
                  + object,
              changes,
              RemedyNeed.RESTART));
    }
    if (!with.isEmpty()) {
      found.add(
          Candidate.of(
              "leave out iommufd on " + devices.names(with),
              devices.unset(with, "iommufd"),
              RemedyNeed.RESTART));
    }
    if (scenario.host().container().iommuDirtyTracking().isEmpty()) {
      found.add(
          Candidate.of(
                  "have an IOMMU in the host that can track dirty pages, and Linux from 6.7 on",
                  List.of(new RemedyChange.Set("host", "containers.iommu-dirty-tracking", "on")),
                  RemedyNeed.HOST_CHANGE)
              .assuming("the host's IOMMU can track dirty pages in hardware"));
    }
    return found;
  }

  /** The object that is there, or a name that is free. */
  private String iommufdObject() {
    for (ObjectConfig object : scenario.vm().objects().values()) {
      if (object.type().equals("iommufd")) {
        return object.id();
      }
    }
    int number = 0;
    while (scenario.vm().objects().containsKey("iommufd" + number)) {
      number++;
    }
    return "iommufd" + number;
  }

  /** On is the default of every release, so that it helps only where somebody has set it. */
  List<Candidate> byDevice(List<DeviceConfig> some) {
    return some.stream().anyMatch(this::isDeviceTrackingSet)
        ? setting(some, DEVICE_TRACKING, "on", "")
        : List.of();
  }

  private boolean isDeviceTrackingSet(DeviceConfig device) {
    return device.setting(DEVICE_TRACKING).isPresent()
        || scenario.vm().globals().stream()
            .anyMatch(global ->
                global.driver().equals(device.driver())
                    && global.setting().name().equals(DEVICE_TRACKING));
  }

  List<Candidate> acceptingAllDirty(List<DeviceConfig> some) {
    return setting(
            some,
            MIGRATION,
            "on",
            ", and accept that all memory the device can reach is sent again at every pass")
        .stream()
        .map(candidate -> candidate.assuming(ALL_COUNTS))
        .toList();
  }

  List<Candidate> allowingMigration(List<DeviceConfig> some) {
    return setting(some, MIGRATION, "auto", "");
  }

  private List<Candidate> setting(
      List<DeviceConfig> some, String property, String value, String more) {
    return some.isEmpty()
        ? List.of()
        : List.of(
            Candidate.of(
                "set " + property + "=" + value + " on " + devices.names(some) + more,
                devices.set(some, property, value),
                RemedyNeed.RESTART));
  }

  /**
   * The driver that can migrate, for devices that plain vfio-pci serves (R-HOST C4). Where nobody
   * says which vendor made them, the most common of those that can migrate and log is assumed.
   */
  List<Candidate> byDriver(List<DeviceConfig> some) {
    List<Candidate> all = new ArrayList<>();
    boolean isKnown = isVendorKnown(some);
    for (KernelDriver driver : drivers(some)) {
      if (driver == KernelDriver.MLX5 || isKnown) {
        all.addAll(bound(driver, some));
      }
    }
    return all;
  }

  /** Every driver that can migrate and may serve one of these devices which lack something. */
  List<Candidate> byAnyDriver(List<DeviceConfig> some) {
    List<DeviceConfig> lacking = some.stream().filter(this::lacksAnything).toList();
    return drivers(lacking).stream().flatMap(driver -> bound(driver, lacking).stream()).toList();
  }

  private boolean lacksAnything(DeviceConfig device) {
    HostDevice host = host(device);
    return !host.migration().p2p() || !host.dmaLogging().supported();
  }

  /** Of drivers that can do the same the first, for devices of which nobody says who made them. */
  private List<KernelDriver> drivers(List<DeviceConfig> some) {
    boolean isKnown = isVendorKnown(some);
    Set<Object> abilities = new HashSet<>();
    List<KernelDriver> drivers = new ArrayList<>();
    for (KernelDriver driver : KernelDriver.values()) {
      DriverAbility can = driver.with(scenario.host().kernel().flatMap(KernelRelease::read));
      List<Object> ability = List.of(can.migration(), can.dmaLogging(), can.limits());
      if (can.migration().stopCopy() && (abilities.add(ability) || isKnown)) {
        drivers.add(driver);
      }
    }
    return drivers;
  }

  private boolean isVendorKnown(List<DeviceConfig> some) {
    return some.stream().allMatch(device -> host(device).pciId().isPresent());
  }

  private HostDevice host(DeviceConfig device) {
    return scenario.host().device(VfioDevices.nameOf(device));
  }

  private List<Candidate> bound(KernelDriver driver, List<DeviceConfig> some) {
    List<DeviceConfig> plain = new ArrayList<>();
    List<RemedyChange> changes = new ArrayList<>();
    for (DeviceConfig device : some) {
      HostDevice host = host(device);
      if (host.driver().orElse(PLAIN_DRIVER).equals(PLAIN_DRIVER)
          && host.pciId().filter(id -> !driver.mayServe(id)).isEmpty()) {
        plain.add(device);
        String key = "devices." + VfioDevices.nameOf(device) + ".driver";
        changes.add(new RemedyChange.Set("host", key, driver.driver()));
      }
    }
    if (plain.isEmpty()) {
      return List.of();
    }
    String who = devices.names(plain) + (plain.size() == 1 ? " is " : " are each ");
    List<String> assumes = new ArrayList<>(List.of(who + driver.devices()));
    if (driver == KernelDriver.MLX5) {
      assumes.add("the firmware of the card can log what the device writes");
    }
    return List.of(
        Candidate.of(
                "bind "
                    + driver.driver()
                    + " instead of vfio-pci on the host, if "
                    + who
                    + driver.devices(),
                changes,
                RemedyNeed.RESTART,
                RemedyNeed.HOST_CHANGE)
            .assuming(assumes.toArray(String[]::new)));
  }
}
