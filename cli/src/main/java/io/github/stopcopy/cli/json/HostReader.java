package io.github.stopcopy.cli.json;

import com.fasterxml.jackson.databind.JsonNode;
import io.github.stopcopy.core.address.AddressRange;
import io.github.stopcopy.core.address.U64;
import io.github.stopcopy.core.error.Errno;
import io.github.stopcopy.core.error.InputException;
import io.github.stopcopy.core.host.Accelerator;
import io.github.stopcopy.core.host.HostContainer;
import io.github.stopcopy.core.host.HostDevice;
import io.github.stopcopy.core.host.HostDevice.Bar;
import io.github.stopcopy.core.host.HostDevice.BarKind;
import io.github.stopcopy.core.host.HostDevice.DmaLogging;
import io.github.stopcopy.core.host.HostDevice.MigrationSupport;
import io.github.stopcopy.core.host.HostDevice.Msix;
import io.github.stopcopy.core.host.HostFacts;
import io.github.stopcopy.core.host.VfioDeviceState;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.TreeMap;

/** Reads host facts; every key is optional. */
final class HostReader {

  private HostReader() {}

  static HostFacts read(JsonObject host) throws InputException {
    int pageSize = host.integer("page-size", 4096, 1 << 30).orElse(4096);
    if (Integer.bitCount(pageSize) != 1) {
      throw InputException.of(
          "key '" + host.path("page-size") + "' is " + pageSize + ", expected a power of two");
    }
    Optional<Accelerator> accelerator = accelerator(host);
    Optional<String> vendor = host.text("cpu-vendor");
    Optional<String> kernel = host.text("kernel");
    Optional<Integer> bits = host.integer("cpu-phys-bits", 32, 64);
    Optional<JsonObject> containers = host.object("containers");
    HostContainer container =
        containers.isPresent() ? container(containers.get()) : HostContainer.CAPABLE;
    Map<String, HostDevice> devices = new LinkedHashMap<>();
    Optional<JsonObject> all = host.object("devices");
    if (all.isPresent()) {
      for (String name : all.get().keys()) {
        devices.put(name, device(all.get().object(name).orElseThrow()));
      }
    }
    host.refuseOtherKeys();
    return new HostFacts(
        pageSize,
        accelerator,
        vendor,
        bits.isPresent() ? OptionalInt.of(bits.get()) : OptionalInt.empty(),
        kernel,
        container,
        devices);
  }

  private static Optional<Accelerator> accelerator(JsonObject host) throws InputException {
    Optional<String> name = host.text("accel");
    if (name.isEmpty()) {
      return Optional.empty();
    }
    return switch (name.get()) {
      case "kvm" -> Optional.of(Accelerator.KVM);
      case "tcg" -> Optional.of(Accelerator.TCG);
      default ->
          throw InputException.of(
              "key '" + host.path("accel") + "' is \"" + name.get() + "\", expected kvm or tcg");
    };
  }

  private static HostContainer container(JsonObject json) throws InputException {
    HostContainer capable = HostContainer.CAPABLE;
    List<AddressRange> ranges = new ArrayList<>();
    for (JsonNode pair : json.list("iova-ranges")) {
      ranges.add(range(pair, json.path("iova-ranges")));
    }
    long pageSizes = json.u64("page-sizes").orElse(capable.pageSizes());
    long dirtyPageSizes = json.u64("dirty-page-sizes").orElse(capable.dirtyPageSizes());
    if (pageSizes == 0) {
      throw InputException.of(
          "key '" + json.path("page-sizes") + "' is 0, expected a bit for at least one page size");
    }
    HostContainer container =
        new HostContainer(
            json.bool("dirty-tracking", capable.dirtyTracking()),
            pageSizes,
            dirtyPageSizes,
            json.u64("max-dirty-bitmap-size").orElse(capable.maxDirtyBitmapSize()),
            json.u64("dma-available").orElse(capable.dmaAvailable()),
            json.bool("shared", capable.shared()),
            ranges,
            json.errno("dirty-start-errno"),
            json.errno("dirty-get-errno"),
            json.bool("iommu-dirty-tracking", capable.iommuDirtyTracking()));
    json.refuseOtherKeys();
    return container;
  }

  private static AddressRange range(JsonNode pair, String path) throws InputException {
    List<JsonNode> ends = JsonObject.list(pair, path);
    if (ends.size() != 2) {
      throw InputException.of("key '" + path + "' has " + pair + ", expected [first, last]");
    }
    long first = JsonObject.u64(ends.get(0), path);
    long last = JsonObject.u64(ends.get(1), path);
    if (U64.less(last, first)) {
      throw InputException.of(
          "key '" + path + "' has " + pair + ", expected a first address not above the last");
    }
    return new AddressRange(first, last);
  }

  private static HostDevice device(JsonObject json) throws InputException {
    Optional<Integer> group = json.integer("group", 0, Integer.MAX_VALUE);
    Optional<String> driver = json.text("driver");
    MigrationSupport migration = migration(json);
    DmaLogging logging =
        new DmaLogging(
            json.bool("dma-logging", true),
            json.errno("dma-logging-start-errno"),
            json.errno("dma-logging-stop-errno"),
            json.errno("dma-logging-report-errno"),
            json.integer("dma-logging-max-ranges", 0, Integer.MAX_VALUE).orElse(0),
            json.u64("dma-logging-max-length").orElse(0L),
            json.errno("dma-logging-limit-errno").orElse(Errno.EOPNOTSUPP));
    Map<VfioDeviceState, Errno> stateErrors = new EnumMap<>(VfioDeviceState.class);
    Optional<JsonObject> states = json.object("set-state-errno");
    if (states.isPresent()) {
      for (String name : states.get().keys()) {
        Optional<Errno> errno = states.get().errno(name);
        if (errno.isPresent()) {
          stateErrors.put(state(states.get().path(name), name), errno.get());
        }
      }
    }
    Map<Integer, Bar> bars = new TreeMap<>();
    Optional<JsonObject> all = json.object("bars");
    if (all.isPresent()) {
      for (String number : all.get().keys()) {
        bars.put(barNumber(all.get(), number), bar(all.get().object(number).orElseThrow()));
      }
    }
    Optional<JsonObject> msix = json.object("msix");
    HostDevice device =
        new HostDevice(
            group.isPresent() ? OptionalInt.of(group.get()) : OptionalInt.empty(),
            driver,
            migration,
            logging,
            json.bool("dma-buf", true),
            stateErrors,
            bars,
            msix.isPresent() ? Optional.of(msix(msix.get())) : Optional.empty());
    json.refuseOtherKeys();
    return device;
  }

  private static MigrationSupport migration(JsonObject json) throws InputException {
    Optional<JsonNode> value = json.get("migration");
    if (value.isEmpty()) {
      return MigrationSupport.of(true, true, false);
    }
    String path = json.path("migration");
    JsonNode node = value.get();
    if (node.isNull()) {
      return MigrationSupport.failing(Errno.ENOTTY);
    }
    if (node.isObject()) {
      JsonObject failing = JsonObject.of(node, path);
      Errno errno = failing.required("errno", failing.errno("errno"), "an errno that is not 0");
      failing.refuseOtherKeys();
      return MigrationSupport.failing(errno);
    }
    boolean stopCopy = false;
    boolean p2p = false;
    boolean preCopy = false;
    for (JsonNode feature : JsonObject.list(node, path)) {
      switch (feature.asText()) {
        case "stop-copy" -> stopCopy = true;
        case "p2p" -> p2p = true;
        case "pre-copy" -> preCopy = true;
        default -> throw JsonObject.wrong(path, feature, "stop-copy, p2p or pre-copy");
      }
    }
    return MigrationSupport.of(stopCopy, p2p, preCopy);
  }

  private static VfioDeviceState state(String path, String name) throws InputException {
    for (VfioDeviceState state : VfioDeviceState.values()) {
      if (state.name().equals(name)) {
        return state;
      }
    }
    throw InputException.of(
        "unknown state '" + path + "', expected a VFIO device state such as STOP_COPY");
  }

  private static int barNumber(JsonObject bars, String number) throws InputException {
    if (!number.matches("[0-5]")) {
      throw InputException.of(
          "unknown key '" + bars.path(number) + "', expected a BAR number from 0 to 5");
    }
    return Integer.parseInt(number);
  }

  private static Bar bar(JsonObject json) throws InputException {
    long size = json.required("size", json.u64("size"), "a size in bytes");
    String kind = json.text("kind").orElse("mem64");
    BarKind decoded =
        switch (kind) {
          case "mem32" -> BarKind.MEM32;
          case "mem64" -> BarKind.MEM64;
          case "io" -> BarKind.IO;
          default ->
              throw InputException.of(
                  "key '"
                      + json.path("kind")
                      + "' is \""
                      + kind
                      + "\", expected mem32, mem64 or io");
        };
    Bar bar = new Bar(size, decoded, json.bool("prefetchable", false), json.bool("mmap", true));
    json.refuseOtherKeys();
    return bar;
  }

  private static Msix msix(JsonObject json) throws InputException {
    Msix msix =
        new Msix(
            json.integer("vectors", 0, 2048).orElse(0),
            json.integer("bar", 0, 5).orElse(0),
            json.u64("offset").orElse(0L));
    json.refuseOtherKeys();
    return msix;
  }
}
