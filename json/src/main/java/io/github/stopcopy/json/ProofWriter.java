package io.github.stopcopy.json;

import com.fasterxml.jackson.core.JsonGenerator;
import io.github.stopcopy.migration.Proof;
import java.io.IOException;

/** Writes what a real QEMU did beside what was predicted. */
final class ProofWriter {

  private ProofWriter() {}

  static void write(JsonGenerator json, Proof proof) throws IOException {
    json.writeObjectFieldStart("proof");
    json.writeStringField("result", proof.result().word());
    json.writeStringField("qemu", proof.qemu());
    json.writeStringField("profile", proof.profile().id());
    json.writeStringField("accelerator", proof.accelerator());
    Fields.allTexts(json, "unproven", proof.unproven());
    json.writeStringField("predicted", proof.predicted().word());
    Fields.optional(json, "outcome", proof.outcome());
    json.writeFieldName("observed");
    json.writeRawValue(proof.observed());
    json.writeArrayFieldStart("differences");
    for (Proof.Difference difference : proof.differences()) {
      json.writeStartObject();
      json.writeStringField("aspect", difference.aspect());
      if (difference.step() > 0) {
        json.writeNumberField("step", difference.step());
      }
      json.writeStringField("qemu", difference.qemu());
      json.writeStringField("model", difference.model());
      json.writeEndObject();
    }
    json.writeEndArray();
    Fields.allTexts(json, "changes", proof.changes());
    Fields.allTexts(json, "notes", proof.notes());
    json.writeEndObject();
  }
}
