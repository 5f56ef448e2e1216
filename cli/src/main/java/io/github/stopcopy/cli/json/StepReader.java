package io.github.stopcopy.cli.json;

import com.fasterxml.jackson.databind.JsonNode;
import io.github.stopcopy.core.address.AddressRange;
import io.github.stopcopy.core.address.U64;
import io.github.stopcopy.core.config.DeviceConfig;
import io.github.stopcopy.core.error.InputException;
import io.github.stopcopy.core.property.PropertyInput;
import io.github.stopcopy.core.property.PropertySetting;
import io.github.stopcopy.core.spi.GuestAction.ContextMode;
import io.github.stopcopy.migration.scenario.Step;
import io.github.stopcopy.migration.scenario.Step.ViommuOperation;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;

/** Reads the steps of a scenario. */
final class StepReader {

  private static final int MOST_PAGES = 1 << 20;

  private StepReader() {}

  static Step read(JsonObject json) throws InputException {
    String name = json.requiredText("do");
    Step step =
        switch (name) {
          case "boot" -> new Step.Boot();
          case "snapshot" -> new Step.Snapshot();
          case "device-add" -> new Step.DeviceAdd(device(json));
          case "device-del" ->
              new Step.DeviceDel(json.requiredText("id"), json.bool("released", true));
          case "migrate" -> new Step.Migrate(capabilities(json), json.bool("hold", false));
          case "finish-migration" -> new Step.FinishMigration();
          case "migrate-cancel" -> new Step.MigrateCancel();
          case "viommu" -> viommu(json);
          case "memory-add" ->
              new Step.MemoryAdd(
                  json.requiredText("id"),
                  json.required("size", json.u64("size"), "a size in bytes"),
                  json.u64("at"));
          case "dma-write" -> dmaWrite(json);
          case "sync" -> new Step.Sync();
          case "bar" -> bar(json);
          default ->
              throw InputException.of(
                  "key '"
                      + json.path("do")
                      + "' is \""
                      + name
                      + "\", expected boot, snapshot, device-add, device-del, migrate,"
                      + " finish-migration, migrate-cancel, viommu, memory-add, dma-write, sync or"
                      + " bar");
        };
    json.refuseOtherKeys();
    return step;
  }

  /** Which of them the release knows is QEMU's matter (R-OBS-126). */
  private static Set<String> capabilities(JsonObject json) throws InputException {
    return new LinkedHashSet<>(json.texts("capabilities"));
  }

  private static DeviceConfig device(JsonObject json) throws InputException {
    JsonObject args = json.required("args", json.object("args"), "an object with a driver");
    String driver = args.requiredText("driver");
    Optional<String> id = args.text("id");
    Optional<String> bus = args.text("bus");
    List<PropertySetting> settings = new ArrayList<>();
    for (String key : args.keys()) {
      if (!key.equals("driver") && !key.equals("id") && !key.equals("bus")) {
        settings.add(new PropertySetting(key, value(args.get(key).orElseThrow(), args.path(key))));
      }
    }
    return new DeviceConfig(driver, id, bus, settings);
  }

  private static PropertyInput value(JsonNode node, String path) throws InputException {
    if (node.isBoolean()) {
      return new PropertyInput.TypedBoolean(node.booleanValue());
    }
    if (node.isIntegralNumber()) {
      return new PropertyInput.TypedNumber(node.bigIntegerValue());
    }
    if (node.isTextual()) {
      return new PropertyInput.TypedText(node.textValue());
    }
    throw JsonObject.wrong(path, node, "a string, a whole number, true or false");
  }

  private static Step dmaWrite(JsonObject json) throws InputException {
    String device = json.requiredText("device");
    long iova = json.required("iova", json.u64("iova"), "an I/O virtual address");
    long length = json.required("length", json.u64("length"), "a length in bytes");
    if (length == 0 || U64.addOverflows(iova, length - 1)) {
      throw InputException.of(
          "key '"
              + json.path("length")
              + "' is "
              + U64.decimal(length)
              + ", expected at least 1 and an end below 2^64");
    }
    return new Step.DmaWrite(device, new AddressRange(iova, iova + length - 1));
  }

  private static Step bar(JsonObject json) throws InputException {
    String device = json.requiredText("device");
    int bar = json.required("bar", json.integer("bar", 0, 5), "a BAR number from 0 to 5");
    JsonNode at =
        json.required("at", json.get("at"), "a guest physical address, or null to turn it off");
    Optional<Long> address =
        at.isNull() ? Optional.empty() : Optional.of(JsonObject.u64(at, json.path("at")));
    return new Step.MoveBar(device, bar, address);
  }

  private static Step viommu(JsonObject json) throws InputException {
    ViommuOperation operation =
        choice(json, "op", ViommuOperation.values(), json.requiredText("op"));
    boolean needsDevice =
        operation == ViommuOperation.CONTEXT
            || operation == ViommuOperation.MAP
            || operation == ViommuOperation.UNMAP;
    Optional<String> device = json.text("device");
    if (needsDevice) {
      json.required("device", device, "the id of a device");
    }
    Optional<String> modeName = json.text("mode");
    Optional<ContextMode> mode =
        modeName.isPresent()
            ? Optional.of(choice(json, "mode", ContextMode.values(), modeName.get()))
            : Optional.empty();
    if (operation == ViommuOperation.CONTEXT) {
      json.required("mode", mode, "translate, passthrough or absent");
    }
    Optional<Integer> addressBits = json.integer("aw", 1, 64);
    Optional<Long> iova = json.u64("iova");
    Optional<Long> guestAddress = json.u64("gpa");
    if (operation == ViommuOperation.MAP || operation == ViommuOperation.UNMAP) {
      json.required("iova", iova, "an I/O virtual address");
    }
    if (operation == ViommuOperation.MAP) {
      json.required("gpa", guestAddress, "a guest physical address");
    }
    return new Step.Viommu(
        operation,
        device,
        mode,
        addressBits.isPresent() ? OptionalInt.of(addressBits.get()) : OptionalInt.empty(),
        iova.orElse(0L),
        guestAddress.orElse(0L),
        json.integer("pages", 1, MOST_PAGES).orElse(1));
  }

  private static <E extends Enum<E>> E choice(JsonObject json, String key, E[] values, String text)
      throws InputException {
    List<String> names = new ArrayList<>();
    for (E value : values) {
      String name = value.name().toLowerCase(Locale.ROOT).replace('_', '-');
      if (name.equals(text)) {
        return value;
      }
      names.add(name);
    }
    throw InputException.of(
        "key '"
            + json.path(key)
            + "' is \""
            + text
            + "\", expected one of "
            + String.join(", ", names));
  }
}
