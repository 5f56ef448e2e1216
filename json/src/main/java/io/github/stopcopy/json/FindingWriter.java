package io.github.stopcopy.json;

import com.fasterxml.jackson.core.JsonGenerator;
import io.github.stopcopy.migration.Advice;
import io.github.stopcopy.migration.lint.LintCode;
import io.github.stopcopy.migration.lint.LintRuleSet;
import io.github.stopcopy.migration.remedy.RemedyChange;
import io.github.stopcopy.migration.spi.Finding;
import java.io.IOException;
import java.util.List;
import java.util.Optional;

/** Writes what rule sets say beside a verdict. */
final class FindingWriter {

  private FindingWriter() {}

  static void write(JsonGenerator json, List<Advice> advice) throws IOException {
    if (advice.isEmpty()) {
      return;
    }
    json.writeArrayFieldStart("findings");
    for (Advice one : advice) {
      Finding finding = one.finding();
      json.writeStartObject();
      json.writeStringField("rule-set", one.ruleSet());
      json.writeStringField("code", finding.code());
      json.writeStringField("level", finding.level().word());
      Fields.optional(json, "device", one.device());
      if (!finding.qemuText().isEmpty()) {
        json.writeStringField("qemu-text", finding.qemuText());
      }
      json.writeStringField("explanation", finding.explanation());
      Fields.allTexts(json, "rules", finding.rules());
      json.writeArrayFieldStart("changes");
      for (RemedyChange change : finding.changes()) {
        ReasonWriter.change(json, change);
      }
      json.writeEndArray();
      Fields.optional(json, "command", one.command());
      Fields.optional(json, "page", page(one));
      json.writeEndObject();
    }
    json.writeEndArray();
  }

  /** The page of the documentation, from its root; those of others have none there. */
  static Optional<String> page(Advice advice) {
    String code = advice.finding().code();
    return advice.ruleSet().equals(LintRuleSet.NAME) && LintCode.named(code).isPresent()
        ? Optional.of("docs/lint/" + code + ".md")
        : Optional.empty();
  }
}
