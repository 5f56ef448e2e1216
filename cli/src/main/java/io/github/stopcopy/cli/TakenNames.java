package io.github.stopcopy.cli;

import io.github.stopcopy.core.config.DeviceConfig;
import io.github.stopcopy.core.config.VmConfig;
import io.github.stopcopy.core.guard.BuiltIn;
import io.github.stopcopy.core.plugin.PluginDescription;
import io.github.stopcopy.core.plugin.Plugins;
import io.github.stopcopy.core.plugin.ProviderSet;
import io.github.stopcopy.core.spi.DeviceTypeProvider;
import io.github.stopcopy.qemu.commandline.UnknownDevice;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/** Devices of a VM for which a plugin has taken the name of one that QEMU has. */
final class TakenNames {

  private TakenNames() {}

  /** A line for each name, in the order of the devices. */
  static List<String> of(VmConfig vm, Plugins plugins) {
    Set<String> lines = new LinkedHashSet<>();
    for (DeviceConfig device : vm.devices()) {
      if (UnknownDevice.isOfQemu(device.driver())) {
        add(lines, device.driver(), plugins.deviceTypes());
        add(lines, device.driver(), plugins.virtualIommus());
      }
    }
    return List.copyOf(lines);
  }

  private static void add(
      Set<String> lines, String name, ProviderSet<? extends DeviceTypeProvider> providers) {
    if (providers.find(name).filter(TakenNames::isOfOthers).isEmpty()) {
      return;
    }
    for (PluginDescription plugin : providers.describe()) {
      if (plugin.name().equals(name)) {
        lines.add(
            "QEMU has a device "
                + name
                + " of its own, and the plugin "
                + plugin.className()
                + " from "
                + plugin.origin()
                + " stands in for it: the answer is about the plugin's device.");
      }
    }
  }

  private static boolean isOfOthers(DeviceTypeProvider provider) {
    return !provider.getClass().isAnnotationPresent(BuiltIn.class);
  }
}
