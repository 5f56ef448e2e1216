package io.github.stopcopy.cli.report;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.stopcopy.live.watch.MigrationProgress;
import io.github.stopcopy.live.watch.WatchChange;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** The lines of {@code watch} on a terminal and elsewhere. */
class WatchLinesTest {

  private final StringWriter out = new StringWriter();

  private static WatchChange progress(long pass, long remaining) {
    return new WatchChange.Progress(
        new MigrationProgress(pass, remaining, 1 << 20, 4096, Optional.of(300L)));
  }

  private static WatchChange state(String before, String now) {
    return new WatchChange.MigrationState(Optional.of(before), now);
  }

  @Test
  void onATerminalProgressIsALineThatRenewsItself() {
    PrintWriter printer = new PrintWriter(out);
    RenewedLine renewed = new RenewedLine(printer, () -> printer.print("\r"));
    WatchLines lines = new WatchLines(printer, Optional.of(renewed));
    lines.write(new WatchChange.DeviceState("v1", "pre-copy"));
    lines.write(progress(2, 123_456));
    lines.write(progress(2, 4096));
    lines.write(state("active", "completed"));

    String[] written = out.toString().split("\r");
    assertThat(written).hasSize(4);
    String[] before = written[0].split("\n");
    assertThat(before[0]).endsWith("device v1 is pre-copy");
    assertThat(before[1])
        .isEqualTo(
            "  pass 2, 120.56 KiB of 1 MiB left, 4 KiB/s dirtied, expected downtime 300 ms, v1"
                + " pre-copy");
    // as long as what it covers
    assertThat(written[1]).startsWith("  pass 2, 4 KiB of 1 MiB left").hasSameSizeAs(before[1]);
    assertThat(written[2]).isBlank().hasSizeGreaterThanOrEqualTo(written[1].strip().length());
    assertThat(written[3]).endsWith("migration completed\n");
  }

  @Test
  void elsewhereProgressIsALineForEachPass() {
    WatchLines lines = new WatchLines(new PrintWriter(out), Optional.empty());
    lines.write(progress(1, 123_456));
    lines.write(progress(1, 100_000));
    lines.write(progress(2, 4096));

    assertThat(out.toString()).doesNotContain("\r").hasLineCount(2);
    assertThat(out.toString()).contains("  pass 1, ", "  pass 2, ");
  }

  @Test
  void thatThereIsNoMigrationIsNotTold() {
    WatchLines lines = new WatchLines(new PrintWriter(out), Optional.empty());
    lines.write(new WatchChange.MigrationState(Optional.empty(), "none"));
    assertThat(out.toString()).isEmpty();
  }
}
