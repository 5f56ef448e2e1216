package io.github.stopcopy.json;

import com.fasterxml.jackson.core.JsonGenerator;
import io.github.stopcopy.core.address.AddressRange;
import io.github.stopcopy.core.address.U64;
import io.github.stopcopy.core.spi.StartResult;
import io.github.stopcopy.migration.cost.LayoutCost;
import io.github.stopcopy.migration.cost.TrackingCost;
import java.io.IOException;
import java.util.List;

/** What tracking would cost the devices, for programs. */
final class CostWriter {

  private static final int SOME_RANGES = 4;

  private CostWriter() {}

  static void write(JsonGenerator json, List<TrackingCost> costs) throws IOException {
    json.writeArrayFieldStart("tracking-cost");
    for (TrackingCost cost : costs) {
      json.writeStartObject();
      json.writeStringField("device", cost.device());
      json.writeStringField("tracker", cost.tracker());
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

  /** What the tracker makes of it, if it tells. */
  private static void logged(JsonGenerator json, LayoutCost layout) throws IOException {
    if (layout.logged().isEmpty()) {
      return;
    }
    json.writeArrayFieldStart("logged-ranges");
    for (AddressRange range : layout.logged()) {
      Fields.range(json, range.first(), range.size().toString());
    }
    json.writeEndArray();
    Fields.bytes(json, "logged-bytes", layout.loggedBytes());
    Fields.bytes(json, "logged-bitmap-bytes", layout.loggedBitmapBytes());
  }

  private static void write(JsonGenerator json, LayoutCost layout, long pageSize)
      throws IOException {
    json.writeStartObject();
    json.writeStringField("layout", layout.layout().id());
    json.writeArrayFieldStart("ranges");
    for (AddressRange range : layout.ranges()) {
      Fields.range(json, range.first(), range.size().toString());
    }
    json.writeEndArray();
    Fields.bytes(json, "tracked-bytes", layout.trackedBytes());
    Fields.bytes(json, "bitmap-bytes", layout.bitmapBytes(pageSize));
    Fields.bytes(json, "needless-bytes", layout.needlessBytes());
    Fields.bytes(json, "uncovered-bytes", layout.uncoveredBytes());
    Fields.optional(json, "meaningless", layout.meaningless());
    if (!layout.ranges().isEmpty()) {
      Fields.bytes(json, "tracked-bytes-in-1-range", layout.trackedBytes(1));
      Fields.bytes(
          json, "tracked-bytes-in-" + SOME_RANGES + "-ranges", layout.trackedBytes(SOME_RANGES));
      Fields.bytes(json, "tracked-bytes-as-power-of-two", layout.trackedBytesAsPowerOfTwo());
    }
    Fields.texts(json, "unknown", layout.unknown());
    if (layout.answer() instanceof StartResult.Refused refused) {
      json.writeNumberField("errno", refused.errno().number());
      json.writeStringField("why", refused.why());
    } else if (layout.answer() instanceof StartResult.Granted granted) {
      json.writeNumberField("errno", 0);
      json.writeFieldName("granted-page-size");
      json.writeNumber(U64.toBigInteger(granted.pageSize()));
      logged(json, layout);
    }
    json.writeEndObject();
  }
}
