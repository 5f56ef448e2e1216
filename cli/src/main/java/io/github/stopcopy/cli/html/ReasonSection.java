package io.github.stopcopy.cli.html;

import io.github.stopcopy.cli.report.DeviceNames;
import io.github.stopcopy.cli.report.ReasonGroup;
import io.github.stopcopy.migration.Reason;
import io.github.stopcopy.migration.Remedy;
import io.github.stopcopy.migration.VerdictKind;
import java.util.HashMap;
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

  /** Writes an entry for each cause. */
  static void write(HtmlWriter html, List<Reason> reasons, DeviceNames names) {
    ReasonSection section = new ReasonSection(names);
    int left = html.each(ReasonGroup.of(reasons), MOST_CAUSES, cause -> section.cause(html, cause));
    LeftOut.write(html, "p", left, "causes");
  }

  private void cause(HtmlWriter html, ReasonGroup group) {
    number++;
    Reason cause = group.first();
    html.open("article", "class", "reason");
    html.open("h3").text(number + ". ").element("code", cause.code());
    List<String> devices = group.devices(names);
    if (!devices.isEmpty()) {
      html.text(devices.size() == 1 ? ", device " : ", devices ");
      html.text(String.join(", ", devices.subList(0, Math.min(MOST_DEVICES, devices.size()))));
      if (devices.size() > MOST_DEVICES) {
        html.text(" and " + (devices.size() - MOST_DEVICES) + " more");
      }
    }
    html.close();
    says(html, group.qemuTexts());
    html.element("p", cause.explanation());
    html.open("dl", "class", "rest small");
    if (!cause.assumes().isEmpty()) {
      html.element("dt", "Assumed").element("dd", String.join("; ", cause.assumes()));
    }
    if (!cause.rules().isEmpty()) {
      html.element("dt", "Rules").element("dd", String.join(", ", cause.rules()));
    }
    html.close();
    Integer before = told.putIfAbsent(cause.remedies(), number);
    if (before != null && !cause.remedies().isEmpty()) {
      html.element("p", "What helps: the same as against " + before + ".");
    } else if (!cause.remedies().isEmpty()) {
      html.open("p").element("strong", "What helps").text(", each tried on the model:").close();
      html.open("ul", "class", "remedies");
      cause.remedies().forEach(remedy -> remedy(html, remedy));
      html.close();
    }
    html.close();
  }

  private static void says(HtmlWriter html, List<String> texts) {
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
