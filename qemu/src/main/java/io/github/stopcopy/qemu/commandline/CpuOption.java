package io.github.stopcopy.qemu.commandline;

import io.github.stopcopy.core.config.VmConfigBuilder;
import io.github.stopcopy.core.error.InputException;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * The value of {@code -cpu}; of several the last counts.
 *
 * @param model the model
 * @param options its features and properties, with dashes in their names
 */
record CpuOption(String model, Map<String, String> options) {

  static CpuOption read(String text) throws InputException {
    String[] parts = text.split(",", -1);
    if (parts[0].isEmpty()) {
      throw InputException.of(Quote.of(text) + " names no model, expected model,feature=value,...");
    }
    Map<String, String> options = new LinkedHashMap<>();
    for (int i = 1; i < parts.length; i++) {
      String part = parts[i];
      int equals = part.indexOf('=');
      if (part.startsWith("+") || part.startsWith("-")) {
        put(options, part.substring(1), part.startsWith("+") ? "on" : "off");
      } else if (equals >= 0) {
        put(options, part.substring(0, equals), part.substring(equals + 1));
      } else if (!part.isEmpty()) {
        put(options, part, "on");
      }
    }
    return new CpuOption(parts[0], options);
  }

  void addTo(VmConfigBuilder vm) {
    vm.cpuModel(model);
    options.forEach(vm::cpuOption);
  }

  private static void put(Map<String, String> options, String given, String value)
      throws InputException {
    String name = given.replace('_', '-');
    if (name.isEmpty()) {
      throw InputException.of("a feature without a name, expected model,feature=value,...");
    }
    if (name.equals("phys-bits") || name.equals("host-phys-bits-limit")) {
      Numbers.count(name, value, 0, 64);
    }
    options.put(name, value);
  }
}
