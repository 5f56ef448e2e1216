package io.github.stopcopy.json;

import io.github.stopcopy.core.error.InputException;
import io.github.stopcopy.core.host.Accelerator;
import io.github.stopcopy.core.host.HostContainer;
import io.github.stopcopy.core.host.HostDevice;
import io.github.stopcopy.core.host.HostFacts;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;

/** Reads host facts; every key is optional. */
final class HostReader {

  private static final int LEAST_PAGE = 4096;
  private static final int GREATEST_PAGE = 1 << 30;

  private static final List<String> KEYS =
      List.of(
          "page-size",
          "accel",
          "cpu-vendor",
          "cpu-phys-bits",
          "kernel",
          "containers",
          "devices");

  private HostReader() {}

  static HostFacts read(JsonCursor json) throws InputException {
    int pageSize = HostFacts.CAPABLE.pageSize();
    Optional<Accelerator> accelerator = Optional.empty();
    Optional<String> vendor = Optional.empty();
    OptionalInt bits = OptionalInt.empty();
    HostContainer container = HostContainer.CAPABLE;
    Map<String, HostDevice> devices = new LinkedHashMap<>();
    json.beginObject();
    for (String key = json.nextKey(); key != null; key = json.nextKey()) {
      switch (key) {
        case "page-size" -> pageSize = pageSize(json);
        case "accel" -> accelerator = Optional.of(accelerator(json));
        case "cpu-vendor" -> vendor = Optional.of(json.text());
        case "cpu-phys-bits" -> bits = OptionalInt.of(json.integer(32, 64));
        case "kernel" -> json.text();
        case "containers" -> container = ContainerReader.read(json);
        case "devices" -> {
          json.beginObject();
          for (String name = json.nextKey(); name != null; name = json.nextKey()) {
            devices.put(name, DeviceReader.read(json));
          }
        }
        default -> throw json.unknownKey(KEYS);
      }
    }
    return new HostFacts(pageSize, accelerator, vendor, bits, container, devices);
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
