package io.github.stopcopy.json;

import com.fasterxml.jackson.core.JsonGenerator;
import io.github.stopcopy.core.address.AddressRange;
import io.github.stopcopy.core.address.U64;
import io.github.stopcopy.core.memory.RamDirtyLog;
import io.github.stopcopy.migration.scenario.StepAnswer;
import io.github.stopcopy.migration.scenario.StepAnswer.AddressSpaceView;
import io.github.stopcopy.migration.scenario.StepAnswer.MigrationQuery;
import io.github.stopcopy.vfiopci.DmaMapping;
import io.github.stopcopy.vfiopci.event.VfioEvent;
import java.io.IOException;
import java.util.List;
import java.util.Map;

/** Writes what QEMU did in a step. */
final class StepWriter {

  private StepWriter() {}

  /** One answer. */
  static void write(JsonGenerator json, StepAnswer answer) throws IOException {
    json.writeStartObject();
    json.writeStringField("do", answer.step());
    if (answer.exitCode().isPresent()) {
      json.writeNumberField("exit-code", answer.exitCode().getAsInt());
    }
    Fields.texts(json, "errors", answer.errors());
    Fields.texts(json, "warnings", answer.warnings());
    Fields.optional(json, "command-error", answer.commandError());
    writeStarts(json, answer.dmaLoggingStart());
    Fields.texts(
        json,
        "container-dirty",
        answer.containerDirty().stream().map(dirty -> dirty.started() ? "start" : "stop").toList());
    writeStates(json, answer.deviceStates());
    if (!answer.iommuSections().isEmpty()) {
      json.writeArrayFieldStart("iommu-sections");
      for (AddressRange range : answer.iommuSections()) {
        json.writeStartArray();
        json.writeString(U64.hex(range.first()));
        json.writeString(U64.hex(range.last()));
        json.writeEndArray();
      }
      json.writeEndArray();
    }
    writeDirtyPages(json, answer.dirtyPages());
    writeMemory(json, answer.memory());
    if (answer.query().isPresent()) {
      MigrationQuery query = answer.query().get();
      json.writeStringField("status", query.status());
      Fields.optional(json, "error-desc", query.errorDescription());
      Fields.texts(json, "blocked-reasons", query.blockedReasons());
    }
    if (answer.dmaMap().isPresent()) {
      writeMaps(json, answer.dmaMap().get());
    }
    Fields.texts(json, "unknown", answer.unknown());
    json.writeEndObject();
  }

  private static void writeStarts(JsonGenerator json, List<VfioEvent.DmaLoggingStart> starts)
      throws IOException {
    if (starts.isEmpty()) {
      return;
    }
    json.writeArrayFieldStart("dma-logging-start");
    for (VfioEvent.DmaLoggingStart start : starts) {
      json.writeStartObject();
      json.writeStringField("device", start.device());
      json.writeNumberField("page-size", start.pageSize());
      Fields.ranges(json, start.ranges());
      Fields.errno(json, start.errno());
      Fields.texts(json, "unknown", start.unknown());
      json.writeEndObject();
    }
    json.writeEndArray();
  }

  private static void writeStates(JsonGenerator json, List<VfioEvent.DeviceState> states)
      throws IOException {
    if (states.isEmpty()) {
      return;
    }
    json.writeArrayFieldStart("device-states");
    for (VfioEvent.DeviceState state : states) {
      json.writeStartObject();
      json.writeStringField("device", state.device());
      json.writeStringField("from", state.from().name());
      json.writeStringField("to", state.to().name());
      Fields.errno(json, state.errno());
      json.writeEndObject();
    }
    json.writeEndArray();
  }

  private static void writeDirtyPages(JsonGenerator json, List<AddressRange> dirty)
      throws IOException {
    if (dirty.isEmpty()) {
      return;
    }
    json.writeArrayFieldStart("dirty-pages");
    for (AddressRange run : dirty) {
      json.writeStartArray();
      json.writeString(U64.hex(run.first()));
      json.writeNumber(Long.divideUnsigned(run.last() - run.first(), RamDirtyLog.PAGE_SIZE) + 1);
      json.writeEndArray();
    }
    json.writeEndArray();
  }

  private static void writeMemory(JsonGenerator json, List<AddressSpaceView> spaces)
      throws IOException {
    if (spaces.isEmpty()) {
      return;
    }
    json.writeArrayFieldStart("memory");
    for (AddressSpaceView space : spaces) {
      json.writeStartObject();
      json.writeStringField("address-space", space.name());
      json.writeStringField("root", space.root());
      json.writeArrayFieldStart("rows");
      for (StepAnswer.Row row : space.rows()) {
        json.writeStartArray();
        json.writeString(U64.hex(row.first()));
        json.writeString(U64.hex(row.last()));
        json.writeString(row.type());
        json.writeString(row.name());
        json.writeString(U64.hex(row.offset()));
        json.writeEndArray();
      }
      json.writeEndArray();
      json.writeEndObject();
    }
    json.writeEndArray();
  }

  private static void writeMaps(JsonGenerator json, Map<Integer, List<DmaMapping>> maps)
      throws IOException {
    json.writeObjectFieldStart("dma-map");
    for (Map.Entry<Integer, List<DmaMapping>> container : maps.entrySet()) {
      json.writeArrayFieldStart(container.getKey().toString());
      for (DmaMapping mapping : container.getValue()) {
        json.writeStartArray();
        json.writeString(U64.hex(mapping.iova()));
        json.writeString(U64.hex(mapping.size()));
        json.writeString(mapping.readonly() ? "ro" : "rw");
        json.writeEndArray();
      }
      json.writeEndArray();
    }
    json.writeEndObject();
  }
}
