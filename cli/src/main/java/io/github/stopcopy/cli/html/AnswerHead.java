package io.github.stopcopy.cli.html;

import io.github.stopcopy.cli.report.Headline;
import io.github.stopcopy.cli.report.Sizes;
import io.github.stopcopy.core.config.VmConfig;
import io.github.stopcopy.migration.Played;
import io.github.stopcopy.migration.VerdictKind;
import io.github.stopcopy.migration.vm.Vm;
import java.math.BigInteger;

/** The verdict in one line, and the VM that it is about in another. */
final class AnswerHead {

  private AnswerHead() {}

  /**
   * Writes both.
   *
   * @param element what the verdict stands in: {@code h1} where it is the answer of the page
   */
  static void write(HtmlWriter html, Played played, String element) {
    VerdictKind kind = played.verdict().kind();
    html.open("div", "class", "verdict " + tone(kind));
    html.open(element, "class", "answer").element("span", kind.word() + ":", "class", tone(kind));
    html.text(" " + Headline.meaning(played.verdict(), played.story()));
    html.text(" (" + Headline.release(played.verdict()) + ")").close().close();
    facts(html, played);
  }

  /** The class that gives a verdict its colour. */
  static String tone(VerdictKind kind) {
    return switch (kind) {
      case MIGRATABLE -> "good";
      case CONDITIONAL -> "if";
      case BLOCKED, REFUSED, FAILED -> "bad";
    };
  }

  private static void facts(HtmlWriter html, Played played) {
    Vm vm = played.story().vm();
    VmConfig config = played.story().scenario().vm();
    html.open("dl", "class", "facts");
    fact(html, "Machine", config.machineType());
    fact(html, "RAM", Sizes.text(BigInteger.valueOf(config.ramSize())));
    fact(html, "vCPUs", String.valueOf(config.vcpus()));
    fact(html, "VFIO devices", String.valueOf(vm.vfioDevices().size()));
    fact(html, "vIOMMU", vm.virtualIommuType().orElse("none"));
    html.close();
  }

  private static void fact(HtmlWriter html, String name, String value) {
    html.open("div").element("dt", name).element("dd", value).close();
  }
}
