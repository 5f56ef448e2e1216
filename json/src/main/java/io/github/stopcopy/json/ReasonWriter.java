package io.github.stopcopy.json;

import com.fasterxml.jackson.core.JsonGenerator;
import io.github.stopcopy.migration.Assumption;
import io.github.stopcopy.migration.Reason;
import io.github.stopcopy.migration.Remedy;
import io.github.stopcopy.migration.remedy.RemedyChange;
import io.github.stopcopy.migration.remedy.RemedyNeed;
import java.io.IOException;
import java.util.List;
import java.util.Map;

/** Writes why a verdict is what it is, what would change it, and what it rests on. */
final class ReasonWriter {

  private ReasonWriter() {}

  static void reasons(JsonGenerator json, List<Reason> reasons) throws IOException {
    json.writeArrayFieldStart("reasons");
    for (Reason reason : reasons) {
      reason(json, reason);
    }
    json.writeEndArray();
  }

  static void assumptions(JsonGenerator json, List<Assumption> assumptions) throws IOException {
    json.writeArrayFieldStart("assumptions");
    for (Assumption assumption : assumptions) {
      json.writeStartObject();
      json.writeStringField("subject", assumption.subject());
      json.writeStringField("fact", assumption.fact());
      json.writeStringField("value", assumption.value());
      json.writeStringField("origin", assumption.origin());
      json.writeEndObject();
    }
    json.writeEndArray();
  }

  /** What stands in the way, whose it is and in whose words; without what it means. */
  static void cause(JsonGenerator json, Reason reason) throws IOException {
    json.writeStringField("code", reason.code());
    json.writeStringField("kind", reason.kind().word());
    Fields.optional(json, "device", reason.device());
    Fields.optional(json, "id", reason.id());
    if (!reason.qemuText().isEmpty()) {
      json.writeStringField("qemu-text", reason.qemuText());
    }
  }

  private static void reason(JsonGenerator json, Reason reason) throws IOException {
    json.writeStartObject();
    cause(json, reason);
    json.writeStringField("explanation", reason.explanation());
    Fields.allTexts(json, "rules", reason.rules());
    Fields.allTexts(json, "assumes", reason.assumes());
    json.writeArrayFieldStart("remedies");
    for (Remedy remedy : reason.remedies()) {
      remedy(json, remedy);
    }
    json.writeEndArray();
    json.writeEndObject();
  }

  static void remedy(JsonGenerator json, Remedy remedy) throws IOException {
    json.writeStartObject();
    json.writeStringField("text", remedy.text());
    changes(json, remedy.changes());
    Fields.optional(json, "command", remedy.command());
    Fields.optional(json, "libvirt", remedy.libvirt());
    json.writeArrayFieldStart("needs");
    for (RemedyNeed need : remedy.needs()) {
      json.writeString(need.word());
    }
    json.writeEndArray();
    json.writeStringField("then", remedy.verdict().word());
    Fields.allTexts(json, "assumes", remedy.assumes());
    json.writeEndObject();
  }

  static void changes(JsonGenerator json, List<RemedyChange> changes) throws IOException {
    json.writeArrayFieldStart("changes");
    for (RemedyChange change : changes) {
      change(json, change);
    }
    json.writeEndArray();
  }

  static void change(JsonGenerator json, RemedyChange change) throws IOException {
    json.writeStartObject();
    if (change instanceof RemedyChange.Set set) {
      json.writeStringField("target", set.target());
      json.writeStringField("property", set.property());
      json.writeStringField("value", set.value());
    } else if (change instanceof RemedyChange.Unset unset) {
      json.writeStringField("target", unset.target());
      json.writeStringField("unset", unset.property());
    } else if (change instanceof RemedyChange.Remove remove) {
      json.writeStringField("remove", remove.target());
    } else if (change instanceof RemedyChange.Replace replace) {
      json.writeStringField("target", replace.target());
      json.writeStringField("driver", replace.driver());
    } else if (change instanceof RemedyChange.Add add) {
      json.writeStringField("add", add.driver());
      json.writeObjectFieldStart("settings");
      for (Map.Entry<String, String> setting : add.settings().entrySet()) {
        json.writeStringField(setting.getKey(), setting.getValue());
      }
      json.writeEndObject();
    } else if (change instanceof RemedyChange.Tracker tracker) {
      if (!tracker.target().isEmpty()) {
        json.writeStringField("target", tracker.target());
      }
      json.writeStringField("tracker", tracker.tracker());
    } else if (change instanceof RemedyChange.Release release) {
      json.writeStringField("profile", release.profile().id());
    } else if (change instanceof RemedyChange.Action action) {
      json.writeStringField("action", action.name());
    }
    json.writeEndObject();
  }
}
