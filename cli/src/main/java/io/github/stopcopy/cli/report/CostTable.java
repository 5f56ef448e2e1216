package io.github.stopcopy.cli.report;

import io.github.stopcopy.cli.report.CostCells.Row;
import io.github.stopcopy.core.guard.VisibleText;
import io.github.stopcopy.migration.cost.TrackingCost;
import java.util.ArrayList;
import java.util.List;
import java.util.function.UnaryOperator;

/** What tracking would cost the devices, as a table for each kind of device. */
final class CostTable {

  private static final String ROW = "    %-22s %6s  %9s  %10s  %11s  %9s  %9s  %9s";

  private static final String TRACKER_ROW = "    %-22s %6s  %9s  %10s  %11s  %15s";

  private CostTable() {}

  /** Lines, indented; devices that cost the same share a table. */
  static String write(List<TrackingCost> costs, UnaryOperator<String> nameOfDevice) {
    StringBuilder text = new StringBuilder();
    for (CostCells cost : CostCells.of(costs, nameOfDevice)) {
      line(text, "  device " + cost.devices() + ", pages of " + cost.pageSize());
      table(text, ROW, cost.asked());
      table(text, TRACKER_ROW, cost.logged());
    }
    return text.toString();
  }

  private static void table(StringBuilder text, String format, CostCells.Table table) {
    line(text, String.format(format, table.head().toArray()));
    for (Row row : table.rows()) {
      if (row.cells().isEmpty()) {
        line(text, String.format("    %-22s %s", row.layout(), row.message().orElse("")));
        continue;
      }
      List<String> cells = new ArrayList<>(List.of(row.layout()));
      cells.addAll(row.cells());
      line(text, String.format(format, cells.toArray()));
      row.message().ifPresent(message -> line(text, "      " + message));
    }
  }

  private static void line(StringBuilder text, String line) {
    text.append(VisibleText.of(line.stripTrailing())).append('\n');
  }
}
