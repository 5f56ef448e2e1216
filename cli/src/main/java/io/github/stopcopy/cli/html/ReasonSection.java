package io.github.stopcopy.cli.html;

import io.github.stopcopy.cli.report.DeviceNames;
import io.github.stopcopy.migration.Reason;
import io.github.stopcopy.migration.Remedy;
import io.github.stopcopy.migration.VerdictKind;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Why, and what helps; a cause that several devices share is told once. */
final class ReasonSection {

  private static final int MOST_CAUSES = 200;

  private static final int MOST_DEVICES = 64;

  private final DeviceNames names;
  private final Map<List<Remedy>, Integer> told = new HashMap<>();
  private int number;

  private ReasonSection(DeviceNames names) {
    this.names = names;
  }

  /** What reasons have in common that only differ in their device. */
  private record Cause(
      String code,
      String explanation,
      List<String> rules,
      List<String> assumes,
      List<Remedy> help) {}

  /** Writes an entry for each cause. */
  static void write(HtmlWriter html, List<Reason> reasons, DeviceNames names) {
    Map<Cause, List<Reason>> causes = new LinkedHashMap<>();
    for (Reason reason : reasons) {
      causes
          .computeIfAbsent(
              new Cause(
                  reason.code(),
                  reason.explanation(),
                  reason.rules(),
                  reason.assumes(),
                  reason.remedies()),
              key -> new ArrayList<>())
          .add(reason);
    }
    ReasonSection section = new ReasonSection(names);
    int left =
        html.each(
            List.copyOf(causes.entrySet()),
            MOST_CAUSES,
            entry -> section.cause(html, entry.getKey(), entry.getValue()));
    LeftOut.write(html, "p", left, "causes");
  }

  private void cause(HtmlWriter html, Cause cause, List<Reason> reasons) {
    number++;
    html.open("article", "class", "reason");
    html.open("h3").text(number + ". ").element("code", cause.code);
    List<String> devices =
        reasons.stream().flatMap(reason -> reason.device().stream()).map(names::of).toList();
    if (!devices.isEmpty()) {
      html.text(devices.size() == 1 ? ", device " : ", devices ");
      html.text(String.join(", ", devices.subList(0, Math.min(MOST_DEVICES, devices.size()))));
      if (devices.size() > MOST_DEVICES) {
        html.text(" and " + (devices.size() - MOST_DEVICES) + " more");
      }
    }
    html.close();
    says(html, reasons);
    html.element("p", cause.explanation);
    html.open("dl", "class", "rest small");
    if (!cause.assumes.isEmpty()) {
      html.element("dt", "Assumed").element("dd", String.join("; ", cause.assumes));
    }
    if (!cause.rules.isEmpty()) {
      html.element("dt", "Rules").element("dd", String.join(", ", cause.rules));
    }
    html.close();
    Integer before = told.putIfAbsent(cause.help, number);
    if (before != null && !cause.help.isEmpty()) {
      html.element("p", "What helps: the same as against " + before + ".");
    } else if (!cause.help.isEmpty()) {
      html.open("p").element("strong", "What helps").text(", each tried on the model:").close();
      html.open("ul", "class", "remedies");
      cause.help.forEach(remedy -> remedy(html, remedy));
      html.close();
    }
    html.close();
  }

  private static void says(HtmlWriter html, List<Reason> reasons) {
    List<String> texts =
        reasons.stream().map(Reason::qemuText).filter(text -> !text.isEmpty()).distinct().toList();
    if (texts.isEmpty()) {
      return;
    }
    html.open("p", "class", "quote").element("span", "QEMU says: ", "class", "soft");
    int left =
        html.each(
            texts,
            MOST_DEVICES,
            text -> {
              html.empty("br");
              html.element("code", text);
            });
    if (left > 0) {
      html.text(" and " + left + " more");
    }
    html.close();
  }

  private static void remedy(HtmlWriter html, Remedy remedy) {
    VerdictKind then = remedy.verdict();
    html.open("li").text(remedy.text() + " ");
    html.element("span", "then: " + then.word(), "class", "then " + AnswerHead.tone(then));
    for (String fact : remedy.assumes()) {
      html.empty("br");
      html.element("span", "if " + fact, "class", "soft");
    }
    remedy
        .command()
        .ifPresent(options ->
            html.open("pre")
                .lines(List.of(("stopcopy check … " + options).split(" (?=--)")))
                .close());
    remedy.libvirt().ifPresent(xml -> html.open("pre").lines(xml.lines().toList()).close());
    html.close();
  }
}
