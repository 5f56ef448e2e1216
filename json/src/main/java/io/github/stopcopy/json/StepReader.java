package io.github.stopcopy.json;

import io.github.stopcopy.core.address.AddressRange;
import io.github.stopcopy.core.address.U64;
import io.github.stopcopy.core.config.DeviceConfig;
import io.github.stopcopy.core.error.InputException;
import io.github.stopcopy.core.property.PropertySetting;
import io.github.stopcopy.core.spi.GuestAction.ContextMode;
import io.github.stopcopy.migration.scenario.Step;
import io.github.stopcopy.migration.scenario.Step.ViommuOperation;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Reads one step. Its keys come in any order, so they are kept until the object has ended; once
 * {@code do} is known, a key of another step is refused where it stands.
 */
final class StepReader {

  private static final int MOST_PAGES = 1 << 20;
  private static final int LAST_BAR = 5;

  /** The keys of each step, beside {@code do}. */
  private static final Map<String, Set<String>> KEYS =
      Map.ofEntries(
          Map.entry("boot", Set.of()),
          Map.entry("accept-standby", Set.of()),
          Map.entry("snapshot", Set.of()),
          Map.entry("device-add", Set.of("args")),
          Map.entry("device-del", Set.of("id", "released")),
          Map.entry("migrate", Set.of("capabilities", "hold")),
          Map.entry("finish-migration", Set.of()),
          Map.entry("migrate-cancel", Set.of()),
          Map.entry(
              "viommu", Set.of("op", "device", "mode", "aw", "domain", "iova", "gpa", "pages")),
          Map.entry("memory-add", Set.of("id", "size", "at")),
          Map.entry("dma-write", Set.of("device", "iova", "length")),
          Map.entry("sync", Set.of()),
          Map.entry("bar", Set.of("device", "bar", "at")));

  private final JsonCursor json;
  private final List<String> beforeName = new ArrayList<>(0);
  private @Nullable String name;
  private @Nullable DeviceConfig args;
  private @Nullable String id;
  private @Nullable String device;
  private @Nullable ViommuOperation operation;
  private @Nullable ContextMode mode;
  private @Nullable Long iova;
  private @Nullable Long guestAddress;
  private @Nullable Long size;
  private @Nullable Long length;
  private @Nullable Integer bar;
  private @Nullable Long at;
  private boolean isNowhere;
  private OptionalInt addressBits = OptionalInt.empty();
  private OptionalInt domain = OptionalInt.empty();
  private Set<String> capabilities = Set.of();
  private boolean released = true;
  private boolean hold;
  private int pages = 1;

  private StepReader(JsonCursor json) {
    this.json = json;
  }

  static Step read(JsonCursor json) throws InputException {
    return new StepReader(json).step();
  }

  private Step step() throws InputException {
    json.beginObject();
    for (String key = json.nextKey(); key != null; key = json.nextKey()) {
      if (key.equals("do")) {
        readName();
      } else if (name != null && !KEYS.getOrDefault(name, Set.of()).contains(key)) {
        throw json.unknownKey(known(name));
      } else {
        readValue(key);
      }
    }
    if (name == null) {
      throw json.missing("do", "a string");
    }
    return switch (name) {
      case "boot" -> new Step.Boot();
      case "accept-standby" -> new Step.AcceptStandby();
      case "snapshot" -> new Step.Snapshot();
      case "device-add" -> new Step.DeviceAdd(required("args", args, "an object with a driver"));
      case "device-del" -> new Step.DeviceDel(required("id", id, "a string"), released);
      case "migrate" -> new Step.Migrate(capabilities, hold);
      case "finish-migration" -> new Step.FinishMigration();
      case "migrate-cancel" -> new Step.MigrateCancel();
      case "viommu" -> viommu(required("op", operation, "a string"));
      case "memory-add" -> memoryAdd();
      case "dma-write" -> dmaWrite();
      case "sync" -> new Step.Sync();
      default -> moveBar();
    };
  }

  private void readName() throws InputException {
    String read = json.text();
    if (!KEYS.containsKey(read)) {
      throw json.wrongText(
          read,
          "boot, accept-standby, snapshot, device-add, device-del, migrate, finish-migration,"
              + " migrate-cancel, viommu, memory-add, dma-write, sync or bar");
    }
    for (String key : beforeName) {
      if (!known(read).contains(key)) {
        throw json.unknownKey(key, known(read));
      }
    }
    name = read;
  }

  private static Set<String> known(String step) {
    Set<String> keys = new LinkedHashSet<>(KEYS.getOrDefault(step, Set.of()));
    keys.add("do");
    return keys;
  }

  private void readValue(String key) throws InputException {
    if (name == null) {
      beforeName.add(key);
    }
    switch (key) {
      case "args" -> args = device();
      case "id" -> id = json.text();
      case "released" -> released = json.bool();
      case "capabilities" -> capabilities = capabilities();
      case "hold" -> hold = json.bool();
      case "op" -> operation = choice(ViommuOperation.values());
      case "device" -> device = json.text();
      case "mode" -> mode = choice(ContextMode.values());
      case "aw" -> addressBits = OptionalInt.of(json.integer(1, 64));
      case "domain" -> domain = OptionalInt.of(json.integer(0, Integer.MAX_VALUE));
      case "iova" -> iova = json.u64();
      case "gpa" -> guestAddress = json.u64();
      case "pages" -> pages = json.integer(1, MOST_PAGES);
      case "size" -> size = json.size();
      case "length" -> length = json.size();
      case "bar" -> bar = json.integer(0, LAST_BAR);
      case "at" -> {
        isNowhere = json.isNull();
        at = isNowhere ? null : json.u64();
      }
      default -> json.skip();
    }
  }

  private <T> T required(String key, @Nullable T value, String expected) throws InputException {
    if (value == null) {
      throw json.missing(key, expected);
    }
    return value;
  }

  private Step memoryAdd() throws InputException {
    if (isNowhere) {
      throw json.wrongMember("at", "is null, expected a number");
    }
    return new Step.MemoryAdd(
        required("id", id, "a string"),
        required("size", size, "a size in bytes"),
        Optional.ofNullable(at));
  }

  private Step dmaWrite() throws InputException {
    String writer = required("device", device, "a string");
    long first = required("iova", iova, "an I/O virtual address");
    long bytes = required("length", length, "a length in bytes");
    if (bytes == 0 || U64.addOverflows(first, bytes - 1)) {
      throw json.wrongMember(
          "length", "is " + U64.decimal(bytes) + ", expected at least 1 and an end below 2^64");
    }
    return new Step.DmaWrite(writer, new AddressRange(first, first + bytes - 1));
  }

  private Step moveBar() throws InputException {
    String moved = required("device", device, "a string");
    int number = required("bar", bar, "a BAR number from 0 to 5");
    if (at == null && !isNowhere) {
      throw json.missing("at", "a guest physical address, or null to turn it off");
    }
    return new Step.MoveBar(moved, number, Optional.ofNullable(at));
  }

  /** Which of them the release knows is QEMU's matter (R-OBS-126). */
  private Set<String> capabilities() throws InputException {
    Set<String> all = new LinkedHashSet<>();
    json.beginList();
    while (json.nextElement()) {
      all.add(json.text());
    }
    return all;
  }

  private DeviceConfig device() throws InputException {
    String driver = null;
    Optional<String> itsId = Optional.empty();
    Optional<String> bus = Optional.empty();
    List<PropertySetting> settings = new ArrayList<>();
    json.beginObject();
    for (String key = json.nextKey(); key != null; key = json.nextKey()) {
      switch (key) {
        case "driver" -> driver = json.text();
        case "id" -> itsId = Optional.of(json.text());
        case "bus" -> bus = Optional.of(json.text());
        default -> settings.add(new PropertySetting(key, json.property()));
      }
    }
    return new DeviceConfig(required("driver", driver, "a string"), itsId, bus, settings);
  }

  private Step viommu(ViommuOperation what) throws InputException {
    boolean isMap = what == ViommuOperation.MAP;
    boolean isContext = what == ViommuOperation.CONTEXT;
    boolean isDomain = what == ViommuOperation.ATTACH || what == ViommuOperation.DETACH;
    boolean isRange = isMap || what == ViommuOperation.UNMAP;
    if (isContext || isDomain || isRange) {
      required("device", device, "the id of a device");
    }
    if (isContext) {
      required("mode", mode, "translate, passthrough or absent");
    }
    if (isDomain && domain.isEmpty()) {
      throw json.missing("domain", "the number of a domain");
    }
    if (isRange) {
      required("iova", iova, "an I/O virtual address");
    }
    if (isMap) {
      required("gpa", guestAddress, "a guest physical address");
    }
    return new Step.Viommu(
        what,
        Optional.ofNullable(device),
        Optional.ofNullable(mode),
        addressBits,
        domain,
        iova == null ? 0 : iova,
        guestAddress == null ? 0 : guestAddress,
        pages);
  }

  private <E extends Enum<E>> E choice(E[] values) throws InputException {
    String text = json.text();
    List<String> names = new ArrayList<>();
    for (E value : values) {
      String word = value.name().toLowerCase(Locale.ROOT).replace('_', '-');
      if (word.equals(text)) {
        return value;
      }
      names.add(word);
    }
    throw json.wrongText(text, "one of " + String.join(", ", names));
  }
}
