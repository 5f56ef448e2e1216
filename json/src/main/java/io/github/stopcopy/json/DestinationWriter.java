package io.github.stopcopy.json;

import com.fasterxml.jackson.core.JsonGenerator;
import io.github.stopcopy.migration.destination.LoadedDevice;
import io.github.stopcopy.migration.destination.Loading;
import java.io.IOException;
import java.util.Optional;

/** Writes what becomes of a VM at its destination. */
final class DestinationWriter {

  private DestinationWriter() {}

  static void write(JsonGenerator json, Optional<Loading> destination) throws IOException {
    if (destination.isEmpty()) {
      return;
    }
    Loading loading = destination.get();
    json.writeObjectFieldStart("destination");
    json.writeStringField("profile", loading.profile().id());
    json.writeStringField("outcome", loading.outcome().word());
    json.writeArrayFieldStart("devices");
    for (LoadedDevice device : loading.devices()) {
      json.writeStartObject();
      json.writeStringField("device", device.device());
      Fields.optional(json, "id", device.id());
      json.writeStringField("section", device.section());
      Fields.optional(json, "destination-device", device.there());
      json.writeBooleanField("loaded", device.isLoaded());
      json.writeEndObject();
    }
    json.writeEndArray();
    json.writeEndObject();
  }
}
