package io.github.stopcopy.cli.report;

import io.github.stopcopy.cli.report.CostCells.Row;
import io.github.stopcopy.core.guard.VisibleText;
import io.github.stopcopy.migration.cost.TrackingCost;
import java.util.ArrayList;
import java.util.List;
import java.util.function.UnaryOperator;

/**
 * What tracking would cost the devices, as tables for each kind of device, within 80 columns:
 * columns that find no room stand in a block of their own below, with the layouts named again.
 */
final class CostTable {

  private static final String INDENT = "    ";
  private static final String GAP = "  ";
  private static final int ROOM = Paragraphs.WIDTH - INDENT.length();

  /** As long as the longest name of a layout; a longer title has a line of its own. */
  private static final int MOST_TITLE = 22;

  private final StringBuilder text = new StringBuilder();

  private CostTable() {}

  /** Lines, indented; devices that cost the same share a table. */
  static String write(List<TrackingCost> costs, UnaryOperator<String> nameOfDevice) {
    CostTable tables = new CostTable();
    for (CostCells cost : CostCells.of(costs, nameOfDevice)) {
      tables.paragraph("  device ", cost.devices() + ", pages of " + cost.pageSize());
      tables.table(cost.asked());
      tables.table(cost.tracked());
      tables.table(cost.logged());
    }
    return tables.text.toString();
  }

  private void table(CostCells.Table table) {
    if (table.rows().isEmpty()) {
      return; // no layout means anything here
    }
    List<Integer> widths = new ArrayList<>();
    for (int column = 1; column < table.head().size(); column++) {
      int width = table.head().get(column).length();
      for (Row row : table.rows()) {
        if (!row.cells().isEmpty()) {
          width = Math.max(width, row.cells().get(column - 1).length());
        }
      }
      widths.add(width);
    }
    int title = title(table);
    int from = 0;
    do {
      int to = from;
      int used = title;
      while (to < widths.size() && (to == from || used + GAP.length() + widths.get(to) <= ROOM)) {
        used += GAP.length() + widths.get(to++);
      }
      block(table, title, widths, from, to);
      from = to;
    } while (from < widths.size());
  }

  private static int title(CostCells.Table table) {
    int width = 0;
    for (Row row : table.rows()) {
      width = Math.max(width, row.layout().length());
    }
    int head = table.head().get(0).length();
    return head > MOST_TITLE ? width : Math.max(width, head);
  }

  /** Some columns; a row that has words in place of cells stands in the first block only. */
  private void block(CostCells.Table table, int title, List<Integer> widths, int from, int to) {
    String name = table.head().get(0);
    if (name.length() > title) {
      paragraph(INDENT, name);
      name = "";
    }
    cells(name, title, table.head().subList(1, table.head().size()), widths, from, to);
    for (Row row : table.rows()) {
      if (!row.cells().isEmpty()) {
        cells(row.layout(), title, row.cells(), widths, from, to);
        if (from == 0) {
          row.message().ifPresent(message -> paragraph(INDENT + GAP, message));
        }
      } else if (from == 0) {
        paragraph(padded(row.layout(), title) + GAP, row.message().orElse(""));
      }
    }
  }

  private void cells(
      String name, int title, List<String> cells, List<Integer> widths, int from, int to) {
    StringBuilder line = new StringBuilder(padded(name, title));
    for (int column = from; column < to; column++) {
      String cell = cells.get(column);
      line.append(GAP).append(" ".repeat(widths.get(column) - cell.length())).append(cell);
    }
    text.append(VisibleText.of(line.toString().stripTrailing())).append('\n');
  }

  private static String padded(String name, int title) {
    return INDENT + name + " ".repeat(Math.max(0, title - name.length()));
  }

  private void paragraph(String prefix, String words) {
    Paragraphs.write(text, prefix, words);
  }
}
