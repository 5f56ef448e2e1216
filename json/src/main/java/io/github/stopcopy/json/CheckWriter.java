package io.github.stopcopy.json;

import com.fasterxml.jackson.core.JsonGenerator;
import io.github.stopcopy.migration.Question;
import java.io.IOException;
import java.util.List;

/** What was asked for a verdict and what was read, for programs. */
final class CheckWriter {

  private CheckWriter() {}

  static void write(JsonGenerator json, List<Question> checks, List<InputDigest> inputs)
      throws IOException {
    json.writeArrayFieldStart("checks");
    for (Question check : checks) {
      json.writeStartObject();
      json.writeStringField("subject", check.subject());
      json.writeStringField("question", check.text());
      json.writeStringField("outcome", check.outcome().word());
      json.writeStringField("answer", check.answer());
      Fields.texts(json, "codes", check.codes());
      json.writeEndObject();
    }
    json.writeEndArray();
    json.writeArrayFieldStart("decided-from");
    for (InputDigest input : inputs) {
      json.writeStartObject();
      json.writeStringField("option", input.option());
      json.writeStringField("file", input.file());
      json.writeStringField("sha256", input.sha256());
      json.writeEndObject();
    }
    json.writeEndArray();
  }
}
