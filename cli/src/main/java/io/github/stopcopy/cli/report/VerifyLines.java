package io.github.stopcopy.cli.report;

import io.github.stopcopy.migration.Reason;
import io.github.stopcopy.migration.Verdict;
import io.github.stopcopy.standin.AnswerComparison.Difference;
import io.github.stopcopy.standin.QemuBinary;
import io.github.stopcopy.standin.Recording;
import java.io.PrintWriter;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeSet;

/** What {@code verify} prints: differences as they are found, then how many scenarios agree. */
public final class VerifyLines {

  /** Where the rules of an aspect begin that no reason of the verdict names. */
  private static final Map<String, String> RULES =
      Map.ofEntries(
          Map.entry("blocked-reasons", "R-BLK"),
          Map.entry("command-error", "R-BLK, R-OBS-121 to 128"),
          Map.entry("container-dirty", "R-DT"),
          Map.entry("device-states", "R-MIG"),
          Map.entry("dma-logging-start", "R-DT"),
          Map.entry("dma-map", "R-LST, R-AS"),
          Map.entry("error-desc", "R-MIG"),
          Map.entry("errors", "R-BLK, R-OBS"),
          Map.entry("exit-code", "R-BLK, R-OBS"),
          Map.entry("iommu-sections", "R-LST, R-VIO"),
          Map.entry("status", "R-MIG"),
          Map.entry("verdict", "R-BLK, R-MIG"),
          Map.entry("warnings", "R-BLK, R-OBS"));

  private static final int LONGEST = 2000;

  private final PrintWriter out;
  private final Optional<RenewedLine> progress;
  private final int total;
  private int done;
  private int agreed;
  private int notPlayed;
  private int crashed;

  /**
   * Lines about scenarios.
   *
   * @param out where they are printed
   * @param progress where the progress is; empty where nobody looks on
   * @param total how many scenarios there are
   */
  public VerifyLines(PrintWriter out, Optional<RenewedLine> progress, int total) {
    this.out = out;
    this.progress = progress;
    this.total = total;
  }

  /** Which QEMU it is, and who answers for it. */
  public void binary(QemuBinary binary) {
    out.println(
        "QEMU "
            + binary.version()
            + ", answered by profile "
            + binary.profile().id()
            + ", guests run by "
            + (binary.kvm() ? "KVM" : "TCG"));
    binary.notes().forEach(note -> out.println("note: " + note));
    out.flush();
  }

  /** A scenario was compared. */
  public void judged(Recording recording, List<Difference> differences, Verdict verdict) {
    if (differences.isEmpty()) {
      agreed++;
    } else {
      clear();
      out.println("DIFFERS " + recording.id());
      for (Difference difference : differences) {
        difference(recording, difference, verdict);
      }
    }
    notes(recording);
    step();
  }

  /** A scenario differed once and agreed when it was played again. */
  public void timing(Recording recording, List<Difference> differences) {
    agreed++;
    clear();
    TreeSet<String> aspects = new TreeSet<>();
    differences.forEach(difference -> aspects.add(difference.aspect()));
    out.println(
        "timing "
            + recording.id()
            + ": differed in "
            + String.join(", ", aspects)
            + " and agreed when it was played again");
    notes(recording);
    step();
  }

  /** QEMU crashed twice in a way that is known of it. */
  public void crashed(Recording recording) {
    crashed++;
    notes(recording);
    step();
  }

  /** A scenario cannot be played on a real QEMU. */
  public void notPlayed() {
    notPlayed++;
    step();
  }

  private void notes(Recording recording) {
    if (!recording.notes().isEmpty() && recording.outcome() != Recording.Outcome.REALIZE_ERROR) {
      clear();
      recording.notes().forEach(note -> out.println("note " + recording.id() + ": " + note));
    }
  }

  private void difference(Recording recording, Difference difference, Verdict verdict) {
    String where = "";
    if (difference.step().isPresent()) {
      int step = difference.step().getAsInt();
      where =
          ", step " + (step + 1) + " (" + recording.steps().get(step).text("do").orElse("") + ")";
    }
    out.println("  " + difference.aspect() + where);
    out.println("    QEMU:  " + text(difference.qemu()));
    out.println("    model: " + text(difference.model()));
    out.println("    rules: " + rules(difference.aspect(), verdict));
  }

  private static String text(String json) {
    if (json.isEmpty()) {
      return "nothing";
    }
    return json.length() > LONGEST ? json.substring(0, LONGEST) + " ..." : json;
  }

  private static String rules(String aspect, Verdict verdict) {
    TreeSet<String> rules = new TreeSet<>();
    for (Reason reason : verdict.reasons()) {
      rules.addAll(reason.rules());
    }
    String group = RULES.getOrDefault(aspect, "docs/rules.md");
    return rules.isEmpty()
        ? group
        : String.join(", ", rules) + " (of the verdict's reasons); " + group;
  }

  private void step() {
    done++;
    out.flush();
    progress.ifPresent(line -> line.show(done + " of " + total + " played, " + agreed + " agree"));
  }

  /** Makes room for something that is printed beside these lines. */
  public void clear() {
    progress.ifPresent(RenewedLine::clear);
  }

  /** The last line; answers whether all that could be compared agree. */
  public boolean end() {
    clear();
    int compared = total - notPlayed - crashed;
    out.println(
        agreed
            + " of "
            + compared
            + " agree"
            + (crashed > 0 ? ", in " + crashed + " QEMU crashed as it is known to" : "")
            + (notPlayed > 0 ? ", " + notPlayed + " could not be played" : ""));
    out.flush();
    return agreed == compared;
  }
}
