package io.github.stopcopy.json;

import com.fasterxml.jackson.core.JsonGenerator;
import io.github.stopcopy.core.address.U64;
import io.github.stopcopy.core.profile.QemuProfile;
import io.github.stopcopy.core.spi.IovaLimits;
import io.github.stopcopy.migration.BlockerComparison;
import io.github.stopcopy.migration.DeviceTracking;
import io.github.stopcopy.migration.Proof;
import io.github.stopcopy.migration.Question;
import io.github.stopcopy.migration.Reason;
import io.github.stopcopy.migration.ReleaseChange;
import io.github.stopcopy.migration.Verdict;
import io.github.stopcopy.migration.scenario.StepAnswer;
import io.github.stopcopy.migration.vm.ListenerReport;
import java.io.IOException;
import java.util.Collection;
import java.util.List;
import java.util.Optional;

/**
 * Verdicts as JSON, each in one line without its end, as the schemas {@code verdict.schema.json},
 * {@code answer.schema.json} and {@code profiles.schema.json} describe them. Thread-safe.
 */
public final class VerdictJson {

  private VerdictJson() {}

  /** All of a verdict: what {@code stopcopy check --format json} prints. */
  public static String write(Verdict verdict) {
    return write(verdict, Optional.empty(), Optional.empty(), Optional.empty(), List.of());
  }

  /**
   * All of a verdict, with what else was found out: what {@code stopcopy check} prints with all its
   * options.
   *
   * @param actual what blocks by the model and by the QEMU that runs the VM; empty: nobody asked it
   * @param proof what a real QEMU did with the VM on a stand-in kernel; empty: it was not started
   * @param checks the questions, in the order to write; empty: they are left out
   * @param inputs the files that it was decided from, told with the questions
   */
  public static String write(
      Verdict verdict,
      Optional<BlockerComparison> actual,
      Optional<Proof> proof,
      Optional<List<Question>> checks,
      List<InputDigest> inputs) {
    return Fields.object(json -> {
      verdict(json, verdict, actual);
      if (proof.isPresent()) {
        ProofWriter.write(json, proof.get());
      }
      if (checks.isPresent()) {
        CheckWriter.write(json, checks.get(), inputs);
      }
    });
  }

  private static void verdict(
      JsonGenerator json, Verdict verdict, Optional<BlockerComparison> actual) throws IOException {
    json.writeStringField("profile", verdict.profile().id());
    json.writeStringField("profile-origin", verdict.profileOrigin().word());
    decision(json, verdict);
    DestinationWriter.write(json, verdict.destination());
    FindingWriter.write(json, verdict.advice());
    ReasonWriter.assumptions(json, verdict.assumptions());
    tracking(json, verdict);
    CostWriter.write(json, verdict.costs());
    Fields.allTexts(json, "warnings", verdict.warnings());
    if (actual.isPresent()) {
      actual(json, actual.get());
    }
  }

  private static void actual(JsonGenerator json, BlockerComparison actual) throws IOException {
    json.writeObjectFieldStart("actual");
    json.writeBooleanField("agrees", actual.agrees());
    Fields.allTexts(json, "predicted", actual.predicted());
    Fields.allTexts(json, "blocked-reasons", actual.actual());
    Fields.allTexts(json, "other-reasons", actual.others());
    json.writeEndObject();
  }

  /**
   * The answer to a scenario, step by step: a line of {@code stopcopy run}.
   *
   * @param id the id of the scenario
   */
  public static String answer(String id, Verdict verdict) {
    return Fields.object(json -> {
      json.writeStringField("id", id);
      decision(json, verdict);
    });
  }

  /**
   * The verdicts of several releases on the same VM: what {@code stopcopy check --qemu-version}
   * prints for {@code all} and for a list.
   *
   * @param verdicts in the order to write
   * @param migratableFrom the release from which on all migrate the VM, if there is one and it was
   *     asked for
   * @param changes what changes from one release to another, if that was asked for
   * @param warnings the warnings of all
   */
  public static String profiles(
      Collection<Verdict> verdicts,
      Optional<QemuProfile> migratableFrom,
      List<ReleaseChange> changes,
      List<String> warnings) {
    return Fields.object(json -> {
      json.writeArrayFieldStart("profiles");
      for (Verdict verdict : verdicts) {
        json.writeStartObject();
        json.writeStringField("profile", verdict.profile().id());
        json.writeBooleanField("recorded", verdict.profile().isRecorded());
        decision(json, verdict);
        DestinationWriter.write(json, verdict.destination());
        ReasonWriter.assumptions(json, verdict.assumptions());
        tracking(json, verdict);
        json.writeEndObject();
      }
      json.writeEndArray();
      Fields.optional(json, "migratable-from", migratableFrom.map(QemuProfile::id));
      changes(json, changes);
      Fields.allTexts(json, "warnings", warnings);
    });
  }

  private static void changes(JsonGenerator json, List<ReleaseChange> changes) throws IOException {
    if (changes.isEmpty()) {
      return;
    }
    json.writeArrayFieldStart("changes");
    for (ReleaseChange change : changes) {
      json.writeStartObject();
      json.writeStringField("from", change.from().profile().id());
      json.writeStringField("to", change.to().profile().id());
      named(json, "gone", change.gone());
      named(json, "added", change.added());
      Fields.allTexts(json, "warnings-gone", change.warningsGone());
      Fields.allTexts(json, "warnings-added", change.warningsAdded());
      json.writeEndObject();
    }
    json.writeEndArray();
  }

  /** Reasons by what names them; they stand whole where they belong. */
  private static void named(JsonGenerator json, String key, List<Reason> reasons)
      throws IOException {
    json.writeArrayFieldStart(key);
    for (Reason reason : reasons) {
      json.writeStartObject();
      json.writeStringField("code", reason.code());
      Fields.optional(json, "device", reason.device());
      json.writeEndObject();
    }
    json.writeEndArray();
  }

  /** What was decided, why, and what QEMU did. */
  private static void decision(JsonGenerator json, Verdict verdict) throws IOException {
    json.writeStringField("verdict", verdict.kind().word());
    ReasonWriter.reasons(json, verdict.reasons());
    json.writeArrayFieldStart("steps");
    StepWriter steps = new StepWriter(json);
    for (StepAnswer answer : verdict.steps()) {
      steps.write(answer);
    }
    json.writeEndArray();
    listeners(json, verdict.listeners());
  }

  private static void listeners(JsonGenerator json, List<ListenerReport> reports)
      throws IOException {
    if (reports.isEmpty()) {
      return;
    }
    json.writeArrayFieldStart("listeners");
    for (ListenerReport report : reports) {
      json.writeStartObject();
      json.writeStringField("name", report.listener());
      Fields.optional(json, "device", report.device());
      Fields.texts(json, "lines", report.lines());
      json.writeEndObject();
    }
    json.writeEndArray();
  }

  private static void tracking(JsonGenerator json, Verdict verdict) throws IOException {
    List<DeviceTracking> all = verdict.tracking();
    if (!all.isEmpty()) {
      json.writeArrayFieldStart("tracking");
      for (DeviceTracking device : all) {
        json.writeStartObject();
        json.writeStringField("device", device.device());
        json.writeNumberField("page-size", device.pageSize());
        Fields.ranges(json, device.ranges());
        Fields.bytes(json, "tracked-bytes", device.trackedBytes());
        Fields.bytes(json, "bitmap-bytes", device.bitmapBytes());
        Fields.errno(json, device.errno());
        Fields.texts(json, "unknown", device.unknown());
        json.writeEndObject();
      }
      json.writeEndArray();
    }
    if (verdict.virtualIommu().isPresent()) {
      IovaLimits limits = verdict.virtualIommu().get();
      json.writeObjectFieldStart("viommu");
      json.writeBooleanField("can-translate", limits.canTranslate());
      json.writeNumberField("address-bits", limits.addressBits());
      json.writeStringField("last-iova", U64.hex(limits.lastIova()));
      json.writeEndObject();
    }
  }
}
