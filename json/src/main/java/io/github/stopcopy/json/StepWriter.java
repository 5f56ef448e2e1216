package io.github.stopcopy.json;

import com.fasterxml.jackson.core.JsonGenerator;
import io.github.stopcopy.core.address.AddressRange;
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

  private final JsonGenerator json;

  /** For digits, so that no text is made of each of many addresses. */
  private final char[] digits = new char[Fields.MOST_DIGITS];

  StepWriter(JsonGenerator json) {
    this.json = json;
  }

  /** One answer. */
  void write(StepAnswer answer) throws IOException {
    json.writeStartObject();
    json.writeStringField("do", answer.step());
    if (answer.exitCode().isPresent()) {
      json.writeNumberField("exit-code", answer.exitCode().getAsInt());
    }
    Fields.texts(json, "errors", answer.errors());
    Fields.texts(json, "warnings", answer.warnings());
    Fields.optional(json, "command-error", answer.commandError());
    writeStarts(answer.dmaLoggingStart());
    writeDirtyTracking(answer.containerDirty());
    writeStates(answer.deviceStates());
    if (!answer.iommuSections().isEmpty()) {
      json.writeArrayFieldStart("iommu-sections");
      for (AddressRange range : answer.iommuSections()) {
        json.writeStartArray();
        hex(range.first());
        hex(range.last());
        json.writeEndArray();
      }
      json.writeEndArray();
    }
    writeDirtyPages(answer.dirtyPages());
    writeMemory(answer.memory());
    if (answer.query().isPresent()) {
      MigrationQuery query = answer.query().get();
      json.writeStringField("status", query.status());
      Fields.optional(json, "error-desc", query.errorDescription());
      Fields.texts(json, "blocked-reasons", query.blockedReasons());
    }
    if (answer.dmaMap().isPresent()) {
      writeMaps(answer.dmaMap().get());
    }
    Fields.texts(json, "unknown", answer.unknown());
    json.writeEndObject();
  }

  private void writeStarts(List<VfioEvent.DmaLoggingStart> starts) throws IOException {
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

  private void writeDirtyTracking(List<VfioEvent.ContainerDirty> switches) throws IOException {
    if (switches.isEmpty()) {
      return;
    }
    json.writeArrayFieldStart("container-dirty");
    for (VfioEvent.ContainerDirty each : switches) {
      json.writeString(each.started() ? "start" : "stop");
    }
    json.writeEndArray();
  }

  private void writeStates(List<VfioEvent.DeviceState> states) throws IOException {
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

  private void writeDirtyPages(List<AddressRange> dirty) throws IOException {
    if (dirty.isEmpty()) {
      return;
    }
    json.writeArrayFieldStart("dirty-pages");
    for (AddressRange run : dirty) {
      json.writeStartArray();
      hex(run.first());
      json.writeNumber(Long.divideUnsigned(run.last() - run.first(), RamDirtyLog.PAGE_SIZE) + 1);
      json.writeEndArray();
    }
    json.writeEndArray();
  }

  private void writeMemory(List<AddressSpaceView> spaces) throws IOException {
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
        hex(row.first());
        hex(row.last());
        json.writeString(row.type());
        json.writeString(row.name());
        hex(row.offset());
        json.writeEndArray();
      }
      json.writeEndArray();
      json.writeEndObject();
    }
    json.writeEndArray();
  }

  private void writeMaps(Map<Integer, List<DmaMapping>> maps) throws IOException {
    json.writeObjectFieldStart("dma-map");
    for (Map.Entry<Integer, List<DmaMapping>> container : maps.entrySet()) {
      json.writeArrayFieldStart(container.getKey().toString());
      for (DmaMapping mapping : container.getValue()) {
        json.writeStartArray();
        hex(mapping.iova());
        hex(mapping.size());
        json.writeString(mapping.readonly() ? "ro" : "rw");
        json.writeEndArray();
      }
      json.writeEndArray();
    }
    json.writeEndObject();
  }

  private void hex(long value) throws IOException {
    Fields.hex(json, value, digits);
  }
}
