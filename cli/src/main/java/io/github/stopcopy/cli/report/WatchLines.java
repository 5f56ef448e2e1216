package io.github.stopcopy.cli.report;

import io.github.stopcopy.live.watch.MigrationProgress;
import io.github.stopcopy.live.watch.WatchChange;
import io.github.stopcopy.migration.Reason;
import io.github.stopcopy.migration.Verdict;
import java.io.PrintWriter;
import java.math.BigInteger;
import java.time.LocalTime;
import java.time.ZoneId;
import java.time.format.DateTimeFormatter;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;

/**
 * What a watch sees, a line for each change. On a terminal the progress of a migration is a line
 * that renews itself, elsewhere a line for each pass.
 */
public final class WatchLines {

  private static final DateTimeFormatter TIME = DateTimeFormatter.ofPattern("HH:mm:ss");

  private static final int MOST_REMEMBERED = 500;

  private final PrintWriter out;
  private final Optional<RenewedLine> renewed;
  private final Map<String, String> deviceStates = new LinkedHashMap<>();
  private final Deque<String> last = new ArrayDeque<>();
  private long lastPass = -1;

  /**
   * Lines that go to a stream, each at once.
   *
   * @param renewed where the progress of a migration is; empty where nobody looks on
   */
  public WatchLines(PrintWriter out, Optional<RenewedLine> renewed) {
    this.out = out;
    this.renewed = renewed;
  }

  /** Tells a change. */
  public void write(WatchChange change) {
    if (change instanceof WatchChange.RunState state) {
      line("the VM is " + state.now());
    } else if (change instanceof WatchChange.MigrationState state) {
      boolean isFirst = state.before().isEmpty();
      // why it failed comes next
      if (!state.now().equals("failed") && !(isFirst && state.now().equals("none"))) {
        line("migration " + state.now());
      }
      lastPass = -1;
    } else if (change instanceof WatchChange.Progress progress) {
      progress(progress.progress());
    } else if (change instanceof WatchChange.MigrationFailed failed) {
      line("migration failed: " + failed.error().orElse("QEMU says nothing of why"));
      failed.why().forEach(why -> line("  " + why));
    } else if (change instanceof WatchChange.DeviceState device) {
      deviceStates.put(device.device(), device.state());
      line("device " + device.device() + " is " + device.state());
    } else if (change instanceof WatchChange.Event event) {
      line("event " + event.event().name() + " " + event.event().data());
    } else if (change instanceof WatchChange.VerdictChanged judged) {
      verdict(judged);
    } else if (change instanceof WatchChange.Noted noted) {
      noted.notes().forEach(this::line);
    } else if (change instanceof WatchChange.Gone gone) {
      line(gone.how());
    }
  }

  private void verdict(WatchChange.VerdictChanged judged) {
    Verdict now = judged.now();
    String worse = judged.isWorse() ? "WORSE: " : "";
    line(
        worse
            + "verdict "
            + judged.before().map(before -> before.kind() + " -> ").orElse("")
            + now.kind()
            + " (QEMU "
            + now.profile()
            + ")");
    for (Reason reason : now.reasons()) {
      String device = reason.device().map(name -> ", device " + name).orElse("");
      String says = reason.qemuText().isEmpty() ? "" : ": " + reason.qemuText();
      line("  " + reason.code() + device + says);
    }
    judged.notes().forEach(note -> line("  " + note));
    if (!judged.comparison().agrees()) {
      line("  QEMU says something else; predicted: " + judged.comparison().predicted());
      line("  actual: " + judged.comparison().actual());
    } else if (judged.before().isEmpty()) {
      line("  QEMU says the same of what blocks");
    }
  }

  private void progress(MigrationProgress progress) {
    String text =
        "pass "
            + progress.passes()
            + ", "
            + size(progress.remaining())
            + " of "
            + size(progress.total())
            + " left, "
            + size(progress.dirtyRate())
            + "/s dirtied"
            + progress
                .expectedDowntime()
                .map(millis -> ", expected downtime " + millis + " ms")
                .orElse("")
            + deviceStates.entrySet().stream()
                .map(device -> ", " + device.getKey() + " " + device.getValue())
                .collect(Collectors.joining());
    if (renewed.isPresent()) {
      renewed.get().show("  " + text);
    } else if (progress.passes() != lastPass) {
      lastPass = progress.passes();
      line("  " + text);
    }
  }

  private static String size(long bytes) {
    return Sizes.text(BigInteger.valueOf(Math.max(0, bytes)));
  }

  /** Tells a line, with the time of the day before it. */
  public void line(String text) {
    String whole = TIME.format(LocalTime.now(ZoneId.systemDefault())) + " " + text;
    last.addLast(whole);
    if (last.size() > MOST_REMEMBERED) {
      last.removeFirst();
    }
    renewed.ifPresent(RenewedLine::clear);
    out.print(whole + "\n");
    out.flush();
  }

  /** The last lines that were told, as they were; some hundreds at most. */
  public List<String> last() {
    return List.copyOf(last);
  }
}
