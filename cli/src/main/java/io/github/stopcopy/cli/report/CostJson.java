package io.github.stopcopy.cli.report;

import com.fasterxml.jackson.core.JsonGenerator;
import io.github.stopcopy.core.address.AddressRange;
import io.github.stopcopy.core.address.U64;
import io.github.stopcopy.core.spi.StartResult;
import io.github.stopcopy.migration.cost.LayoutCost;
import io.github.stopcopy.migration.cost.TrackingCost;
import java.io.IOException;
import java.math.BigInteger;
import java.util.List;

/** What tracking would cost the devices, for programs. */
final class CostJson {

  private CostJson() {}

  static void write(JsonGenerator json, List<TrackingCost> costs) throws IOException {
    json.writeArrayFieldStart("tracking-cost");
    for (TrackingCost cost : costs) {
      json.writeStartObject();
      json.writeStringField("device", cost.device());
      json.writeNumberField("page-size", cost.pageSize());
      json.writeArrayFieldStart("layouts");
      for (LayoutCost layout : cost.layouts()) {
        write(json, layout, cost.pageSize());
      }
      json.writeEndArray();
      json.writeEndObject();
    }
    json.writeEndArray();
  }

  private static void write(JsonGenerator json, LayoutCost layout, long pageSize)
      throws IOException {
    json.writeStartObject();
    json.writeStringField("layout", layout.layout().id());
    json.writeArrayFieldStart("ranges");
    for (AddressRange range : layout.ranges()) {
      json.writeStartObject();
      json.writeStringField("iova", U64.hex(range.first()));
      json.writeStringField("length", range.size().toString());
      json.writeEndObject();
    }
    json.writeEndArray();
    json.writeStringField("tracked-bytes", hex(layout.trackedBytes()));
    json.writeStringField("bitmap-bytes", hex(layout.bitmapBytes(pageSize)));
    json.writeStringField("needless-bytes", hex(layout.needlessBytes()));
    if (!layout.ranges().isEmpty()) {
      json.writeStringField("tracked-bytes-in-1-range", hex(layout.trackedBytes(1)));
      json.writeStringField(
          "tracked-bytes-in-" + CostTable.SOME_RANGES + "-ranges",
          hex(layout.trackedBytes(CostTable.SOME_RANGES)));
      json.writeStringField(
          "tracked-bytes-as-power-of-two", hex(layout.trackedBytesAsPowerOfTwo()));
    }
    if (!layout.unknown().isEmpty()) {
      json.writeArrayFieldStart("unknown");
      for (String bucket : layout.unknown()) {
        json.writeString(bucket);
      }
      json.writeEndArray();
    }
    if (layout.answer() instanceof StartResult.Refused refused) {
      json.writeNumberField("errno", refused.errno().number());
      json.writeStringField("why", refused.why());
    } else if (layout.answer() instanceof StartResult.Granted granted) {
      json.writeNumberField("errno", 0);
      json.writeFieldName("granted-page-size");
      json.writeNumber(U64.toBigInteger(granted.pageSize()));
    }
    json.writeEndObject();
  }

  private static String hex(BigInteger value) {
    return "0x" + value.toString(16);
  }
}
