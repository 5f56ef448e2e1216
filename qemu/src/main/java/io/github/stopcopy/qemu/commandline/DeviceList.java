package io.github.stopcopy.qemu.commandline;

import io.github.stopcopy.core.config.DeviceConfig;
import io.github.stopcopy.core.error.InputException;
import io.github.stopcopy.core.property.PropertySetting;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Collects {@code -device} and {@code -set}. QEMU creates the devices that are given as {@code
 * driver,property=value} before those given in JSON, each in their own order (R-OBS-129).
 */
final class DeviceList {

  private final List<DeviceConfig> asText = new ArrayList<>();
  private final List<DeviceConfig> asJson = new ArrayList<>();
  private final Map<String, List<PropertySetting>> setLater = new HashMap<>();
  private final List<UnknownDevice> unknown = new ArrayList<>();
  private final OptionIds ids;

  DeviceList(OptionIds ids) {
    this.ids = ids;
  }

  void device(Word value) throws InputException {
    String text = value.text();
    DeviceConfig device = DeviceOptions.device(text);
    if (DeviceNames.isMistyped(device.driver())) {
      throw InputException.of(UnknownDevice.problem(device.driver()));
    }
    boolean json = JsonOptions.isJson(text);
    if (!json && device.id().isPresent()) {
      String id = device.id().get();
      if (!ids.device(id)) {
        return;
      }
      setLater.put(id, new ArrayList<>());
    }
    (json ? asJson : asText).add(device);
    UnknownDevice.of(device, value).ifPresent(unknown::add);
  }

  /** {@code -set device.ID.PROPERTY=VALUE} changes a device; other groups do not matter. */
  void set(String text) throws InputException {
    int equals = text.indexOf('=');
    String[] path = equals < 0 ? new String[0] : text.substring(0, equals).split("\\.", 3);
    if (path.length != 3) {
      throw InputException.of(Quote.of(text) + ", expected group.id.property=value");
    }
    if (!path[0].equals("device")) {
      return;
    }
    List<PropertySetting> settings = setLater.get(path[1]);
    if (settings == null) {
      throw InputException.of(
          "no -device before it has the id "
              + Quote.of(path[1])
              + " in the form driver,id=..., expected the id of one");
    }
    settings.add(PropertySetting.of(path[2], text.substring(equals + 1)));
  }

  /** The devices in the order in which QEMU creates them. */
  List<DeviceConfig> inOrder() {
    List<DeviceConfig> all = new ArrayList<>(asText.size() + asJson.size());
    asText.forEach(device -> all.add(withLaterSettings(device)));
    all.addAll(asJson);
    return all;
  }

  /** The devices that are none of QEMU's, or one that is not modelled. */
  List<UnknownDevice> unknown() {
    return List.copyOf(unknown);
  }

  /** What is set counts as if it stood at the end of the device's own option, its bus too. */
  private DeviceConfig withLaterSettings(DeviceConfig device) {
    List<PropertySetting> later = setLater.getOrDefault(device.id().orElse(""), List.of());
    DeviceConfig changed = device;
    if (!later.isEmpty()) {
      List<PropertySetting> all = new ArrayList<>(device.settings());
      for (PropertySetting setting : later) {
        if (setting.name().equals("bus")) {
          String bus = setting.value().asText().text();
          changed = new DeviceConfig(device.driver(), device.id(), Optional.of(bus), all);
        } else {
          all.add(setting);
        }
      }
      changed = new DeviceConfig(changed.driver(), changed.id(), changed.bus(), all);
    }
    return changed;
  }
}
