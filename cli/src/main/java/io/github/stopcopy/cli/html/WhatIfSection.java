package io.github.stopcopy.cli.html;

import io.github.stopcopy.cli.report.Sizes;
import io.github.stopcopy.cli.report.WhatIfText;
import io.github.stopcopy.migration.Proposal;
import io.github.stopcopy.migration.WhatIf;
import java.util.List;
import java.util.Map;

/** The smallest sets of changes that alter the verdict, a row each, and how they are made. */
final class WhatIfSection {

  private static final int MOST_SETS = 50;

  private WhatIfSection() {}

  /**
   * Writes the table, and below it what a user types or applies.
   *
   * @param diffs unified diffs of the domain's XML for some of the sets
   */
  static void write(HtmlWriter html, WhatIf found, Map<Proposal, String> diffs) {
    html.element("p", WhatIfText.outcome(found));
    List<Proposal> shown = found.proposals().isEmpty() ? found.closest() : found.proposals();
    if (!shown.isEmpty()) {
      table(html, shown);
      applying(html, shown, diffs);
    }
    html.element("p", WhatIfText.tried(found), "class", "soft small");
  }

  private static void table(HtmlWriter html, List<Proposal> shown) {
    String caption = "Sets of changes, the smallest and cheapest first";
    html.open("div", "class", "scroll", "tabindex", "0", "role", "region", "aria-label", caption);
    html.open("table").element("caption", caption).open("thead").open("tr");
    for (String column : List.of("Set", "Changes", "Then", "Needs", "If")) {
      html.element("th", column, "scope", "col");
    }
    html.close().close().open("tbody");
    int[] number = new int[1];
    int left =
        html.each(
            shown,
            MOST_SETS,
            proposal -> {
              html.open("tr").element("th", String.valueOf(++number[0]), "scope", "row");
              lines(html, proposal.texts(), "+ ");
              html.open("td")
                  .element(
                      "strong",
                      proposal.verdict().word(),
                      "class",
                      AnswerHead.tone(proposal.verdict()));
              proposal.codes().forEach(code -> html.text(" ").element("code", code));
              proposal
                  .trackedBytes()
                  .ifPresent(bytes -> html.text(", " + Sizes.text(bytes) + " tracked"));
              html.close();
              html.element("td", WhatIfText.needs(proposal));
              lines(html, proposal.assumes(), "");
              html.close();
            });
    html.close().close().close();
    LeftOut.write(html, "p", left, "sets");
  }

  private static void lines(HtmlWriter html, List<String> lines, String further) {
    html.open("td");
    for (int i = 0; i < lines.size(); i++) {
      if (i > 0) {
        html.empty("br");
      }
      html.text((i > 0 ? further : "") + lines.get(i));
    }
    html.close();
  }

  private static void applying(HtmlWriter html, List<Proposal> shown, Map<Proposal, String> diffs) {
    html.open("details").element("summary", "How they are tried and made");
    int[] number = new int[1];
    html.each(
        shown,
        MOST_SETS,
        proposal -> {
          number[0]++;
          String diff = diffs.get(proposal);
          if (proposal.command().isEmpty() && diff == null && proposal.libvirt().isEmpty()) {
            return;
          }
          html.element("p", "Set " + number[0]);
          proposal
              .command()
              .ifPresent(options ->
                  html.open("pre")
                      .lines(List.of(("stopcopy check \u2026 " + options).split(" (?=--)")))
                      .close());
          if (diff != null) {
            html.open("pre").lines(diff.lines().toList()).close();
          } else {
            proposal
                .libvirt()
                .ifPresent(xml -> html.open("pre").lines(xml.lines().toList()).close());
          }
        });
    html.close();
  }
}
