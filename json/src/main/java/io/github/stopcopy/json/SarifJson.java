package io.github.stopcopy.json;

import com.fasterxml.jackson.core.JsonGenerator;
import io.github.stopcopy.migration.Advice;
import io.github.stopcopy.migration.Reason;
import io.github.stopcopy.migration.Verdict;
import io.github.stopcopy.migration.reason.ReasonCode;
import io.github.stopcopy.migration.reason.ReasonKind;
import io.github.stopcopy.migration.remedy.RemedyChange;
import io.github.stopcopy.migration.spi.Finding;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * A verdict as a log of SARIF 2.1.0, in one line without its end, for tools that show what checks
 * of a repository have found: a result for each reason and each finding of a rule set. It has no
 * times: nothing here reads a clock. Thread-safe.
 */
public final class SarifJson {

  private static final String PROJECT = "https://github.com/stopcopy/stopcopy";
  private static final String PAGES = PROJECT + "/blob/main/";
  private static final String SCHEMA =
      "https://docs.oasis-open.org/sarif/sarif/v2.1.0/os/schemas/sarif-schema-2.1.0.json";

  private SarifJson() {}

  /**
   * A place in the text that a VM was read from.
   *
   * @param line counted from 1
   * @param column counted from 1, in UTF-16 units; 0: the whole line
   */
  public record Place(int line, int column) {

    /** Where nothing nearer is known. */
    public static final Place BEGIN = new Place(1, 0);

    /**
     * A place.
     *
     * @throws IllegalArgumentException if there is no such line or column
     */
    public Place {
      if (line < 1 || column < 0) {
        throw new IllegalArgumentException(
            "line " + line + ", column " + column + ", expected lines from 1");
      }
    }
  }

  /** Where a VM is described. */
  public interface Source {

    /** The file, as a URI or one that is relative to the working directory. */
    String uri();

    /**
     * Where something is described.
     *
     * @param subject the name of a host's device, or what a {@link RemedyChange} names
     */
    Optional<Place> place(String subject);
  }

  /** What is told: a reason or a finding. */
  private record Result(
      String code,
      String level,
      String text,
      Optional<String> device,
      Optional<String> subject,
      List<String> rules,
      List<String> commands,
      Optional<String> page) {

    static Result of(Reason reason) {
      List<String> commands = new ArrayList<>();
      reason.remedies().forEach(remedy -> remedy.command().ifPresent(commands::add));
      return new Result(
          reason.code(),
          reason.kind() == ReasonKind.CONDITION ? "warning" : "error",
          text(reason.explanation(), reason.qemuText()),
          reason.device(),
          reason.device(),
          reason.rules(),
          commands,
          ReasonCode.named(reason.code()).map(code -> "docs/reasons/" + code + ".md"));
    }

    static Result of(Advice advice) {
      Finding finding = advice.finding();
      return new Result(
          finding.code(),
          finding.level().word(),
          text(finding.explanation(), finding.qemuText()),
          advice.device(),
          advice
              .device()
              .or(() -> finding.changes().stream().findFirst().map(RemedyChange::target)),
          finding.rules(),
          advice.command().stream().toList(),
          FindingWriter.page(advice));
    }

    private static String text(String explanation, String qemuText) {
      return qemuText.isEmpty() ? explanation : explanation + " QEMU says: " + qemuText;
    }
  }

  /**
   * The log of one run.
   *
   * @param version that of the program which runs
   * @param source where the VM is described
   */
  public static String write(Verdict verdict, String version, Source source) {
    List<Result> results = new ArrayList<>();
    verdict.reasons().forEach(reason -> results.add(Result.of(reason)));
    verdict.advice().forEach(advice -> results.add(Result.of(advice)));
    Map<String, Integer> indexes = new LinkedHashMap<>();
    List<Result> rules = new ArrayList<>();
    for (Result result : results) {
      if (indexes.putIfAbsent(result.code, rules.size()) == null) {
        rules.add(result);
      }
    }
    return Fields.object(json -> {
      json.writeStringField("$schema", SCHEMA);
      json.writeStringField("version", "2.1.0");
      json.writeArrayFieldStart("runs");
      json.writeStartObject();
      tool(json, version, rules);
      json.writeStringField("columnKind", "utf16CodeUnits");
      json.writeArrayFieldStart("results");
      for (Result result : results) {
        result(json, result, indexes.getOrDefault(result.code, 0), source);
      }
      json.writeEndArray();
      json.writeObjectFieldStart("properties");
      json.writeStringField("verdict", verdict.kind().word());
      json.writeStringField("profile", verdict.profile().id());
      json.writeEndObject();
      json.writeEndObject();
      json.writeEndArray();
    });
  }

  private static void tool(JsonGenerator json, String version, List<Result> rules)
      throws IOException {
    json.writeObjectFieldStart("tool");
    json.writeObjectFieldStart("driver");
    json.writeStringField("name", "stopcopy");
    json.writeStringField("version", version);
    json.writeStringField("informationUri", PROJECT);
    json.writeArrayFieldStart("rules");
    for (Result rule : rules) {
      json.writeStartObject();
      json.writeStringField("id", rule.code);
      Fields.optional(json, "helpUri", rule.page.map(page -> PAGES + page));
      json.writeObjectFieldStart("defaultConfiguration");
      json.writeStringField("level", rule.level);
      json.writeEndObject();
      if (rule.page.isPresent()) {
        json.writeObjectFieldStart("properties");
        json.writeStringField("page", rule.page.get());
        json.writeEndObject();
      }
      json.writeEndObject();
    }
    json.writeEndArray();
    json.writeEndObject();
    json.writeEndObject();
  }

  private static void result(JsonGenerator json, Result result, int index, Source source)
      throws IOException {
    json.writeStartObject();
    json.writeStringField("ruleId", result.code);
    json.writeNumberField("ruleIndex", index);
    json.writeStringField("level", result.level);
    json.writeObjectFieldStart("message");
    json.writeStringField("text", result.text);
    json.writeEndObject();
    json.writeArrayFieldStart("locations");
    json.writeStartObject();
    json.writeObjectFieldStart("physicalLocation");
    json.writeObjectFieldStart("artifactLocation");
    json.writeStringField("uri", source.uri());
    json.writeEndObject();
    Place place = result.subject.flatMap(source::place).orElse(Place.BEGIN);
    json.writeObjectFieldStart("region");
    json.writeNumberField("startLine", place.line());
    if (place.column() > 0) {
      json.writeNumberField("startColumn", place.column());
    }
    json.writeEndObject();
    json.writeEndObject();
    if (result.device.isPresent()) {
      json.writeArrayFieldStart("logicalLocations");
      json.writeStartObject();
      json.writeStringField("name", result.device.get());
      json.writeStringField("kind", "resource");
      json.writeEndObject();
      json.writeEndArray();
    }
    json.writeEndObject();
    json.writeEndArray();
    json.writeObjectFieldStart("properties");
    Fields.allTexts(json, "rules", result.rules);
    Fields.allTexts(json, "commands", result.commands);
    json.writeEndObject();
    json.writeEndObject();
  }
}
