package io.github.stopcopy.cli.report;

import io.github.stopcopy.core.address.U64;
import io.github.stopcopy.core.guard.VisibleText;
import io.github.stopcopy.core.spi.StartResult;
import io.github.stopcopy.migration.cost.LayoutCost;
import io.github.stopcopy.migration.cost.TrackingCost;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.math.RoundingMode;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.UnaryOperator;

/** What tracking would cost the devices, as a table for each kind of device. */
final class CostTable {

  /** How many ranges the device has that is shown beside one of a single range. */
  static final int SOME_RANGES = 4;

  private static final String ROW = "    %-22s %6s  %9s  %10s  %11s  %9s  %9s  %9s";

  private static final String TRACKER_ROW = "    %-22s %6s  %9s  %10s  %11s  %15s";

  private CostTable() {}

  /** Lines, indented; devices that cost the same share a table. */
  static String write(List<TrackingCost> costs, UnaryOperator<String> nameOfDevice) {
    Map<TrackingCost, String> devices = new LinkedHashMap<>();
    for (TrackingCost cost : costs) {
      TrackingCost alike = new TrackingCost("", cost.tracker(), cost.pageSize(), cost.layouts());
      devices.merge(alike, nameOfDevice.apply(cost.device()), (one, other) -> one + ", " + other);
    }
    StringBuilder text = new StringBuilder();
    devices.forEach((cost, names) -> write(text, cost, names));
    return text.toString();
  }

  private static void write(StringBuilder text, TrackingCost cost, String names) {
    line(
        text,
        "  device " + names + ", pages of " + Sizes.text(BigInteger.valueOf(cost.pageSize())));
    line(
        text,
        String.format(
            ROW,
            "asked to track",
            "ranges",
            "tracked",
            "bitmap",
            "for nothing",
            "1 range",
            SOME_RANGES + " ranges",
            "2^n"));
    for (LayoutCost layout : cost.layouts()) {
      if (layout.meaningless().isPresent()) {
        line(
            text,
            String.format(
                "    %-22s means nothing here: %s", layout.layout(), layout.meaningless().get()));
        continue;
      }
      line(
          text,
          String.format(
              ROW,
              layout.layout(),
              layout.ranges().size(),
              Sizes.text(layout.trackedBytes()),
              Sizes.text(layout.bitmapBytes(cost.pageSize())),
              needless(layout),
              tracked(layout, layout.trackedBytes(1)),
              tracked(layout, layout.trackedBytes(SOME_RANGES)),
              tracked(layout, layout.trackedBytesAsPowerOfTwo())));
      if (!layout.unknown().isEmpty()) {
        line(
            text,
            "      and what is not known without BAR addresses: "
                + String.join(", ", layout.unknown()));
      }
    }
    tracker(text, cost);
  }

  /** What the tracker that was chosen makes of each layout. */
  private static void tracker(StringBuilder text, TrackingCost cost) {
    line(
        text,
        String.format(
            TRACKER_ROW,
            VisibleText.of(cost.tracker()) + " logs",
            "ranges",
            "logged",
            "bitmap",
            "in pages",
            "RAM not covered"));
    for (LayoutCost layout : cost.layouts()) {
      if (layout.meaningless().isPresent()) {
        continue;
      }
      if (layout.answer() instanceof StartResult.Refused refused) {
        String why = refused.why().isEmpty() ? "" : " (" + refused.why() + ")";
        line(
            text,
            String.format(
                "    %-22s refused by the device: %s",
                layout.layout(), refused.errno().text() + why));
      } else if (layout.answer() instanceof StartResult.Granted granted) {
        boolean tells = !layout.logged().isEmpty();
        line(
            text,
            String.format(
                TRACKER_ROW,
                layout.layout(),
                tells ? String.valueOf(layout.logged().size()) : "-",
                tells ? Sizes.text(layout.loggedBytes()) : "-",
                tells ? Sizes.text(layout.loggedBitmapBytes()) : "-",
                Sizes.text(U64.toBigInteger(granted.pageSize())),
                Sizes.text(layout.uncoveredBytes())));
      }
    }
  }

  private static String tracked(LayoutCost layout, BigInteger bytes) {
    return layout.ranges().isEmpty() ? "-" : Sizes.text(bytes);
  }

  /** The share of the tracked bytes that nobody needs. */
  private static String needless(LayoutCost layout) {
    if (layout.ranges().isEmpty()) {
      return "-";
    }
    BigDecimal percent =
        new BigDecimal(layout.needlessBytes().multiply(BigInteger.valueOf(100)))
            .divide(new BigDecimal(layout.trackedBytes()), 1, RoundingMode.HALF_UP);
    return percent.stripTrailingZeros().toPlainString() + " %";
  }

  private static void line(StringBuilder text, String line) {
    text.append(VisibleText.of(line.stripTrailing())).append('\n');
  }
}
