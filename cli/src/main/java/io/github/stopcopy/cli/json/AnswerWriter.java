package io.github.stopcopy.cli.json;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import io.github.stopcopy.core.address.AddressRange;
import io.github.stopcopy.core.address.U64;
import io.github.stopcopy.core.error.Errno;
import io.github.stopcopy.core.memory.RamDirtyLog;
import io.github.stopcopy.migration.Assumption;
import io.github.stopcopy.migration.Reason;
import io.github.stopcopy.migration.Remedy;
import io.github.stopcopy.migration.Verdict;
import io.github.stopcopy.migration.remedy.RemedyChange;
import io.github.stopcopy.migration.remedy.RemedyNeed;
import io.github.stopcopy.migration.scenario.StepAnswer;
import io.github.stopcopy.migration.scenario.StepAnswer.AddressSpaceView;
import io.github.stopcopy.migration.scenario.StepAnswer.MigrationQuery;
import io.github.stopcopy.migration.vm.ListenerReport;
import io.github.stopcopy.vfiopci.DmaMapping;
import io.github.stopcopy.vfiopci.IovaRange;
import io.github.stopcopy.vfiopci.event.VfioEvent;
import java.io.IOException;
import java.io.StringWriter;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Writes answers as JSON, a line each. Thread-safe. */
public final class AnswerWriter {

  private final JsonFactory factory = new JsonFactory();

  /** The answer to a scenario in one line, without its end. */
  public String line(String id, Verdict verdict) {
    StringWriter text = new StringWriter(4096);
    try (JsonGenerator json = factory.createGenerator(text)) {
      json.writeStartObject();
      json.writeStringField("id", id);
      writeVerdict(json, verdict);
      json.writeEndObject();
    } catch (IOException cannotHappen) {
      throw new IllegalStateException(cannotHappen);
    }
    return text.toString();
  }

  /**
   * Writes the keys {@code verdict}, {@code reasons} and {@code steps} of an open object, and
   * {@code listeners} if one has something to tell.
   *
   * @throws IOException if what it is written to throws that
   */
  public void writeVerdict(JsonGenerator json, Verdict verdict) throws IOException {
    json.writeStringField("verdict", verdict.kind().word());
    json.writeArrayFieldStart("reasons");
    for (Reason reason : verdict.reasons()) {
      writeReason(json, reason);
    }
    json.writeEndArray();
    json.writeArrayFieldStart("steps");
    for (StepAnswer answer : verdict.steps()) {
      writeStep(json, answer);
    }
    json.writeEndArray();
    writeListeners(json, verdict.listeners());
  }

  private static void writeListeners(JsonGenerator json, List<ListenerReport> reports)
      throws IOException {
    if (reports.isEmpty()) {
      return;
    }
    json.writeArrayFieldStart("listeners");
    for (ListenerReport report : reports) {
      json.writeStartObject();
      json.writeStringField("name", report.listener());
      writeOptional(json, "device", report.device());
      writeTexts(json, "lines", report.lines());
      json.writeEndObject();
    }
    json.writeEndArray();
  }

  /**
   * Writes {@code assumptions} into an open object.
   *
   * @throws IOException if what it is written to throws that
   */
  public void writeAssumptions(JsonGenerator json, Verdict verdict) throws IOException {
    json.writeArrayFieldStart("assumptions");
    for (Assumption assumption : verdict.assumptions()) {
      json.writeStartObject();
      json.writeStringField("subject", assumption.subject());
      json.writeStringField("fact", assumption.fact());
      json.writeStringField("value", assumption.value());
      json.writeStringField("origin", assumption.origin());
      json.writeEndObject();
    }
    json.writeEndArray();
  }

  private static void writeReason(JsonGenerator json, Reason reason) throws IOException {
    json.writeStartObject();
    json.writeStringField("code", reason.code());
    json.writeStringField("kind", reason.kind().word());
    writeOptional(json, "device", reason.device());
    writeOptional(json, "id", reason.id());
    if (!reason.qemuText().isEmpty()) {
      json.writeStringField("qemu-text", reason.qemuText());
    }
    json.writeStringField("explanation", reason.explanation());
    writeAll(json, "rules", reason.rules());
    writeAll(json, "assumes", reason.assumes());
    json.writeArrayFieldStart("remedies");
    for (Remedy remedy : reason.remedies()) {
      writeRemedy(json, remedy);
    }
    json.writeEndArray();
    json.writeEndObject();
  }

  private static void writeRemedy(JsonGenerator json, Remedy remedy) throws IOException {
    json.writeStartObject();
    json.writeStringField("text", remedy.text());
    json.writeArrayFieldStart("changes");
    for (RemedyChange change : remedy.changes()) {
      writeChange(json, change);
    }
    json.writeEndArray();
    writeOptional(json, "command", remedy.command());
    writeOptional(json, "libvirt", remedy.libvirt());
    writeAll(json, "needs", remedy.needs().stream().map(RemedyNeed::word).toList());
    json.writeStringField("then", remedy.verdict().word());
    writeAll(json, "assumes", remedy.assumes());
    json.writeEndObject();
  }

  private static void writeChange(JsonGenerator json, RemedyChange change) throws IOException {
    json.writeStartObject();
    if (change instanceof RemedyChange.Set set) {
      json.writeStringField("target", set.target());
      json.writeStringField("property", set.property());
      json.writeStringField("value", set.value());
    } else if (change instanceof RemedyChange.Remove remove) {
      json.writeStringField("remove", remove.target());
    } else if (change instanceof RemedyChange.Release release) {
      json.writeStringField("profile", release.profile().id());
    } else if (change instanceof RemedyChange.Action action) {
      json.writeStringField("action", action.name());
    }
    json.writeEndObject();
  }

  private static void writeStep(JsonGenerator json, StepAnswer answer) throws IOException {
    json.writeStartObject();
    json.writeStringField("do", answer.step());
    if (answer.exitCode().isPresent()) {
      json.writeNumberField("exit-code", answer.exitCode().getAsInt());
    }
    writeTexts(json, "errors", answer.errors());
    writeTexts(json, "warnings", answer.warnings());
    writeOptional(json, "command-error", answer.commandError());
    writeStarts(json, answer.dmaLoggingStart());
    writeTexts(
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
      writeOptional(json, "error-desc", query.errorDescription());
      writeTexts(json, "blocked-reasons", query.blockedReasons());
    }
    if (answer.dmaMap().isPresent()) {
      writeMaps(json, answer.dmaMap().get());
    }
    writeTexts(json, "unknown", answer.unknown());
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
      json.writeArrayFieldStart("ranges");
      for (IovaRange range : start.ranges()) {
        json.writeStartObject();
        json.writeStringField("iova", U64.hex(range.iova()));
        json.writeStringField("length", U64.hex(range.length()));
        json.writeEndObject();
      }
      json.writeEndArray();
      json.writeNumberField("errno", start.errno().map(Errno::number).orElse(0));
      writeTexts(json, "unknown", start.unknown());
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
      json.writeNumberField("errno", state.errno().map(Errno::number).orElse(0));
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

  private static void writeTexts(JsonGenerator json, String key, List<String> texts)
      throws IOException {
    if (!texts.isEmpty()) {
      writeAll(json, key, texts);
    }
  }

  /** Writes a list, also an empty one. */
  private static void writeAll(JsonGenerator json, String key, List<String> texts)
      throws IOException {
    json.writeArrayFieldStart(key);
    for (String text : texts) {
      json.writeString(text);
    }
    json.writeEndArray();
  }

  private static void writeOptional(JsonGenerator json, String key, Optional<String> text)
      throws IOException {
    if (text.isPresent()) {
      json.writeStringField(key, text.get());
    }
  }
}
