package io.github.stopcopy.cli.report;

import io.github.stopcopy.core.guard.VisibleText;
import io.github.stopcopy.migration.vm.ListenerReport;
import java.util.List;
import java.util.function.UnaryOperator;

/** What memory listeners tell, for people. */
final class ListenerLines {

  private ListenerLines() {}

  /**
   * Writes what each tells under its name and the device that it followed.
   *
   * @param indent stands before every line
   * @param deviceText how a device is called, by its name
   */
  static void write(
      StringBuilder text,
      List<ListenerReport> reports,
      String indent,
      UnaryOperator<String> deviceText) {
    for (ListenerReport report : reports) {
      String whose =
          report.device().map(name -> "device " + deviceText.apply(name)).orElse("the processor");
      text.append(indent).append(VisibleText.of(report.listener() + ", " + whose)).append('\n');
      for (String line : report.lines()) {
        text.append(indent).append("  ").append(VisibleText.of(line)).append('\n');
      }
    }
  }
}
