package io.github.stopcopy.cli.report;

import io.github.stopcopy.core.address.U64;
import io.github.stopcopy.core.spi.StartResult;
import io.github.stopcopy.migration.cost.LayoutCost;
import io.github.stopcopy.migration.cost.TrackingCost;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.math.RoundingMode;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.UnaryOperator;

/**
 * What tracking would cost devices that cost the same, as cells for any kind of table.
 *
 * @param devices what the devices are called, in one line
 * @param pageSize the pages that are asked for
 * @param asked what devices would be asked to track
 * @param tracked what devices would make of that which join ranges, or round them up
 * @param logged what the tracker that was chosen makes of each layout
 */
public record CostCells(String devices, String pageSize, Table asked, Table tracked, Table logged) {

  /** How many ranges the device has that is shown beside one of a single range. */
  private static final int SOME_RANGES = 4;

  private static final String NONE = "-";

  /**
   * A table.
   *
   * @param head its columns, of which the first names the layout
   * @param rows a row for each layout
   */
  public record Table(List<String> head, List<Row> rows) {}

  /**
   * What there is to say of a layout.
   *
   * @param layout its name
   * @param cells the other columns; none where a message stands in their place
   * @param message why there are no cells, or what is not in them
   */
  public record Row(String layout, List<String> cells, Optional<String> message) {}

  /** The tables for these costs; devices that cost the same share one. */
  public static List<CostCells> of(List<TrackingCost> costs, UnaryOperator<String> nameOfDevice) {
    if (costs.size() == 1) { // which is not compared: that takes longer than the table
      TrackingCost only = costs.get(0);
      return List.of(of(only, nameOfDevice.apply(only.device())));
    }
    Map<TrackingCost, String> devices = new LinkedHashMap<>();
    for (TrackingCost cost : costs) {
      TrackingCost alike = new TrackingCost("", cost.tracker(), cost.pageSize(), cost.layouts());
      devices.merge(alike, nameOfDevice.apply(cost.device()), (one, other) -> one + ", " + other);
    }
    List<CostCells> tables = new ArrayList<>();
    devices.forEach((cost, names) -> tables.add(of(cost, names)));
    return tables;
  }

  private static CostCells of(TrackingCost cost, String names) {
    return new CostCells(
        names,
        Sizes.text(BigInteger.valueOf(cost.pageSize())),
        asked(cost),
        tracked(cost),
        logged(cost));
  }

  private static Table asked(TrackingCost cost) {
    List<Row> rows = new ArrayList<>();
    for (LayoutCost layout : cost.layouts()) {
      String name = layout.layout().toString();
      if (layout.meaningless().isPresent()) {
        rows.add(row(name, "means nothing here: " + layout.meaningless().get()));
        continue;
      }
      Optional<String> unknown =
          layout.unknown().isEmpty()
              ? Optional.empty()
              : Optional.of(
                  "and what is not known without BAR addresses: "
                      + String.join(", ", layout.unknown()));
      rows.add(
          new Row(
              name,
              List.of(
                  String.valueOf(layout.ranges().size()),
                  Sizes.text(layout.trackedBytes()),
                  Sizes.text(layout.bitmapBytes(cost.pageSize())),
                  needless(layout)),
              unknown));
    }
    return new Table(List.of("asked to track", "ranges", "tracked", "bitmap", "for nothing"), rows);
  }

  /** What is tracked by devices of few ranges, and by those that round up to a power of two. */
  private static Table tracked(TrackingCost cost) {
    List<Row> rows = new ArrayList<>();
    for (LayoutCost layout : cost.layouts()) {
      if (layout.meaningless().isEmpty()) {
        rows.add(
            new Row(
                layout.layout().toString(),
                List.of(
                    tracked(layout, layout.trackedBytes(1)),
                    tracked(layout, layout.trackedBytes(SOME_RANGES)),
                    tracked(layout, layout.trackedBytesAsPowerOfTwo())),
                Optional.empty()));
      }
    }
    return new Table(
        List.of("tracked by a device of", "1 range", SOME_RANGES + " ranges", "2^n"), rows);
  }

  /** What the tracker that was chosen makes of each layout. */
  private static Table logged(TrackingCost cost) {
    List<Row> rows = new ArrayList<>();
    for (LayoutCost layout : cost.layouts()) {
      String name = layout.layout().toString();
      if (layout.meaningless().isPresent()) {
        continue;
      }
      if (layout.answer() instanceof StartResult.Refused refused) {
        String why = refused.why().isEmpty() ? "" : " (" + refused.why() + ")";
        rows.add(row(name, "refused by the device: " + refused.errno().text() + why));
      } else if (layout.answer() instanceof StartResult.Granted granted) {
        boolean tells = !layout.logged().isEmpty();
        rows.add(
            new Row(
                name,
                List.of(
                    tells ? String.valueOf(layout.logged().size()) : NONE,
                    tells ? Sizes.text(layout.loggedBytes()) : NONE,
                    tells ? Sizes.text(layout.loggedBitmapBytes()) : NONE,
                    Sizes.text(U64.toBigInteger(granted.pageSize())),
                    Sizes.text(layout.uncoveredBytes())),
                Optional.empty()));
      }
    }
    return new Table(
        List.of(
            cost.tracker() + " logs", "ranges", "logged", "bitmap", "in pages", "RAM not covered"),
        rows);
  }

  private static Row row(String layout, String message) {
    return new Row(layout, List.of(), Optional.of(message));
  }

  private static String tracked(LayoutCost layout, BigInteger bytes) {
    return layout.ranges().isEmpty() ? NONE : Sizes.text(bytes);
  }

  /** The share of the tracked bytes that nobody needs. */
  private static String needless(LayoutCost layout) {
    if (layout.ranges().isEmpty()) {
      return NONE;
    }
    BigDecimal percent =
        new BigDecimal(layout.needlessBytes().multiply(BigInteger.valueOf(100)))
            .divide(new BigDecimal(layout.trackedBytes()), 1, RoundingMode.HALF_UP);
    return percent.stripTrailingZeros().toPlainString() + " %";
  }
}
