package io.github.stopcopy.cli;

import io.github.stopcopy.cli.html.FleetPage;
import io.github.stopcopy.cli.report.FleetText;
import io.github.stopcopy.core.error.InputException;
import io.github.stopcopy.migration.fleet.FleetRow;
import io.github.stopcopy.migration.fleet.FleetSummary;
import java.io.PrintWriter;
import java.util.Optional;
import java.util.function.Function;

/** Takes the answers about a fleet in their order, and writes them in one format. */
sealed interface FleetSink {

  /** Takes an answer. */
  void add(FleetRow row);

  /**
   * Writes what is left to write once all answers are there.
   *
   * @throws InputException if it cannot be written
   */
  void end(FleetSummary summary, boolean isReleaseAssumed) throws InputException;

  /** Whether nothing is written before the end, so that there is something to wait for. */
  default boolean isSilentUntilEnd() {
    return true;
  }

  /** Takes a whole page. */
  interface Paper {

    /**
     * Writes it.
     *
     * @throws InputException if it cannot be written
     */
    void write(String page) throws InputException;
  }

  /** Text for people. */
  record Text(PrintWriter out, FleetText text, boolean quiet) implements FleetSink {

    @Override
    public void add(FleetRow row) {
      text.add(row);
    }

    @Override
    public void end(FleetSummary summary, boolean isReleaseAssumed) {
      out.print(text.write(summary, isReleaseAssumed, quiet));
    }
  }

  /**
   * Lines for programs.
   *
   * @param line an answer in a line
   * @param last the line at the end, if there is one
   * @param onlyWorse whether only answers that are newly worse are written
   */
  record Lines(
      PrintWriter out,
      Function<FleetRow, String> line,
      Function<FleetSummary, Optional<String>> last,
      boolean onlyWorse)
      implements FleetSink {

    @Override
    public void add(FleetRow row) {
      if (!onlyWorse || row.isNewlyWorse()) {
        out.print(line.apply(row) + "\n");
      }
    }

    @Override
    public void end(FleetSummary summary, boolean isReleaseAssumed) {
      last.apply(summary).ifPresent(text -> out.print(text + "\n"));
    }

    @Override
    public boolean isSilentUntilEnd() {
      return false;
    }
  }

  /** A page. */
  record Page(FleetPage page, boolean quiet, Paper paper) implements FleetSink {

    @Override
    public void add(FleetRow row) {
      page.add(row);
    }

    @Override
    public void end(FleetSummary summary, boolean isReleaseAssumed) throws InputException {
      paper.write(page.write(summary, isReleaseAssumed, quiet));
    }
  }
}
