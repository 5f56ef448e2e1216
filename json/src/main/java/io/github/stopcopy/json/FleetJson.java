package io.github.stopcopy.json;

import com.fasterxml.jackson.core.JsonGenerator;
import io.github.stopcopy.core.error.InputException;
import io.github.stopcopy.core.profile.QemuProfile;
import io.github.stopcopy.migration.Reason;
import io.github.stopcopy.migration.VerdictKind;
import io.github.stopcopy.migration.fleet.FleetChange;
import io.github.stopcopy.migration.fleet.FleetRow;
import io.github.stopcopy.migration.fleet.FleetSummary;
import io.github.stopcopy.migration.fleet.FleetSummary.Cause;
import io.github.stopcopy.migration.fleet.FleetSummary.Count;
import io.github.stopcopy.migration.fleet.FleetSummary.Freeing;
import io.github.stopcopy.migration.remedy.RemedyChange;
import io.github.stopcopy.migration.remedy.RemedyNeed;
import java.io.IOException;
import java.util.Arrays;
import java.util.Optional;

/**
 * Fleets as JSON Lines: an object a line for each VM, as the schema {@code fleet-input.schema.json}
 * describes what is read and {@code fleet.schema.json} what is written. Thread-safe.
 */
public final class FleetJson {

  private static final String UNKNOWN = "unknown";

  private FleetJson() {}

  /**
   * Reads a line.
   *
   * @param source the name of the file for messages
   * @param line the number of the line in it, from 1
   * @param text one JSON object
   * @return what it says, also where something is wrong with it
   */
  public static FleetLine read(String source, int line, String text) {
    return FleetReader.read(source, line, text);
  }

  /**
   * What an answer said earlier.
   *
   * @param id what its owner calls the VM
   * @param verdict the verdict; empty if the VM was unknown
   */
  public record Told(String id, Optional<VerdictKind> verdict) {}

  /**
   * Reads a line that {@link #write(FleetRow)} wrote; empty for the summary.
   *
   * @throws InputException with source, line and key if it is none
   */
  public static Optional<Told> readTold(String source, int line, String text)
      throws InputException {
    return JsonCursor.read(source, line, text, FleetJson::told);
  }

  private static Optional<Told> told(JsonCursor json) throws InputException {
    String id = null;
    String verdict = null;
    boolean isSummary = false;
    json.beginObject();
    for (String key = json.nextKey(); key != null; key = json.nextKey()) {
      switch (key) {
        case "id" -> id = json.text();
        case "verdict" -> verdict = json.text();
        case "summary" -> {
          isSummary = true;
          json.skip();
        }
        default -> json.skip();
      }
    }
    if (isSummary) {
      return Optional.empty();
    }
    if (id == null || verdict == null) {
      throw json.missing(id == null ? "id" : "verdict", "a line of `stopcopy fleet --format json`");
    }
    String word = verdict;
    Optional<VerdictKind> kind =
        Arrays.stream(VerdictKind.values()).filter(each -> each.word().equals(word)).findFirst();
    if (kind.isEmpty() && !word.equals(UNKNOWN)) {
      throw json.wrongMember("verdict", "is \"" + word + "\", expected a verdict or unknown");
    }
    return Optional.of(new Told(id, kind));
  }

  /** An answer in one line without its end. */
  public static String write(FleetRow row) {
    return Fields.object(json -> {
      names(json, row);
      if (row.profile().isPresent()) {
        json.writeStringField("profile", row.profile().get().id());
      }
      json.writeStringField("verdict", word(row.verdict()));
      json.writeArrayFieldStart("reasons");
      for (Reason reason : row.reasons()) {
        reason(json, reason);
      }
      json.writeEndArray();
      if (row.remedy().isPresent()) {
        json.writeFieldName("remedy");
        ReasonWriter.remedy(json, row.remedy().get());
      }
      if (row.verdict().isPresent()) {
        ReasonWriter.assumptions(json, row.assumptions());
      } else {
        json.writeStringField("error", row.error());
      }
      if (row.earlier().isPresent()) {
        earlier(json, row.earlier().get());
        json.writeBooleanField("newly-worse", row.isNewlyWorse());
      }
    });
  }

  /** An answer as a condition of a Kubernetes object, with whose it is. */
  public static String condition(FleetRow row) {
    return Fields.object(json -> {
      names(json, row);
      json.writeObjectFieldStart("condition");
      if (row.verdict().isPresent()) {
        ConditionJson.fields(json, row.verdict().get(), row.profile().orElseThrow(), row.reasons());
      } else {
        ConditionJson.fields(json, "Unknown", "UNREADABLE", row.error());
      }
      json.writeEndObject();
    });
  }

  private static void names(JsonGenerator json, FleetRow row) throws IOException {
    json.writeStringField("id", row.id());
    if (!row.node().isEmpty()) {
      json.writeStringField("node", row.node());
    }
  }

  private static String word(Optional<VerdictKind> verdict) {
    return verdict.map(VerdictKind::word).orElse(UNKNOWN);
  }

  /** What it means is told by {@code stopcopy explain}, for a million VMs once. */
  private static void reason(JsonGenerator json, Reason reason) throws IOException {
    json.writeStartObject();
    ReasonWriter.cause(json, reason);
    json.writeEndObject();
  }

  private static void earlier(JsonGenerator json, FleetRow.Earlier earlier) throws IOException {
    json.writeObjectFieldStart("earlier");
    Fields.optional(json, "profile", earlier.profile().map(QemuProfile::id));
    json.writeStringField("verdict", earlier.known() ? word(earlier.verdict()) : "absent");
    json.writeEndObject();
  }

  /** The numbers of a fleet in one line without its end. */
  public static String write(FleetSummary summary) {
    return Fields.object(json -> {
      json.writeObjectFieldStart("summary");
      count(json, summary.all());
      if (summary.newlyWorse().isPresent()) {
        json.writeNumberField("newly-worse", summary.newlyWorse().get());
      }
      Fields.allTexts(json, "profiles", summary.profiles().stream().map(QemuProfile::id).toList());
      json.writeArrayFieldStart("causes");
      for (Cause cause : summary.causes()) {
        cause(json, cause);
      }
      json.writeEndArray();
      json.writeArrayFieldStart("changes");
      for (Freeing freeing : summary.changes()) {
        freeing(json, freeing);
      }
      json.writeEndArray();
      json.writeArrayFieldStart("nodes");
      for (Count node : summary.nodes()) {
        json.writeStartObject();
        json.writeStringField("node", node.node());
        count(json, node);
        json.writeEndObject();
      }
      json.writeEndArray();
      json.writeEndObject();
    });
  }

  private static void count(JsonGenerator json, Count count) throws IOException {
    json.writeNumberField("vms", count.vms());
    json.writeNumberField("migratable", count.migratable());
    json.writeNumberField("conditional", count.conditional());
    json.writeNumberField("blocked", count.blocked());
    json.writeNumberField("refused", count.refused());
    json.writeNumberField("failed", count.failed());
    json.writeNumberField(UNKNOWN, count.unknown());
  }

  private static void cause(JsonGenerator json, Cause cause) throws IOException {
    json.writeStartObject();
    json.writeStringField("code", cause.code());
    json.writeStringField("kind", cause.kind().word());
    json.writeNumberField("vms", cause.vms());
    json.writeNumberField("devices", cause.devices());
    Fields.allTexts(json, "examples", cause.examples());
    if (cause.change().isPresent()) {
      json.writeFieldName("change");
      freeing(json, cause.change().get());
    }
    json.writeEndObject();
  }

  private static void freeing(JsonGenerator json, Freeing freeing) throws IOException {
    FleetChange change = freeing.change();
    json.writeStartObject();
    json.writeNumberField("vms", freeing.vms());
    json.writeArrayFieldStart("changes");
    for (RemedyChange part : change.changes()) {
      ReasonWriter.change(json, part);
    }
    json.writeEndArray();
    Fields.optional(json, "command", change.command());
    Fields.allTexts(json, "needs", change.needs().stream().map(RemedyNeed::word).toList());
    json.writeEndObject();
  }
}
