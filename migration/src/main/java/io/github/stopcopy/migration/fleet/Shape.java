package io.github.stopcopy.migration.fleet;

import io.github.stopcopy.core.config.DeviceConfig;
import io.github.stopcopy.core.config.GlobalProperty;
import io.github.stopcopy.core.config.ObjectConfig;
import io.github.stopcopy.core.config.VmConfig;
import io.github.stopcopy.core.host.HostDevice;
import io.github.stopcopy.core.host.HostFacts;
import io.github.stopcopy.core.property.PropertyInput;
import io.github.stopcopy.core.property.PropertySetting;
import io.github.stopcopy.migration.change.Changes;
import io.github.stopcopy.migration.fleet.FleetVm.FromLibvirt;
import io.github.stopcopy.vfiopci.VfioDevice;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;

/**
 * All of a VM that an answer depends on, with other names for its devices. VMs of equal shape have
 * the same answer but for these names.
 *
 * @param vm the VM, without what its owner calls it
 * @param order the keys of maps in their order, which maps do not compare
 */
record Shape(FleetVm vm, List<String> order) {

  /** A property that names another device by its id. */
  private static final String PARTNER = "failover_pair_id";

  /** Properties of devices without meaning for the model that only tell one VM from another. */
  private static final Set<String> OWN =
      Set.of("mac", "netdev", "drive", "chardev", "serial", "wwn", "file", "path");

  private static final Set<String> OWN_OBJECTS = Set.of("secret", "rng-random", "rng-egd");

  /**
   * A shape and the way back from it.
   *
   * @param shape the shape
   * @param names the names
   */
  record Named(Shape shape, Names names) {}

  /**
   * The shape of a VM.
   *
   * @param vm the VM
   * @param known device types that mean something to the model, beside those of VFIO
   * @param kept text in which names stand that must stay as they are
   */
  static Named of(FleetVm vm, Set<String> known, String kept) {
    List<VmConfig> all = new ArrayList<>(List.of(vm.vm()));
    vm.libvirt().flatMap(FromLibvirt::otherVm).ifPresent(all::add);
    return new Reading(vm, all, known, kept).named();
  }

  /** The VM as it is, without what its owner calls it. */
  static Shape exactly(FleetVm vm) {
    return new Shape(
        new FleetVm("", "", vm.vm(), vm.host(), vm.profile(), vm.profileOrigin(), vm.libvirt()),
        order(vm.vm(), vm.host()));
  }

  private static List<String> order(VmConfig vm, HostFacts host) {
    List<String> order = new ArrayList<>(vm.machineOptions().keySet());
    order.addAll(vm.cpuOptions().keySet());
    order.addAll(vm.objects().keySet());
    vm.objects().values().forEach(object -> order.addAll(object.properties().keySet()));
    host.devices()
        .forEach((name, device) -> {
          order.add(name);
          device.bars().keySet().forEach(bar -> order.add(bar.toString()));
          device.setStateErrors().keySet().forEach(state -> order.add(state.name()));
        });
    return List.copyOf(order);
  }

  /** Looks through one VM. */
  private static final class Reading {

    private final FleetVm vm;
    private final List<VmConfig> vms;
    private final Set<String> known;
    private final Names names;
    private final Set<String> devices = new LinkedHashSet<>();

    Reading(FleetVm vm, List<VmConfig> vms, Set<String> known, String kept) {
      this.vm = vm;
      this.vms = vms;
      this.known = known;
      Set<String> others = new HashSet<>(known);
      Set<String> ids = new HashSet<>();
      Set<String> twice = new HashSet<>();
      for (VmConfig each : vms) {
        collect(each, others, ids, twice);
      }
      ids.removeAll(twice);
      ids.removeIf(id -> others.contains(id) || kept.contains(id) || Changes.isReserved(id));
      Set<String> hosts = new HashSet<>(devices);
      hosts.removeIf(name -> others.contains(name) || kept.contains(name));
      Set<Integer> groups = new HashSet<>();
      for (String name : devices) {
        vm.host().device(name).group().ifPresent(groups::add);
      }
      vm.host().kernel().ifPresent(others::add);
      vm.libvirt()
          .ifPresent(described -> {
            others.add(described.whyOther());
            others.addAll(described.possibleDevices());
          });
      boolean isMarked =
          others.stream().anyMatch(Reading::isMarked)
              || ids.stream().anyMatch(Reading::isMarked)
              || devices.stream().anyMatch(Reading::isMarked)
              || groups.stream().anyMatch(group -> isMarked(group.toString()));
      names = isMarked ? Names.unchanged() : Names.of(hosts, ids, groups);
    }

    private static boolean isMarked(String text) {
      return Names.MARKS.stream().anyMatch(text::contains);
    }

    /**
     * Collects the ids of a VM, those that stand there twice, and every other text that could be
     * meant as an id or hold one of the other names.
     */
    private void collect(VmConfig each, Set<String> others, Set<String> ids, Set<String> twice) {
      Set<String> own = new HashSet<>();
      for (DeviceConfig device : each.devices()) {
        others.add(device.driver());
        device.id().filter(id -> !own.add(id)).ifPresent(twice::add);
        device
            .bus()
            .filter(bus -> bus.indexOf('.') >= 0)
            .ifPresent(bus -> {
              others.add(bus);
              others.add(bus.substring(0, bus.indexOf('.')));
            });
        boolean isVfio = VfioDevice.isVfio(device);
        if (isVfio) {
          VfioDevice.nameOf(device)
              .ifPresent(name -> {
                devices.add(name);
                if (!isWritten(device, name)) {
                  others.add(name);
                }
              });
        }
        boolean isKnown = isVfio || known.contains(device.driver());
        for (PropertySetting setting : device.settings()) {
          String value = setting.value().asText().text();
          boolean isChanged =
              setting.name().equals(PARTNER)
                  || isVfio && isHostDevice(setting)
                  || !isKnown && OWN.contains(setting.name());
          if (!isChanged) {
            others.add(value);
          }
        }
      }
      ids.addAll(own);
      for (ObjectConfig object : each.objects().values()) {
        others.add(object.id());
        others.addAll(object.properties().values());
      }
      others.addAll(each.machineOptions().values());
      others.addAll(each.cpuOptions().values());
      for (GlobalProperty global : each.globals()) {
        others.add(global.driver());
        others.add(global.setting().value().asText().text());
      }
      each.refusedOption().ifPresent(error -> others.add(error.text()));
    }

    /**
     * Whether a device is described by its name with all digits, so that another can stand there.
     */
    private static boolean isWritten(DeviceConfig device, String name) {
      Optional<String> path = device.setting("sysfsdev");
      return path.isPresent()
          ? path.get().substring(path.get().lastIndexOf('/') + 1).equals(name)
          : device.setting("host").equals(Optional.of(name));
    }

    private static boolean isHostDevice(PropertySetting setting) {
      return setting.name().equals("host") || setting.name().equals("sysfsdev");
    }

    Named named() {
      VmConfig first = changed(vms.get(0));
      HostFacts host = host();
      FleetVm same =
          new FleetVm(
              "", "", first, host, vm.profile(), vm.profileOrigin(), vm.libvirt().map(this::of));
      return new Named(new Shape(same, order(first, host)), names);
    }

    private FromLibvirt of(FromLibvirt described) {
      Map<String, String> drivers = new HashMap<>();
      described.drivers().forEach((device, driver) -> drivers.put(names.device(device), driver));
      return new FromLibvirt(
          drivers,
          described.interfaces().stream().map(names::id).sorted().toList(),
          described.otherVm().map(this::changed),
          described.whyOther(),
          described.possibleDevices());
    }

    /** Only what the VM's devices can do counts. */
    private HostFacts host() {
      HostFacts host = vm.host();
      Map<String, HostDevice> kept = new LinkedHashMap<>();
      for (String name : devices) {
        HostDevice device = host.devices().get(HostFacts.nameOf(name));
        if (device != null) {
          kept.put(HostFacts.nameOf(names.device(name)), changed(device));
        }
      }
      return new HostFacts(
          host.pageSize(),
          host.accelerator(),
          host.cpuVendor(),
          host.cpuPhysBits(),
          host.kernel(),
          host.container(),
          kept);
    }

    private HostDevice changed(HostDevice device) {
      if (device.group().isEmpty()) {
        return device;
      }
      return new HostDevice(
          OptionalInt.of(names.group(device.group().getAsInt())),
          device.driver(),
          device.pciId(),
          device.migration(),
          device.dmaLogging(),
          device.dmaBuf(),
          device.setStateErrors(),
          device.bars(),
          device.msix(),
          device.given());
    }

    private VmConfig changed(VmConfig each) {
      Map<String, ObjectConfig> objects = new LinkedHashMap<>();
      each.objects().forEach((id, object) -> objects.put(id, changed(object)));
      return new VmConfig(
          each.machineType(),
          each.machineOptions(),
          each.accelerator(),
          each.cpuModel(),
          each.cpuOptions(),
          each.vcpus(),
          each.ramSize(),
          each.ramSlots(),
          each.maxRamSize(),
          each.devices().stream().map(this::changed).toList(),
          objects,
          each.globals(),
          each.pflash(),
          each.dirtyRing(),
          each.onlyMigratable(),
          each.incoming(),
          List.of(),
          each.memory(),
          each.refusedOption());
    }

    private static ObjectConfig changed(ObjectConfig object) {
      Map<String, String> properties = new LinkedHashMap<>(object.properties());
      boolean isOwn = OWN_OBJECTS.contains(object.type());
      properties.replaceAll((key, value) -> isOwn || key.equals("mem-path") ? "" : value);
      return new ObjectConfig(object.type(), object.id(), properties);
    }

    private DeviceConfig changed(DeviceConfig device) {
      boolean isVfio = VfioDevice.isVfio(device);
      boolean isKnown = isVfio || known.contains(device.driver());
      List<PropertySetting> settings = new ArrayList<>();
      for (PropertySetting setting : device.settings()) {
        String value = setting.value().asText().text();
        if (isVfio && isHostDevice(setting)) {
          settings.add(hostDevice(setting, value));
        } else if (setting.name().equals(PARTNER)) {
          settings.add(with(setting, names.id(value)));
        } else {
          settings.add(!isKnown && OWN.contains(setting.name()) ? with(setting, "") : setting);
        }
      }
      return new DeviceConfig(
          device.driver(), device.id().map(names::id), device.bus().map(names::id), settings);
    }

    private PropertySetting hostDevice(PropertySetting setting, String value) {
      int folder = setting.name().equals("sysfsdev") ? value.lastIndexOf('/') + 1 : 0;
      return with(setting, value.substring(0, folder) + names.device(value.substring(folder)));
    }

    /** The setting with another text, in the syntax in which it was given. */
    private static PropertySetting with(PropertySetting setting, String text) {
      PropertyInput value = setting.value();
      if (value instanceof PropertyInput.Text) {
        value = new PropertyInput.Text(text);
      } else if (value instanceof PropertyInput.TypedText) {
        value = new PropertyInput.TypedText(text);
      }
      return new PropertySetting(setting.name(), value);
    }
  }

  /** What a target of a change is in any VM: the type of the device that it names. */
  String typeOf(String target) {
    for (DeviceConfig device : vm.vm().devices()) {
      if (device.id().equals(Optional.of(target))
          || VfioDevice.isVfio(device) && VfioDevice.nameOf(device).equals(Optional.of(target))) {
        return device.driver();
      }
    }
    return target;
  }
}
