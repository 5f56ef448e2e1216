package io.github.stopcopy.json;

import com.fasterxml.jackson.core.JsonGenerator;
import io.github.stopcopy.core.address.AddressRange;
import io.github.stopcopy.core.address.U64;
import io.github.stopcopy.core.error.Errno;
import io.github.stopcopy.core.host.HostContainer;
import io.github.stopcopy.core.host.HostFacts;
import io.github.stopcopy.json.HostDocument.Note;
import io.github.stopcopy.json.HostDocument.Origin;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/** Writes host facts with their origins. */
final class HostWriter {

  private HostWriter() {}

  static void write(JsonGenerator json, HostDocument document) throws IOException {
    Map<String, Map<String, String>> origins = new LinkedHashMap<>();
    for (Origin origin : document.origins()) {
      origins
          .computeIfAbsent(origin.subject(), subject -> new LinkedHashMap<>())
          .put(origin.fact(), origin.origin());
    }
    HostFacts facts = document.facts();
    ObjectWriter host = writer(json, HostDocument.HOST, origins);
    if (host.isWorth("page-size", facts.pageSize() != HostFacts.CAPABLE.pageSize())) {
      json.writeNumberField("page-size", facts.pageSize());
    }
    Fields.optional(
        json, "accel", facts.accelerator().map(accel -> accel.name().toLowerCase(Locale.ROOT)));
    Fields.optional(json, "cpu-vendor", facts.cpuVendor());
    if (facts.cpuPhysBits().isPresent()) {
      json.writeNumberField("cpu-phys-bits", facts.cpuPhysBits().getAsInt());
    }
    Fields.optional(json, "kernel", facts.kernel());
    Map<String, List<Note>> notes = notesBySubject(document.notes());
    json.writeObjectFieldStart("containers");
    ObjectWriter containers = writer(json, HostDocument.CONTAINERS, origins);
    container(json, facts.container(), containers);
    containers.end(notes.getOrDefault(HostDocument.CONTAINERS, List.of()));
    json.writeEndObject();
    json.writeObjectFieldStart("devices");
    for (var device : facts.devices().entrySet()) {
      String name = device.getKey();
      json.writeObjectFieldStart(name);
      ObjectWriter keys = writer(json, name, origins);
      DeviceWriter.write(json, device.getValue(), keys);
      keys.end(notes.getOrDefault(name, List.of()));
      json.writeEndObject();
    }
    json.writeEndObject();
    host.end(notes.getOrDefault(HostDocument.HOST, List.of()));
  }

  private static ObjectWriter writer(
      JsonGenerator json, String subject, Map<String, Map<String, String>> origins) {
    Map<String, String> ofSubject = origins.getOrDefault(subject, Map.of());
    return new ObjectWriter(json, new LinkedHashMap<>(ofSubject));
  }

  private static Map<String, List<Note>> notesBySubject(List<Note> notes) {
    Map<String, List<Note>> bySubject = new LinkedHashMap<>();
    for (Note note : notes) {
      bySubject.computeIfAbsent(note.subject(), subject -> new ArrayList<>()).add(note);
    }
    return bySubject;
  }

  private static void container(JsonGenerator json, HostContainer container, ObjectWriter keys)
      throws IOException {
    HostContainer usual = HostContainer.CAPABLE;
    if (keys.isWorth("dirty-tracking", container.dirtyTracking() != usual.dirtyTracking())) {
      json.writeBooleanField("dirty-tracking", container.dirtyTracking());
    }
    if (keys.isWorth("page-sizes", container.pageSizes() != usual.pageSizes())) {
      json.writeStringField("page-sizes", U64.hex(container.pageSizes()));
    }
    if (keys.isWorth("dirty-page-sizes", container.dirtyPageSizes() != usual.dirtyPageSizes())) {
      json.writeStringField("dirty-page-sizes", U64.hex(container.dirtyPageSizes()));
    }
    if (keys.isWorth(
        "max-dirty-bitmap-size", container.maxDirtyBitmapSize() != usual.maxDirtyBitmapSize())) {
      json.writeStringField("max-dirty-bitmap-size", U64.hex(container.maxDirtyBitmapSize()));
    }
    if (keys.isWorth("dma-available", container.dmaAvailable() != usual.dmaAvailable())) {
      json.writeFieldName("dma-available");
      json.writeNumber(U64.toBigInteger(container.dmaAvailable()));
    }
    if (keys.isWorth("shared", container.shared() != usual.shared())) {
      json.writeBooleanField("shared", container.shared());
    }
    if (keys.isWorth("iova-ranges", !container.iovaRanges().isEmpty())) {
      json.writeArrayFieldStart("iova-ranges");
      for (AddressRange range : container.iovaRanges()) {
        json.writeStartArray();
        json.writeString(U64.hex(range.first()));
        json.writeString(U64.hex(range.last()));
        json.writeEndArray();
      }
      json.writeEndArray();
    }
    errno(json, keys, "dirty-start-errno", container.dirtyStartError());
    errno(json, keys, "dirty-get-errno", container.dirtyGetError());
    if (container.iommuDirtyTracking().isPresent()) {
      json.writeBooleanField("iommu-dirty-tracking", container.iommuDirtyTracking().get());
    }
  }

  private static void errno(
      JsonGenerator json, ObjectWriter keys, String key, Optional<Errno> error) throws IOException {
    if (keys.isWorth(key, error.isPresent())) {
      json.writeNumberField(key, error.map(Errno::number).orElse(0));
    }
  }

  /** What an object says of its facts. */
  record ObjectWriter(JsonGenerator json, Map<String, String> origins) {

    /** Whether a fact is to be written: it is no default, or somebody told it. */
    boolean isWorth(String key, boolean isUnusual) {
      return isUnusual || origins.containsKey(key);
    }

    /** The same of a fact that a decision may have to assume; if it has, that is its origin. */
    boolean isWorth(String key, boolean isUnusual, boolean isGiven) {
      if (isUnusual && !isGiven) {
        origins.putIfAbsent(key, "default");
      }
      return isWorth(key, isUnusual || isGiven);
    }

    /** Writes notes and origins, if there are any. */
    void end(List<Note> notes) throws IOException {
      Fields.texts(json, "note", notes.stream().map(Note::text).toList());
      if (!origins.isEmpty()) {
        json.writeObjectFieldStart("origin");
        for (Map.Entry<String, String> origin : origins.entrySet()) {
          json.writeStringField(origin.getKey(), origin.getValue());
        }
        json.writeEndObject();
      }
    }
  }
}
