package io.github.stopcopy.cli.html;

import io.github.stopcopy.cli.report.FleetWords;
import io.github.stopcopy.migration.VerdictKind;
import io.github.stopcopy.migration.fleet.FleetChange;
import io.github.stopcopy.migration.fleet.FleetRow;
import io.github.stopcopy.migration.fleet.FleetSummary;
import io.github.stopcopy.migration.fleet.FleetSummary.Cause;
import io.github.stopcopy.migration.fleet.FleetSummary.Count;
import io.github.stopcopy.migration.fleet.FleetSummary.Freeing;
import io.github.stopcopy.migration.reason.ReasonKind;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;

/**
 * The page about a fleet of any length: its numbers, and the first VMs that do not move or are
 * unknown, or with something to compare with those that are newly worse. It keeps the words of so
 * many VMs only, and says how many it leaves out. Not thread-safe.
 */
public final class FleetPage {

  /** How many VMs a table names at most. */
  public static final int MOST_VMS = 1000;

  /** How many nodes are told at most; all are counted. */
  private static final int MOST_NODES = 1000;

  /** The headings of columns of numbers. */
  private static final Set<String> NUMBERS =
      Set.of("Frees", "VMs", "Devices", "Migratable", "Conditional", "Cannot", "Unknown");

  private final String source;
  private final String version;
  private final boolean compares;
  private final List<Row> stuck = new ArrayList<>();
  private final List<Row> unknown = new ArrayList<>();
  private long stuckCount;
  private long unknownCount;

  /** What the page says of a VM, cut to what it shows; the answer itself is not kept. */
  private record Row(
      String id, String node, Optional<VerdictKind> verdict, String earlier, String why) {

    static Row of(FleetRow row) {
      return new Row(
          HtmlWriter.cut(row.id()),
          HtmlWriter.cut(row.node()),
          row.verdict(),
          row.earlier().map(FleetWords::earlier).orElse(""),
          HtmlWriter.cut(row.verdict().isPresent() ? FleetWords.causes(row) : row.error()));
    }
  }

  /**
   * A page without VMs.
   *
   * @param source where they come from
   * @param version of the command
   * @param compares whether there is something to compare with, so that only VMs are named that are
   *     worse off
   */
  public FleetPage(String source, String version, boolean compares) {
    this.source = source;
    this.version = version;
    this.compares = compares;
  }

  /** Takes the answer about one VM. */
  public void add(FleetRow row) {
    if (compares ? !row.isNewlyWorse() : row.canMove()) {
      return;
    }
    boolean isUnknown = row.verdict().isEmpty();
    List<Row> named = isUnknown ? unknown : stuck;
    if (isUnknown) {
      unknownCount++;
    } else {
      stuckCount++;
    }
    if (named.size() < MOST_VMS) {
      named.add(Row.of(row));
    }
  }

  /**
   * The whole page.
   *
   * @param summary the numbers
   * @param isReleaseAssumed whether the release of a VM is nobody's word
   * @param quiet whether only numbers and causes are wanted
   */
  public String write(FleetSummary summary, boolean isReleaseAssumed, boolean quiet) {
    String moves = FleetWords.canMove(summary, isReleaseAssumed);
    Optional<String> worse = FleetWords.newlyWorse(summary);
    Page page =
        new Page(
            worse.orElse(moves),
            version,
            head -> {
              head.element(
                  "p", "stopcopy, live migration of the VMs in " + source, "class", "brand");
              head.open("div", "class", "verdict " + tone(summary));
              head.element("h1", worse.orElse(moves), "class", "answer").close();
              worse.ifPresent(told -> head.element("p", moves));
              facts(head, summary.all());
            });
    if (!quiet && !summary.changes().isEmpty()) {
      page.add("frees", "What frees most VMs", html -> changes(html, summary));
    }
    causes(page, summary, false);
    causes(page, summary, true);
    if (!quiet) {
      List<Count> nodes = FleetWords.nodes(summary);
      if (!nodes.isEmpty()) {
        page.add("nodes", "By node", html -> nodes(html, nodes));
      }
      named(page);
    }
    return page.write();
  }

  /** The class that gives the answer its colour: that of what is worst. */
  private String tone(FleetSummary summary) {
    Count all = summary.all();
    boolean isBad = compares ? summary.newlyStuck() > 0 : all.canMove() < all.vms();
    boolean isIf = compares ? summary.newlyWorse().orElse(0L) > 0 : all.conditional() > 0;
    return isBad ? "bad" : isIf ? "if" : "good";
  }

  private static void facts(HtmlWriter html, Count all) {
    html.open("dl", "class", "facts");
    fact(html, "VMs", all.vms());
    fact(html, VerdictKind.MIGRATABLE.word(), all.migratable());
    fact(html, VerdictKind.CONDITIONAL.word(), all.conditional());
    fact(html, VerdictKind.BLOCKED.word(), all.blocked());
    fact(html, VerdictKind.REFUSED.word(), all.refused());
    fact(html, VerdictKind.FAILED.word(), all.failed());
    fact(html, "unknown", all.unknown());
    html.close();
  }

  private static void fact(HtmlWriter html, String name, long count) {
    html.open("div").element("dt", name).element("dd", FleetWords.number(count)).close();
  }

  private static void changes(HtmlWriter html, FleetSummary summary) {
    html.element(
        "p",
        "Of "
            + FleetWords.vms(summary.all().cannotMove())
            + " that cannot move. Each change"
            + " was played on the model for each VM that it is counted for.");
    table(
        html,
        "Changes",
        List.of("Change", "Frees", "Needs"),
        body -> {
          for (Freeing freeing : summary.changes()) {
            body.open("tr").open("th", "scope", "row");
            change(body, freeing.change()).close();
            number(body, freeing.vms());
            body.element("td", needs(freeing.change())).close();
          }
        });
  }

  private static HtmlWriter change(HtmlWriter html, FleetChange change) {
    return change.command().isPresent()
        ? html.element("code", change.toString())
        : html.text(change.toString());
  }

  private static String needs(FleetChange change) {
    String needs = FleetWords.needs(change);
    return needs.isEmpty() ? "nothing: the running VM takes it" : needs;
  }

  private static void causes(Page page, FleetSummary summary, boolean conditions) {
    List<Cause> causes =
        summary.causes().stream()
            .filter(cause -> (cause.kind() == ReasonKind.CONDITION) == conditions)
            .toList();
    if (!causes.isEmpty()) {
      page.add(
          conditions ? "depends" : "why",
          conditions ? "What it depends on" : "Why VMs do not move",
          html -> causes(html, causes, conditions));
    }
  }

  private static void causes(HtmlWriter html, List<Cause> causes, boolean conditions) {
    table(
        html,
        conditions ? "Conditions, the most frequent first" : "Causes, the most frequent first",
        List.of("Code", "VMs", "Devices", "Such as", "Frees most of them"),
        body -> {
          for (Cause cause : causes) {
            body.open("tr").open("th", "scope", "row").element("code", cause.code()).close();
            number(body, cause.vms());
            number(body, cause.devices());
            body.element("td", String.join(", ", cause.examples())).open("td");
            cause
                .change()
                .ifPresent(freeing ->
                    change(body.text(FleetWords.number(freeing.vms()) + ": "), freeing.change())
                        .text(" (" + needs(freeing.change()) + ")"));
            body.close().close();
          }
        });
    html.open("p", "class", "soft").text("What a code means, ");
    html.element("code", "stopcopy explain CODE").text(" tells.").close();
  }

  private static void nodes(HtmlWriter html, List<Count> nodes) {
    int[] left = new int[1];
    table(
        html,
        "The node with the most VMs that do not move first",
        List.of("Node", "Migratable", "Conditional", "Cannot", "Unknown"),
        body ->
            left[0] =
                body.each(
                    nodes,
                    MOST_NODES,
                    node -> {
                      body.open("tr").element("th", FleetWords.node(node), "scope", "row");
                      number(body, node.migratable());
                      number(body, node.conditional());
                      number(body, node.cannotMove());
                      number(body, node.unknown());
                      body.close();
                    }));
    LeftOut.write(html, "p", left[0], "nodes");
  }

  private void named(Page page) {
    if (stuckCount > 0) {
      page.add(
          "vms",
          compares ? "VMs that are newly worse" : "VMs that do not move",
          html -> rows(html, stuck, stuckCount, "Because of"));
    }
    if (unknownCount > 0) {
      page.add(
          "unknown",
          compares ? "VMs that are newly unknown" : "VMs that are unknown",
          html -> rows(html, unknown, unknownCount, "What is wrong"));
    }
  }

  private void rows(HtmlWriter html, List<Row> rows, long of, String why) {
    List<String> columns = new ArrayList<>(List.of("VM", "Node", "Verdict"));
    if (compares) {
      columns.add("Before");
    }
    columns.add(why);
    int[] left = new int[1];
    table(
        html,
        rows.size() == of
            ? FleetWords.vms(of) + ", in the order of the input"
            : "The first " + FleetWords.number(rows.size()) + " of " + FleetWords.vms(of),
        columns,
        body -> left[0] = body.each(rows, MOST_VMS, row -> row(body, row)));
    long more = of - rows.size() + left[0];
    if (more > 0) {
      html.element(
          "p",
          "and " + FleetWords.number(more) + " more VMs, left out here; --format json tells all",
          "class",
          "soft");
    }
  }

  private void row(HtmlWriter html, Row row) {
    html.open("tr").element("th", row.id, "scope", "row").element("td", row.node);
    html.element(
        "td",
        row.verdict.map(VerdictKind::word).orElse("unknown"),
        "class",
        row.verdict.map(AnswerHead::tone).orElse("bad"));
    if (compares) {
      html.element("td", row.earlier);
    }
    html.element("td", row.why).close();
  }

  private static void number(HtmlWriter html, long count) {
    html.element("td", FleetWords.number(count), "class", "number");
  }

  /** A table in a box that scrolls. */
  private static void table(
      HtmlWriter html, String caption, List<String> columns, Consumer<HtmlWriter> rows) {
    html.open("div", "class", "scroll", "tabindex", "0", "role", "region", "aria-label", caption);
    html.open("table").element("caption", caption).open("thead").open("tr");
    for (String column : columns) {
      html.element("th", column, "scope", "col", "class", NUMBERS.contains(column) ? "number" : "");
    }
    html.close().close().open("tbody");
    rows.accept(html);
    html.close().close().close();
  }
}
