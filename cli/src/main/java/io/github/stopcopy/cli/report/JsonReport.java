package io.github.stopcopy.cli.report;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import io.github.stopcopy.cli.json.AnswerWriter;
import io.github.stopcopy.core.address.U64;
import io.github.stopcopy.core.error.Errno;
import io.github.stopcopy.core.profile.QemuProfile;
import io.github.stopcopy.core.spi.IovaLimits;
import io.github.stopcopy.migration.DeviceTracking;
import io.github.stopcopy.migration.Verdict;
import io.github.stopcopy.vfiopci.IovaRange;
import java.io.IOException;
import java.io.StringWriter;
import java.math.BigInteger;
import java.util.List;
import java.util.Map;

/** The answer for programs: what {@code run} writes, and what else {@code check} tells. */
public final class JsonReport {

  private static final AnswerWriter ANSWERS = new AnswerWriter();

  private JsonReport() {}

  /** One JSON object. */
  public static String write(Verdict verdict) {
    return object(json -> {
      json.writeStringField("profile", verdict.profile().id());
      json.writeStringField("profile-origin", verdict.profileOrigin().word());
      ANSWERS.writeVerdict(json, verdict);
      ANSWERS.writeAssumptions(json, verdict);
      writeTracking(json, verdict);
      CostJson.write(json, verdict.costs());
      writeWarnings(json, verdict.warnings());
    });
  }

  /** One JSON object with an answer for each profile, and the warnings of all. */
  public static String write(ProfileReport report) {
    return object(json -> {
      json.writeArrayFieldStart("profiles");
      for (Map.Entry<QemuProfile, Verdict> entry : report.verdicts().entrySet()) {
        json.writeStartObject();
        json.writeStringField("profile", entry.getKey().id());
        json.writeBooleanField("recorded", entry.getKey().isRecorded());
        ANSWERS.writeVerdict(json, entry.getValue());
        ANSWERS.writeAssumptions(json, entry.getValue());
        writeTracking(json, entry.getValue());
        json.writeEndObject();
      }
      json.writeEndArray();
      writeWarnings(json, report.warnings());
    });
  }

  private static void writeWarnings(JsonGenerator json, List<String> warnings) throws IOException {
    json.writeArrayFieldStart("warnings");
    for (String warning : warnings) {
      json.writeString(warning);
    }
    json.writeEndArray();
  }

  private static void writeTracking(JsonGenerator json, Verdict verdict) throws IOException {
    List<DeviceTracking> all = verdict.tracking();
    if (!all.isEmpty()) {
      json.writeArrayFieldStart("tracking");
      for (DeviceTracking device : all) {
        json.writeStartObject();
        json.writeStringField("device", device.device());
        json.writeNumberField("page-size", device.pageSize());
        json.writeArrayFieldStart("ranges");
        for (IovaRange range : device.ranges()) {
          json.writeStartObject();
          json.writeStringField("iova", U64.hex(range.iova()));
          json.writeStringField("length", U64.hex(range.length()));
          json.writeEndObject();
        }
        json.writeEndArray();
        json.writeStringField("tracked-bytes", hex(device.trackedBytes()));
        json.writeStringField("bitmap-bytes", hex(device.bitmapBytes()));
        json.writeNumberField("errno", device.errno().map(Errno::number).orElse(0));
        if (!device.unknown().isEmpty()) {
          json.writeArrayFieldStart("unknown");
          for (String bucket : device.unknown()) {
            json.writeString(bucket);
          }
          json.writeEndArray();
        }
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

  private interface Content {
    void write(JsonGenerator json) throws IOException;
  }

  private static String object(Content content) {
    StringWriter text = new StringWriter(4096);
    try (JsonGenerator json = new JsonFactory().createGenerator(text)) {
      json.writeStartObject();
      content.write(json);
      json.writeEndObject();
    } catch (IOException cannotHappen) {
      throw new IllegalStateException(cannotHappen);
    }
    return text.toString();
  }

  private static String hex(BigInteger value) {
    return "0x" + value.toString(16);
  }
}
