package io.github.stopcopy.json;

import io.github.stopcopy.core.error.Errno;
import io.github.stopcopy.core.error.InputException;
import io.github.stopcopy.core.host.HostDevice;
import io.github.stopcopy.core.host.HostDevice.Bar;
import io.github.stopcopy.core.host.HostDevice.BarKind;
import io.github.stopcopy.core.host.HostDevice.DmaLogging;
import io.github.stopcopy.core.host.HostDevice.Fact;
import io.github.stopcopy.core.host.HostDevice.MigrationSupport;
import io.github.stopcopy.core.host.HostDevice.Msix;
import io.github.stopcopy.core.host.HostDeviceBuilder;
import io.github.stopcopy.core.host.VfioDeviceState;
import io.github.stopcopy.json.HostDocument.Origin;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/** Reads what the host knows of one device. */
final class DeviceReader {

  private static final List<String> KEYS =
      List.of(
          "group",
          "driver",
          "pci-id",
          "migration",
          "dma-logging",
          "dma-logging-start-errno",
          "dma-logging-stop-errno",
          "dma-logging-report-errno",
          "dma-logging-max-ranges",
          "dma-logging-max-length",
          "dma-logging-limit-errno",
          "dma-buf",
          "set-state-errno",
          "bars",
          "msix");

  private static final int MOST_VECTORS = 2048;
  private static final int LAST_BAR = 5;

  private DeviceReader() {}

  static HostDevice read(JsonCursor json, String name, List<Origin> origins) throws InputException {
    HostDeviceBuilder device = HostDevice.builder();
    DmaLogging capable = DmaLogging.SUPPORTED;
    boolean logs = capable.supported();
    Optional<Errno> startError = Optional.empty();
    Optional<Errno> stopError = Optional.empty();
    Optional<Errno> reportError = Optional.empty();
    int maxRanges = capable.maxRanges();
    long maxLength = capable.maxLength();
    Errno limitError = capable.limitError();
    boolean isLoggingGiven = false;
    KeyOrigins keys = new KeyOrigins(json);
    json.beginObject();
    for (String key = keys.nextKey(); key != null; key = keys.nextKey()) {
      isLoggingGiven |= key.startsWith("dma-logging");
      switch (key) {
        case "group" -> device.group(json.integer(0, Integer.MAX_VALUE));
        case "driver" -> device.driver(json.text());
        case "pci-id" -> device.pciId(pciId(json));
        case "migration" -> device.migration(migration(json));
        case "dma-logging" -> logs = json.bool();
        case "dma-logging-start-errno" -> startError = json.errno();
        case "dma-logging-stop-errno" -> stopError = json.errno();
        case "dma-logging-report-errno" -> reportError = json.errno();
        case "dma-logging-max-ranges" -> maxRanges = json.integer(0, Integer.MAX_VALUE);
        case "dma-logging-max-length" -> maxLength = json.size();
        case "dma-logging-limit-errno" -> limitError = json.errno().orElse(capable.limitError());
        case "dma-buf" -> device.dmaBuf(json.bool());
        case "set-state-errno" -> stateErrors(json, device);
        case "bars" -> bars(json, device);
        case "msix" -> device.msix(msix(json));
        default -> throw json.unknownKey(KEYS);
      }
    }
    if (isLoggingGiven) {
      device.dmaLogging(
          new DmaLogging(
              logs, startError, stopError, reportError, maxRanges, maxLength, limitError));
    }
    for (Fact fact : Fact.values()) {
      if (keys.areAssumed(fact.key())) {
        device.assumed(fact);
      }
    }
    origins.addAll(keys.origins(name));
    return device.build();
  }

  private static String pciId(JsonCursor json) throws InputException {
    String id = json.text();
    if (!id.matches("[0-9A-Fa-f]{4}:[0-9A-Fa-f]{4}")) {
      throw json.wrongText(id, "vendor and device such as 15b3:101e");
    }
    return id.toLowerCase(Locale.ROOT);
  }

  private static MigrationSupport migration(JsonCursor json) throws InputException {
    if (json.isNull()) {
      return MigrationSupport.failing(Errno.ENOTTY);
    }
    if (json.isObject()) {
      return failing(json);
    }
    boolean stopCopy = false;
    boolean p2p = false;
    boolean preCopy = false;
    json.beginList();
    while (json.nextElement()) {
      switch (json.text("stop-copy, p2p or pre-copy")) {
        case "stop-copy" -> stopCopy = true;
        case "p2p" -> p2p = true;
        case "pre-copy" -> preCopy = true;
        default -> throw json.wrongType("stop-copy, p2p or pre-copy");
      }
    }
    return MigrationSupport.of(stopCopy, p2p, preCopy);
  }

  private static MigrationSupport failing(JsonCursor json) throws InputException {
    Optional<Errno> errno = Optional.empty();
    for (String key = json.nextKey(); key != null; key = json.nextKey()) {
      if (!key.equals("errno")) {
        throw json.unknownKey(List.of("errno"));
      }
      errno = json.errno();
    }
    if (errno.isEmpty()) {
      throw json.missing("errno", "an errno that is not 0");
    }
    return MigrationSupport.failing(errno.get());
  }

  private static void stateErrors(JsonCursor json, HostDeviceBuilder device) throws InputException {
    json.beginObject();
    for (String key = json.nextKey(); key != null; key = json.nextKey()) {
      VfioDeviceState state = state(json, key);
      json.errno().ifPresent(errno -> device.setStateError(state, errno));
    }
  }

  private static VfioDeviceState state(JsonCursor json, String name) throws InputException {
    for (VfioDeviceState state : VfioDeviceState.values()) {
      if (state.name().equals(name)) {
        return state;
      }
    }
    throw json.unknown("state", "a VFIO device state such as STOP_COPY");
  }

  private static void bars(JsonCursor json, HostDeviceBuilder device) throws InputException {
    json.beginObject();
    for (String key = json.nextKey(); key != null; key = json.nextKey()) {
      if (key.length() != 1 || key.charAt(0) < '0' || key.charAt(0) > '0' + LAST_BAR) {
        throw json.unknown("key", "a BAR number from 0 to " + LAST_BAR);
      }
      device.bar(key.charAt(0) - '0', bar(json));
    }
  }

  private static Bar bar(JsonCursor json) throws InputException {
    Optional<Long> size = Optional.empty();
    BarKind kind = BarKind.MEM64;
    boolean prefetchable = false;
    boolean mmap = true;
    json.beginObject();
    for (String key = json.nextKey(); key != null; key = json.nextKey()) {
      switch (key) {
        case "size" -> size = Optional.of(json.size());
        case "kind" -> kind = barKind(json);
        case "prefetchable" -> prefetchable = json.bool();
        case "mmap" -> mmap = json.bool();
        default -> throw json.unknownKey(List.of("size", "kind", "prefetchable", "mmap"));
      }
    }
    if (size.isEmpty()) {
      throw json.missing("size", "a size in bytes");
    }
    return new Bar(size.get(), kind, prefetchable, mmap);
  }

  private static BarKind barKind(JsonCursor json) throws InputException {
    String kind = json.text();
    return switch (kind) {
      case "mem32" -> BarKind.MEM32;
      case "mem64" -> BarKind.MEM64;
      case "io" -> BarKind.IO;
      default -> throw json.wrongText(kind, "mem32, mem64 or io");
    };
  }

  private static Msix msix(JsonCursor json) throws InputException {
    int vectors = 0;
    int bar = 0;
    long offset = 0;
    json.beginObject();
    for (String key = json.nextKey(); key != null; key = json.nextKey()) {
      switch (key) {
        case "vectors" -> vectors = json.integer(0, MOST_VECTORS);
        case "bar" -> bar = json.integer(0, LAST_BAR);
        case "offset" -> offset = json.u64();
        default -> throw json.unknownKey(List.of("vectors", "bar", "offset"));
      }
    }
    return new Msix(vectors, bar, offset);
  }
}
