package io.github.stopcopy.json;

import com.fasterxml.jackson.core.JsonGenerator;
import io.github.stopcopy.core.address.U64;
import io.github.stopcopy.core.error.Errno;
import io.github.stopcopy.core.host.HostDevice;
import io.github.stopcopy.core.host.HostDevice.Bar;
import io.github.stopcopy.core.host.HostDevice.DmaLogging;
import io.github.stopcopy.core.host.HostDevice.Fact;
import io.github.stopcopy.core.host.HostDevice.MigrationSupport;
import io.github.stopcopy.core.host.HostDevice.Msix;
import io.github.stopcopy.core.host.VfioDeviceState;
import io.github.stopcopy.json.HostWriter.ObjectWriter;
import java.io.IOException;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/** Writes what the host knows of one device. */
final class DeviceWriter {

  private DeviceWriter() {}

  static void write(JsonGenerator json, HostDevice device, ObjectWriter keys) throws IOException {
    HostDevice usual = HostDevice.CAPABLE;
    if (device.group().isPresent()) {
      keys.isWorth("group", true, device.given().contains(Fact.GROUP));
      json.writeNumberField("group", device.group().getAsInt());
    }
    Fields.optional(json, "driver", device.driver());
    Fields.optional(json, "pci-id", device.pciId());
    if (keys.isWorth(
        "migration",
        !device.migration().equals(usual.migration()),
        device.given().contains(Fact.MIGRATION))) {
      migration(json, device.migration());
    }
    logging(json, device, keys);
    if (keys.isWorth("dma-buf", device.dmaBuf() != usual.dmaBuf())) {
      json.writeBooleanField("dma-buf", device.dmaBuf());
    }
    if (keys.isWorth("set-state-errno", !device.setStateErrors().isEmpty())) {
      json.writeObjectFieldStart("set-state-errno");
      for (Map.Entry<VfioDeviceState, Errno> error : device.setStateErrors().entrySet()) {
        json.writeNumberField(error.getKey().name(), error.getValue().number());
      }
      json.writeEndObject();
    }
    boolean areBarsGiven = device.given().contains(Fact.BARS);
    if (keys.isWorth("bars", !device.bars().isEmpty(), areBarsGiven)) {
      json.writeObjectFieldStart("bars");
      for (Map.Entry<Integer, Bar> bar : device.bars().entrySet()) {
        bar(json, bar.getKey(), bar.getValue());
      }
      json.writeEndObject();
    }
    if (device.msix().isPresent()) {
      msix(json, device.msix().get());
    }
  }

  private static void migration(JsonGenerator json, MigrationSupport migration) throws IOException {
    Optional<Errno> error = migration.error();
    if (error.isPresent()) {
      if (error.get() == Errno.ENOTTY) {
        json.writeNullField("migration");
      } else {
        json.writeObjectFieldStart("migration");
        Fields.errno(json, error);
        json.writeEndObject();
      }
      return;
    }
    json.writeArrayFieldStart("migration");
    if (migration.stopCopy()) {
      json.writeString("stop-copy");
    }
    if (migration.p2p()) {
      json.writeString("p2p");
    }
    if (migration.preCopy()) {
      json.writeString("pre-copy");
    }
    json.writeEndArray();
  }

  private static void logging(JsonGenerator json, HostDevice device, ObjectWriter keys)
      throws IOException {
    DmaLogging logging = device.dmaLogging();
    DmaLogging usual = DmaLogging.SUPPORTED;
    boolean isGiven = device.given().contains(Fact.DMA_LOGGING);
    if (isGiven || !logging.equals(usual) || keys.origins().containsKey("dma-logging")) {
      keys.isWorth("dma-logging", true, isGiven);
      json.writeBooleanField("dma-logging", logging.supported());
    }
    errno(json, keys, "dma-logging-start-errno", logging.startError(), isGiven);
    errno(json, keys, "dma-logging-stop-errno", logging.stopError(), isGiven);
    errno(json, keys, "dma-logging-report-errno", logging.reportError(), isGiven);
    if (isUnusual(keys, "dma-logging-max-ranges", logging.maxRanges() != 0, isGiven)) {
      json.writeNumberField("dma-logging-max-ranges", logging.maxRanges());
    }
    if (isUnusual(keys, "dma-logging-max-length", logging.maxLength() != 0, isGiven)) {
      json.writeStringField("dma-logging-max-length", U64.hex(logging.maxLength()));
    }
    boolean isOtherLimit = logging.limitError() != usual.limitError();
    if (isUnusual(keys, "dma-logging-limit-errno", isOtherLimit, isGiven)) {
      json.writeNumberField("dma-logging-limit-errno", logging.limitError().number());
    }
  }

  /** Whether a detail of logging is to be written; that it is none need not be said. */
  private static boolean isUnusual(
      ObjectWriter keys, String key, boolean isUnusual, boolean isGiven) {
    return keys.isWorth(key, isUnusual, isGiven || !isUnusual) && isUnusual;
  }

  private static void errno(
      JsonGenerator json, ObjectWriter keys, String key, Optional<Errno> error, boolean isGiven)
      throws IOException {
    if (isUnusual(keys, key, error.isPresent(), isGiven)) {
      json.writeNumberField(key, error.map(Errno::number).orElse(0));
    }
  }

  private static void bar(JsonGenerator json, int number, Bar bar) throws IOException {
    json.writeObjectFieldStart(Integer.toString(number));
    json.writeStringField("size", U64.hex(bar.size()));
    json.writeStringField("kind", bar.kind().name().toLowerCase(Locale.ROOT));
    json.writeBooleanField("prefetchable", bar.prefetchable());
    json.writeBooleanField("mmap", bar.mmap());
    json.writeEndObject();
  }

  private static void msix(JsonGenerator json, Msix msix) throws IOException {
    json.writeObjectFieldStart("msix");
    json.writeNumberField("vectors", msix.vectors());
    json.writeNumberField("bar", msix.bar());
    json.writeStringField("offset", U64.hex(msix.offset()));
    json.writeEndObject();
  }
}
