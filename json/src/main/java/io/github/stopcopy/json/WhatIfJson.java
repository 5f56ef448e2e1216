package io.github.stopcopy.json;

import com.fasterxml.jackson.core.JsonGenerator;
import io.github.stopcopy.migration.Proposal;
import io.github.stopcopy.migration.Reason;
import io.github.stopcopy.migration.WhatIf;
import io.github.stopcopy.migration.remedy.RemedyNeed;
import java.io.IOException;
import java.math.BigInteger;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Writes what changes alter a verdict, in one line without its end, as the schema {@code
 * what-if.schema.json} describes it. Thread-safe.
 */
public final class WhatIfJson {

  private WhatIfJson() {}

  /**
   * What was found.
   *
   * @param found what was found
   * @param diffs unified diffs of the domain's XML for some of the proposals
   */
  public static String write(WhatIf found, Map<Proposal, String> diffs) {
    return Fields.object(json -> {
      json.writeStringField("verdict", found.verdict().kind().word());
      json.writeStringField("profile", found.verdict().profile().id());
      List<String> codes = found.verdict().reasons().stream().map(Reason::code).distinct().toList();
      Fields.allTexts(json, "codes", codes);
      bytes(json, found.trackedBytes());
      json.writeStringField("goal", found.goal().word());
      proposals(json, "proposals", found.proposals(), diffs);
      proposals(json, "closest", found.closest(), diffs);
      json.writeObjectFieldStart("tried");
      json.writeNumberField("decisions", found.decisions());
      json.writeNumberField("sets", found.played());
      json.writeNumberField("largest", found.largest());
      Fields.texts(json, "left-out", found.leftOut());
      json.writeBooleanField("complete", found.isComplete());
      json.writeEndObject();
      Fields.texts(json, "warnings", found.verdict().warnings());
    });
  }

  private static void proposals(
      JsonGenerator json, String key, List<Proposal> all, Map<Proposal, String> diffs)
      throws IOException {
    json.writeArrayFieldStart(key);
    for (Proposal proposal : all) {
      json.writeStartObject();
      Fields.allTexts(json, "texts", proposal.texts());
      ReasonWriter.changes(json, proposal.changes());
      Fields.optional(json, "command", proposal.command());
      Fields.optional(json, "libvirt", proposal.libvirt());
      Fields.optional(json, "diff", Optional.ofNullable(diffs.get(proposal)));
      Fields.allTexts(json, "needs", proposal.needs().stream().map(RemedyNeed::word).toList());
      json.writeStringField("then", proposal.verdict().word());
      Fields.allTexts(json, "codes", proposal.codes());
      Fields.allTexts(json, "assumes", proposal.assumes());
      bytes(json, proposal.trackedBytes());
      json.writeEndObject();
    }
    json.writeEndArray();
  }

  private static void bytes(JsonGenerator json, Optional<BigInteger> bytes) throws IOException {
    if (bytes.isPresent()) {
      Fields.bytes(json, "tracked-bytes", bytes.get());
    }
  }
}
