package io.github.stopcopy.live;

import io.github.stopcopy.core.error.InputException;
import io.github.stopcopy.core.plugin.Plugins;
import io.github.stopcopy.core.profile.QemuProfile;
import io.github.stopcopy.core.property.PropertySchema;
import io.github.stopcopy.core.spi.DeviceTypeProvider;
import io.github.stopcopy.core.spi.VirtualIommuProvider;
import io.github.stopcopy.live.qmp.QmpCommand;
import io.github.stopcopy.live.qmp.QmpValue;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;

/**
 * Devices of a running QEMU as the options that would make them: what a VFIO device or a vIOMMU
 * holds that is not the default of its type, and of others their places.
 */
final class DeviceWords {

  private static final String ADDR = "addr";

  /** Types whose {@code addr} is an address of memory, not a place on a bus. */
  private static final Set<String> DIMMS = Set.of("pc-dimm", "nvdimm");

  /** What the model reads of devices that are neither VFIO devices nor vIOMMUs. */
  private static final List<String> PLACES =
      List.of(
          ADDR,
          "multifunction",
          "bus_nr",
          "bypass_iommu",
          "memdev",
          "memaddr",
          "block-size",
          "failover",
          "failover_pair_id");

  /** What is read out of the device, not set by anybody. */
  private static final Set<String> OF_THE_HARDWARE =
      Set.of(
          "x-pci-vendor-id",
          "x-pci-device-id",
          "x-pci-sub-vendor-id",
          "x-pci-sub-device-id",
          "x-pci-class-code",
          "host",
          "sysfsdev",
          "vf-token",
          "busnr");

  private final QomReader qom;
  private final Plugins plugins;
  private final QemuProfile profile;
  private final Map<String, Map<String, Optional<QmpValue>>> defaults = new HashMap<>();
  private final List<String> notes = new ArrayList<>();

  DeviceWords(QomReader qom, Plugins plugins, QemuProfile profile) {
    this.qom = qom;
    this.plugins = plugins;
    this.profile = profile;
  }

  /** What could not be taken over, a line each. */
  List<String> notes() {
    return notes;
  }

  /** The value of {@code -device} that makes a device; {@code id} is empty for none. */
  String option(LiveDevice device, Optional<String> id) throws InputException {
    Map<String, String> settings = new LinkedHashMap<>();
    id.ifPresent(name -> settings.put("id", name));
    device
        .bus()
        .filter(bus -> device.devfn().isPresent())
        .ifPresent(bus -> settings.put("bus", bus));
    if (device.isVfio() || device.isVirtualIommu()) {
      place(device, settings);
      hostDevice(device, settings);
      notDefault(device, settings);
    } else {
      PLACES.forEach(name -> put(device, name, settings));
    }
    StringBuilder option = new StringBuilder(device.type());
    settings.forEach((name, value) ->
        option.append(',').append(name).append('=').append(value.replace(",", ",,")));
    return option.toString();
  }

  private static void place(LiveDevice device, Map<String, String> settings) {
    put(device, ADDR, settings);
  }

  private void hostDevice(LiveDevice device, Map<String, String> settings) throws InputException {
    if (!device.isVfio()) {
      return;
    }
    if (device.host().isPresent()) {
      settings.put("host", device.host().get());
    } else {
      settings.put(
          "sysfsdev",
          device
              .text("sysfsdev")
              .orElseThrow(() ->
                  qom.wrong(
                      device.path()
                          + " shows neither host nor sysfsdev, expected the device of the host"
                          + " that it is")));
    }
  }

  private void notDefault(LiveDevice device, Map<String, String> settings) throws InputException {
    Optional<PropertySchema> schema = schema(device.type());
    Map<String, Optional<QmpValue>> ofType = defaults(device.type());
    for (Map.Entry<String, QmpValue> each : new TreeMap<>(device.properties()).entrySet()) {
      String name = each.getKey();
      Optional<QmpValue> usual = ofType.get(name);
      if (usual == null || name.equals(ADDR) || OF_THE_HARDWARE.contains(name)) {
        continue;
      }
      Optional<String> value = value(device.type(), name, each.getValue());
      boolean isSet =
          usual.isPresent()
              ? !usual.get().equals(each.getValue())
              : each.getValue().text().filter(text -> !text.isEmpty()).isPresent();
      if (!isSet || value.isEmpty()) {
        continue;
      }
      if (schema.isPresent() && schema.get().definition(name).isEmpty()) {
        notes.add(
            device.id().orElse(device.path())
                + " has "
                + name
                + "="
                + value.get()
                + ", which the model of "
                + device.type()
                + " does not know and leaves out.");
      } else {
        settings.put(name, value.get());
      }
    }
  }

  /** The properties that a type can be given, and what they hold if they are not. */
  private Map<String, Optional<QmpValue>> defaults(String type) throws InputException {
    Map<String, Optional<QmpValue>> known = defaults.get(type);
    if (known == null) {
      known = new HashMap<>();
      QmpValue all = qom.ask(QmpCommand.of("device-list-properties").with("typename", type));
      for (QmpValue each : all.elements()) {
        known.put(each.text("name").orElse(""), each.get("default-value"));
      }
      defaults.put(type, known);
    }
    return known;
  }

  private Optional<PropertySchema> schema(String type) {
    Optional<DeviceTypeProvider> device = plugins.deviceTypes().find(type);
    Optional<VirtualIommuProvider> viommu = plugins.virtualIommus().find(type);
    return device
        .map(provider -> provider.properties(profile))
        .or(() -> viommu.map(provider -> provider.properties(profile)));
  }

  private static void put(LiveDevice device, String name, Map<String, String> settings) {
    QmpValue value = device.properties().get(name);
    if (value != null && !value.equals(QmpValue.of(false))) {
      value(device.type(), name, value)
          .filter(text -> !text.isEmpty())
          .ifPresent(text -> settings.put(name, text));
    }
  }

  /** A value as an option has it; empty for one that no option can have. */
  private static Optional<String> value(String type, String name, QmpValue value) {
    if (value.bool().isPresent()) {
      return Optional.of(value.bool().get() ? "on" : "off");
    }
    if (value.number().isPresent()) {
      long number = value.number().get();
      boolean isPlace = name.equals(ADDR) && !DIMMS.contains(type);
      return Optional.of(isPlace ? place(number) : value.toString());
    }
    return value.text().map(text -> text.startsWith("/") ? LiveDevice.lastName(text) : text);
  }

  private static String place(long devfn) {
    return String.format("%02x.%x", devfn >> 3 & 31, devfn & 7);
  }
}
