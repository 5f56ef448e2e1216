package io.github.stopcopy.live;

import io.github.stopcopy.core.config.DeviceConfig;
import io.github.stopcopy.core.config.GlobalProperty;
import io.github.stopcopy.core.config.VmConfig;
import io.github.stopcopy.core.config.VmConfigBuilder;
import io.github.stopcopy.core.error.InputException;
import io.github.stopcopy.core.plugin.Plugins;
import io.github.stopcopy.core.profile.QemuProfile;
import io.github.stopcopy.live.qmp.QmpCommand;
import io.github.stopcopy.live.qmp.QmpRecord;
import io.github.stopcopy.live.qmp.QmpSource;
import io.github.stopcopy.live.qmp.QmpValue;
import io.github.stopcopy.migration.remedy.RemedyChange;
import io.github.stopcopy.migration.scenario.Step;
import io.github.stopcopy.qemu.commandline.ConfigFiles;
import io.github.stopcopy.qemu.commandline.QemuCommandLine;
import io.github.stopcopy.qemu.commandline.UnknownDevice;
import io.github.stopcopy.qemu.mtree.MtreeDump;
import io.github.stopcopy.qemu.mtree.MtreeReader;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * What was read of a running QEMU.
 *
 * @param vm the VM
 * @param otherOrder the VM with its devices created in another order, if that can be
 * @param version what QEMU says of itself
 * @param profile the release
 * @param status whether the VM runs
 * @param blockedReasons what blocks a migration
 * @param devices its devices
 * @param bars what is known of BARs
 * @param guestSteps what the guest has done to its vIOMMU
 * @param migrateSettings how it would be migrated
 * @param notes what was inferred or left open
 * @param record all that was asked and answered
 */
record LiveReading(
    VmConfig vm,
    Optional<VmConfig> otherOrder,
    String version,
    QemuProfile.Choice profile,
    String status,
    List<String> blockedReasons,
    List<LiveDevice> devices,
    BarFacts bars,
    List<Step> guestSteps,
    List<RemedyChange> migrateSettings,
    List<String> notes,
    QmpRecord record) {

  private static final String OPTION_OF_THE_RFC = "x-migration-iommu-pt";

  LiveReading {
    blockedReasons = List.copyOf(blockedReasons);
    devices = List.copyOf(devices);
    guestSteps = List.copyOf(guestSteps);
    migrateSettings = List.copyOf(migrateSettings);
    notes = List.copyOf(notes);
  }

  /** The same with the other order, which is certain now. */
  LiveReading inOtherOrder(String note) {
    List<String> more = new ArrayList<>(notes);
    more.add(note);
    return new LiveReading(
        otherOrder.orElseThrow(),
        Optional.empty(),
        version,
        profile,
        status,
        blockedReasons,
        devices,
        bars,
        guestSteps,
        migrateSettings,
        more,
        record);
  }

  static LiveReading of(QmpSource source, Plugins plugins, Optional<VmConfig> started)
      throws InputException {
    Recording recording = new Recording(source);
    QomReader qom = new QomReader(recording);
    QmpValue version = qom.ask(QmpCommand.of("query-version"));
    QemuProfile.Choice profile = profile(qom, version);
    List<String> notes = new ArrayList<>();
    String status =
        qom.ask(QmpCommand.of("query-status")).text("status").orElse("").replace('\n', ' ');
    if (status.equals("inmigrate")) {
      notes.add("The VM waits for an incoming migration; it is judged as if that were over.");
    } else if (status.equals("postmigrate")) {
      notes.add(
          "The VM was migrated and is paused for that: QEMU refuses to migrate it again until it"
              + " goes on.");
    }
    List<String> reasons = blockedReasons(qom.ask(QmpCommand.of("query-migrate")));
    String mtree =
        qom.ask(QmpCommand.mtree())
            .text()
            .orElseThrow(() -> qom.wrong("info mtree -f is answered with no text"));
    String layoutName = source.name() + ", info mtree -f";
    MtreeDump layout = MtreeReader.read(layoutName, mtree);
    DeviceOrder order = new DeviceOrder(reasons, started);
    List<LiveDevice> devices = order.apply(LiveDevices.read(qom));
    MachineWords machine = new MachineWords(qom, layout);
    DeviceWords options = new DeviceWords(qom, plugins, profile.profile());
    List<String> words = new ArrayList<>();
    words.add("qemu-system-x86_64");
    words.addAll(machine.read(started.map(vm -> vm.machineOptions().get("kernel-irqchip"))));
    for (LiveDevice device : devices) {
      words.add("-device");
      words.add(options.option(device, LiveDevices.nameFor(device, devices)));
    }
    VmConfig vm = vm(source.name(), words, plugins);
    vm = completed(vm, layout, started, order.missing(devices), notes);
    vm = MtreeReader.withFirmware(vm, layoutName, mtree);
    notes.addAll(machine.notes());
    notes.addAll(options.notes());
    BarFacts bars = new BarFacts(qom.ask(QmpCommand.of("query-pci")), layout);
    GuestTranslation translation = new GuestTranslation(layout);
    List<String> unplaced = new ArrayList<>();
    devices.stream().filter(LiveDevice::isVfio).forEach(d -> unplaced.addAll(bars.unplaced(d)));
    if (!unplaced.isEmpty()) {
      notes.add(
          String.join(", ", unplaced)
              + (unplaced.size() == 1 ? " has" : " have")
              + " no address: the firmware has not placed it yet, or the guest has turned it off;"
              + " what must be tracked is another once it has.");
    }
    GuestSteps guest =
        new GuestSteps(
            devices, translation, vm.machineOptions().containsKey("default-bus-bypass-iommu"));
    notes.addAll(guest.notes());
    Optional<VmConfig> other = started.isPresent() ? Optional.empty() : otherOrder(vm, reasons);
    long vfio = devices.stream().filter(LiveDevice::isVfio).count();
    boolean hasViommu = devices.stream().anyMatch(LiveDevice::isVirtualIommu);
    if (started.isEmpty() && (vfio > 1 || vfio > 0 && hasViommu)) {
      notes.add(
          "QEMU does not tell in which order devices were created: a vIOMMU is taken as created"
              + " before VFIO devices, these in the order of what blocks; --pid or --qemu-args"
              + " tells it.");
    }
    boolean isServedByAmd =
        reasons.stream().anyMatch(LiveReading::isOfVirtualIommu)
            && devices.stream().anyMatch(device -> device.type().equals("amd-iommu"));
    if (isServedByAmd && profile.profile() == QemuProfile.V10_0) {
      notes.add(
          "This QEMU "
              + number(version)
              + " lets VFIO devices be behind an amd-iommu, as 10.0.0 did and 10.0.13 does not"
              + " (R-REL-40): the model answers as 10.0.13, which would not start this VM.");
    }
    return new LiveReading(
        vm,
        other,
        versionText(version),
        profile,
        status,
        reasons,
        devices,
        bars,
        guest.steps(),
        migrateSettings(qom),
        notes,
        recording.record());
  }

  private static QemuProfile.Choice profile(QomReader qom, QmpValue version) throws InputException {
    QemuProfile.Choice choice = QemuProfile.choose(number(version));
    boolean isNearTheRfc =
        choice.profile() == QemuProfile.V8_1 || choice.profile() == QemuProfile.V8_2;
    if (isNearTheRfc) {
      QmpValue properties =
          qom.ask(QmpCommand.of("device-list-properties").with("typename", "vfio-pci"));
      for (QmpValue each : properties.elements()) {
        if (each.text("name").equals(Optional.of(OPTION_OF_THE_RFC))) {
          return new QemuProfile.Choice(QemuProfile.V8_1_IOMMU_PT, Optional.empty());
        }
      }
    }
    return choice;
  }

  private static String number(QmpValue version) {
    QmpValue qemu = version.get("qemu").orElse(QmpValue.NO_KEYS);
    return qemu.number("major").orElse(0L)
        + "."
        + qemu.number("minor").orElse(0L)
        + "."
        + qemu.number("micro").orElse(0L);
  }

  private static String versionText(QmpValue version) {
    String packaged = version.text("package").orElse("").strip().replaceAll("\\p{Cntrl}", " ");
    return number(version) + (packaged.isEmpty() ? "" : " (" + packaged + ")");
  }

  static List<String> blockedReasons(QmpValue migrate) {
    List<String> reasons = new ArrayList<>();
    for (QmpValue reason : migrate.list("blocked-reasons")) {
      reasons.add(reason.text().orElse("").replaceAll("\\p{Cntrl}", " "));
    }
    return reasons;
  }

  private static VmConfig vm(String source, List<String> words, Plugins plugins)
      throws InputException {
    for (String word : words) {
      if (word.indexOf('\0') >= 0) {
        throw InputException.at(source, 0, "a name holds the character 0x0, expected text");
      }
    }
    QemuCommandLine.Parsed parsed =
        QemuCommandLine.read(source, String.join("\0", words) + "\0", ConfigFiles.NONE);
    for (UnknownDevice unknown : parsed.unknownDevices()) {
      String type = unknown.driver();
      if (unknown.isDecisive()
          && plugins.virtualIommus().find(type).isEmpty()
          && plugins.deviceTypes().find(type).isEmpty()) {
        throw unknown.toException();
      }
    }
    return parsed.vm();
  }

  /** What QEMU keeps to itself, from the command line where there is one. */
  private static VmConfig completed(
      VmConfig vm,
      MtreeDump layout,
      Optional<VmConfig> started,
      List<DeviceConfig> missing,
      List<String> notes) {
    VmConfigBuilder builder = vm.toBuilder();
    boolean isFlash =
        layout.viewOf("memory").stream()
            .flatMap(view -> view.rows().stream())
            .anyMatch(row -> row.name().startsWith("system.flash"));
    builder.pflash(isFlash);
    if (started.isPresent()) {
      VmConfig given = started.get();
      builder.onlyMigratable(given.onlyMigratable());
      for (GlobalProperty global : given.globals()) {
        builder.global(global);
      }
      for (DeviceConfig device : missing) {
        if (device.setting("failover_pair_id").isPresent()) {
          builder.device(device);
        } else {
          notes.add(
              device.id().map(id -> device.driver() + " " + id).orElse(device.driver())
                  + " of the command line is not there any more and left out.");
        }
      }
    }
    return builder.build();
  }

  private static Optional<VmConfig> otherOrder(VmConfig vm, List<String> reasons) {
    boolean isOrderKnown = reasons.stream().anyMatch(LiveReading::isOfVirtualIommu);
    List<DeviceConfig> viommus = vm.devices().stream().filter(LiveReading::isVirtualIommu).toList();
    boolean hasVfio = vm.devices().stream().anyMatch(device -> device.driver().startsWith("vfio"));
    if (isOrderKnown || viommus.isEmpty() || !hasVfio) {
      return Optional.empty();
    }
    List<DeviceConfig> others = new ArrayList<>(vm.devices());
    others.removeAll(viommus);
    others.addAll(viommus);
    return Optional.of(vm.withDevices(others));
  }

  private static boolean isOfVirtualIommu(String reason) {
    return reason.contains("vIOMMU enabled");
  }

  private static boolean isVirtualIommu(DeviceConfig device) {
    return device.driver().contains("iommu");
  }

  private static List<RemedyChange> migrateSettings(QomReader qom) throws InputException {
    List<RemedyChange> settings = new ArrayList<>();
    for (QmpValue each : qom.ask(QmpCommand.of("query-migrate-capabilities")).elements()) {
      String name = each.text("capability").orElse("");
      boolean isOn = each.bool("state").orElse(false);
      if (isOn && (name.equals("postcopy-ram") || name.equals("background-snapshot"))) {
        settings.add(new RemedyChange.Set("migrate", name, "on"));
      }
    }
    Optional<String> mode = qom.ask(QmpCommand.of("query-migrate-parameters")).text("mode");
    if (mode.equals(Optional.of("cpr-reboot"))) {
      settings.add(new RemedyChange.Set("migrate", "mode", mode.get()));
    }
    return settings;
  }
}
