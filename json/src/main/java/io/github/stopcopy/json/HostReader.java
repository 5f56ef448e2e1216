package io.github.stopcopy.json;

import io.github.stopcopy.core.error.InputException;
import io.github.stopcopy.core.host.Accelerator;
import io.github.stopcopy.core.host.HostFacts;
import io.github.stopcopy.core.host.HostFactsBuilder;
import io.github.stopcopy.json.HostDocument.Origin;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Reads host facts; every key is optional. */
final class HostReader {

  private static final int LEAST_PAGE = 4096;
  private static final int GREATEST_PAGE = 1 << 30;

  private static final int LEAST_BITS = 32;
  private static final int MOST_BITS = 64;

  private static final List<String> KEYS =
      List.of(
          "page-size", "accel", "cpu-vendor", "cpu-phys-bits", "kernel", "containers", "devices");

  private HostReader() {}

  static HostDocument read(JsonCursor json) throws InputException {
    HostFactsBuilder host = HostFacts.builder();
    List<Origin> origins = new ArrayList<>();
    Map<String, String> names = new HashMap<>();
    KeyOrigins keys = new KeyOrigins(json);
    json.beginObject();
    for (String key = keys.nextKey(); key != null; key = keys.nextKey()) {
      switch (key) {
        case "page-size" -> host.pageSize(pageSize(json));
        case "accel" -> host.accelerator(accelerator(json));
        case "cpu-vendor" -> host.cpuVendor(json.text());
        case "cpu-phys-bits" -> host.cpuPhysBits(json.integer(LEAST_BITS, MOST_BITS));
        case "kernel" -> host.kernel(json.text());
        case "containers" -> host.container(ContainerReader.read(json, origins));
        case "devices" -> {
          json.beginObject();
          for (String name = json.nextKey(); name != null; name = json.nextKey()) {
            String device = HostFacts.nameOf(name);
            String before = names.putIfAbsent(device, name);
            if (before != null) { // equal keys are refused before
              throw json.wrongValue(
                  "is the device '" + before + "' again, expected one object for it");
            }
            host.device(device, DeviceReader.read(json, device, origins));
          }
        }
        default -> throw json.unknownKey(KEYS);
      }
    }
    for (Origin origin : keys.origins(HostDocument.HOST)) {
      if (!origin.fact().equals("containers") && !origin.fact().equals("devices")) {
        origins.add(origin);
      }
    }
    return new HostDocument(host.build(), origins, List.of());
  }

  private static int pageSize(JsonCursor json) throws InputException {
    int size = json.size(LEAST_PAGE, GREATEST_PAGE);
    if (Integer.bitCount(size) != 1) {
      throw json.wrongValue("is " + size + ", expected a power of two");
    }
    return size;
  }

  private static Accelerator accelerator(JsonCursor json) throws InputException {
    String name = json.text();
    return switch (name) {
      case "kvm" -> Accelerator.KVM;
      case "tcg" -> Accelerator.TCG;
      default -> throw json.wrongText(name, "kvm or tcg");
    };
  }
}
