package io.github.stopcopy.json;

import com.fasterxml.jackson.core.JsonGenerator;
import io.github.stopcopy.core.profile.QemuProfile;
import io.github.stopcopy.migration.Reason;
import io.github.stopcopy.migration.Verdict;
import io.github.stopcopy.migration.VerdictKind;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * A verdict as a condition of a Kubernetes object, in one line without its end, as the schema
 * {@code condition.schema.json} describes it. It has no times: nothing here reads a clock.
 * Thread-safe.
 */
public final class ConditionJson {

  /** The type by which KubeVirt tells whether a VM can be live-migrated. */
  public static final String TYPE = "LiveMigratable";

  /** Kubernetes refuses a longer message. */
  private static final int LONGEST = 32768;

  private static final String CUT = " ...";

  private ConditionJson() {}

  /**
   * The condition: {@code True} for a VM that migrates, {@code False} for one that does not, and
   * {@code Unknown} where it depends on something that QEMU does not see to or nobody said.
   */
  public static String write(Verdict verdict) {
    return Fields.object(
        json -> fields(json, verdict.kind(), verdict.profile(), verdict.reasons()));
  }

  /** What the object of a condition holds. */
  static void fields(
      JsonGenerator json, VerdictKind kind, QemuProfile profile, List<Reason> reasons)
      throws IOException {
    fields(
        json,
        switch (kind) {
          case MIGRATABLE -> "True";
          case CONDITIONAL -> "Unknown";
          case BLOCKED, REFUSED, FAILED -> "False";
        },
        reasons.isEmpty() ? kind.name() : reasons.get(0).code(),
        message(kind, profile, reasons));
  }

  static void fields(JsonGenerator json, String status, String reason, String message)
      throws IOException {
    json.writeStringField("type", TYPE);
    json.writeStringField("status", status);
    json.writeStringField("reason", reason);
    json.writeStringField("message", message);
  }

  /** Each cause once with its devices, in the order of the verdict. */
  private static String message(VerdictKind kind, QemuProfile profile, List<Reason> reasons) {
    String release = "QEMU " + profile;
    if (reasons.isEmpty()) {
      return kind.word() + " (" + release + ")";
    }
    Map<String, List<String>> devices = new LinkedHashMap<>();
    for (Reason reason : reasons) {
      List<String> of = devices.computeIfAbsent(cause(reason), cause -> new ArrayList<>());
      reason.device().ifPresent(of::add);
    }
    List<String> causes = new ArrayList<>();
    devices.forEach((cause, names) ->
        causes.add(names.isEmpty() ? cause : cause + " [" + String.join(", ", names) + "]"));
    String all = kind.word() + " (" + release + "): " + String.join("; ", causes);
    return all.length() <= LONGEST ? all : all.substring(0, LONGEST - CUT.length()) + CUT;
  }

  /** The code and what it means; without names of devices, so that the same is told once. */
  private static String cause(Reason reason) {
    return reason.code() + ": " + reason.explanation();
  }
}
