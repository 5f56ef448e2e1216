package io.github.stopcopy.cli.html;

import io.github.stopcopy.cli.report.Headline;
import io.github.stopcopy.cli.report.Sizes;
import io.github.stopcopy.core.config.VmConfig;
import io.github.stopcopy.migration.Played;
import io.github.stopcopy.migration.VerdictKind;
import io.github.stopcopy.migration.vm.Vm;
import java.math.BigInteger;
import java.util.Locale;

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
    html.open(element, "class", "answer").element("span", kind.word(), "class", "word " + tone(kind));
    html.empty("br");
    html.text(sentence(Headline.meaning(played.verdict(), played.story()))).close().close();
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

  private static String sentence(String half) {
    return half.substring(0, 1).toUpperCase(Locale.ROOT) + half.substring(1) + ".";
  }

  private static void facts(HtmlWriter html, Played played) {
    Vm vm = played.story().vm();
    VmConfig config = played.story().scenario().vm();
    html.open("dl", "class", "facts");
    fact(html, "Release", Headline.release(played.verdict()));
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
