package io.github.stopcopy.cli.report;

import io.github.stopcopy.core.address.U64;
import io.github.stopcopy.core.guard.VisibleText;
import io.github.stopcopy.migration.Assumption;
import io.github.stopcopy.migration.DeviceTracking;
import io.github.stopcopy.migration.Played;
import io.github.stopcopy.migration.Reason;
import io.github.stopcopy.migration.Remedy;
import io.github.stopcopy.migration.Verdict;
import io.github.stopcopy.vfiopci.IovaRange;
import java.math.BigInteger;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** The answer for people: the verdict first, then why, then what is tracked, then warnings. */
public final class TextReport {

  private final StringBuilder text = new StringBuilder();
  private final Verdict verdict;
  private final Played played;
  private final DeviceNames names;

  private TextReport(Played played) {
    this.played = played;
    this.verdict = played.verdict();
    this.names = new DeviceNames(played.story().vm());
  }

  /** The whole report, lines ended. */
  public static String write(Played played) {
    TextReport text = new TextReport(played);
    text.headline();
    text.reasons();
    text.verdict
        .destination()
        .ifPresent(loading -> DestinationLines.write(text.text, loading, text.names::of));
    FindingLines.write(text.text, text.verdict.advice(), text.names::of);
    text.tracking();
    text.costs();
    text.assumptions();
    text.listeners();
    Paragraphs.warnings(text.text, text.verdict.warningsBesideAdvice());
    return text.text.toString();
  }

  /** The verdict and what led to it, lines ended. */
  public static String causes(Played played) {
    TextReport text = new TextReport(played);
    text.headline();
    for (ReasonGroup cause : ReasonGroup.of(text.verdict.reasons())) {
      text.wrapped("  ", text.heading(cause));
      text.says(cause);
      text.assumes(cause.first());
    }
    return text.text.toString();
  }

  private void headline() {
    line(Headline.of(verdict, played.story()));
  }

  /** The code, with the number and the names of all devices that have it. */
  private String heading(ReasonGroup cause) {
    List<String> devices = cause.devices(names);
    int times = cause.reasons().size();
    return cause.first().code()
        + (times > 1 ? " x " + times : "")
        + (devices.isEmpty()
            ? ""
            : (devices.size() > 1 ? ", devices " : ", device ") + String.join(", ", devices));
  }

  /** What QEMU says, never broken, so that it can be found. */
  private void says(ReasonGroup cause) {
    String prefix = "     QEMU says: ";
    for (String said : cause.qemuTexts()) {
      line(prefix + said);
      prefix = " ".repeat(prefix.length());
    }
  }

  private void assumes(Reason reason) {
    if (!reason.assumes().isEmpty()) {
      wrapped("     Assumed:   ", String.join("; ", reason.assumes()));
    }
  }

  private void reasons() {
    if (verdict.reasons().isEmpty()) {
      return;
    }
    line("");
    line("Why");
    int number = 1;
    Map<List<Remedy>, Integer> told = new HashMap<>();
    for (ReasonGroup cause : ReasonGroup.of(verdict.reasons())) {
      Reason reason = cause.first();
      wrapped("  " + number + ". ", heading(cause));
      says(cause);
      wrapped("     Meaning:   ", reason.explanation());
      assumes(reason);
      if (!reason.rules().isEmpty()) {
        wrapped("     Rules:     ", String.join(", ", reason.rules()));
      }
      Integer before = told.putIfAbsent(reason.remedies(), number);
      if (!reason.remedies().isEmpty() && before != null) {
        line("     What helps: the same as against " + before);
      } else if (!reason.remedies().isEmpty()) {
        line("     What helps, each tried on the model:");
        reason.remedies().forEach(this::remedy);
      }
      number++;
    }
  }

  private void remedy(Remedy remedy) {
    wrapped("       - ", remedy.toString());
    remedy
        .command()
        .ifPresent(options -> Paragraphs.write(text, "           try: ", options.split(" (?=--)")));
    remedy
        .libvirt()
        .ifPresent(xml -> {
          line("           libvirt:");
          xml.lines().forEach(line -> line("             " + line));
        });
    remedy.assumes().forEach(fact -> wrapped("           if ", fact));
  }

  private void tracking() {
    List<DeviceTracking> all = verdict.tracking();
    List<String> others = TrackingWords.others(played);
    if (all.isEmpty() && others.isEmpty()) {
      return;
    }
    line("");
    line("What must be tracked");
    for (DeviceTracking device : all) {
      line(
          "  device "
              + names.of(device.device())
              + ", pages of "
              + Sizes.text(BigInteger.valueOf(device.pageSize()))
              + device.errno().map(errno -> ", refused: " + errno.text()).orElse(""));
      for (IovaRange range : device.ranges()) {
        line(
            String.format(
                "    0x%016x - 0x%016x  %10s",
                range.iova(), range.last(), Sizes.text(U64.toBigInteger(range.length()))));
      }
      if (!device.unknown().isEmpty()) {
        line("    not known without BAR addresses: " + String.join(", ", device.unknown()));
      }
      line("    " + TrackingWords.sum(device));
    }
    others.forEach(other -> line("  " + other));
    TrackingWords.savings(played).ifPresent(saved -> wrapped("  ", saved));
  }

  private void costs() {
    if (!verdict.costs().isEmpty()) {
      line("");
      line("What tracking would cost");
      text.append(CostTable.write(verdict.costs(), names::of));
    }
  }

  /** What the answer rests on, a line for each device or what else it is about. */
  private void assumptions() {
    if (verdict.assumptions().isEmpty()) {
      return;
    }
    Map<String, List<String>> facts = new LinkedHashMap<>();
    for (Assumption assumption : verdict.assumptions()) {
      facts
          .computeIfAbsent(assumption.subject(), subject -> new ArrayList<>())
          .add(assumption.toString());
    }
    line("");
    line("Assumed, because nobody says");
    facts.forEach((subject, assumed) ->
        wrapped("  - ", names.of(subject) + ": " + String.join("; ", assumed)));
  }

  private void listeners() {
    if (!verdict.listeners().isEmpty()) {
      line("");
      line("What listeners saw");
      ListenerLines.write(text, verdict.listeners(), "  ", names::of);
    }
  }

  private void wrapped(String prefix, String paragraph) {
    Paragraphs.write(text, prefix, paragraph);
  }

  private void line(String line) {
    text.append(VisibleText.of(line)).append('\n');
  }
}
