package io.github.stopcopy.cli.html;

import io.github.stopcopy.cli.report.CheckList;
import io.github.stopcopy.cli.report.ComparisonLines;
import io.github.stopcopy.json.InputDigest;
import io.github.stopcopy.migration.BlockerComparison;
import io.github.stopcopy.migration.Played;
import io.github.stopcopy.migration.Proposal;
import io.github.stopcopy.migration.Verdict;
import io.github.stopcopy.migration.WhatIf;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;

/** The page about one VM: what text reports tell, with pictures. */
public final class VerdictPage {

  private final Played played;
  private final String version;
  private final List<InputDigest> files = new ArrayList<>();
  private final List<String> running = new ArrayList<>();
  private final List<String> seen = new ArrayList<>();
  private Optional<Consumer<HtmlWriter>> whatIf = Optional.empty();

  /**
   * A page about what was played.
   *
   * @param version of the command
   */
  public VerdictPage(Played played, String version) {
    this.played = played;
    this.version = version;
  }

  /** What was read. */
  public VerdictPage files(List<InputDigest> read) {
    files.addAll(read);
    return this;
  }

  /**
   * What the running QEMU says.
   *
   * @param qemu its version
   */
  public VerdictPage running(BlockerComparison comparison, String qemu) {
    running.addAll(ComparisonLines.write(comparison, qemu).strip().lines().toList());
    return this;
  }

  /** What a watch saw, a line each. */
  public VerdictPage seen(List<String> lines) {
    seen.addAll(lines);
    return this;
  }

  /**
   * What would change the answer.
   *
   * @param diffs unified diffs of the domain's XML for some of the proposals
   */
  public VerdictPage whatIf(WhatIf found, Map<Proposal, String> diffs) {
    whatIf = Optional.of(html -> WhatIfSection.write(html, found, diffs));
    return this;
  }

  /** Says in place of that why nobody looked for it. */
  public VerdictPage notSearched(String why) {
    whatIf = Optional.of(html -> html.element("p", why));
    return this;
  }

  /** The whole page. */
  public String write() {
    Verdict verdict = played.verdict();
    String what = files.isEmpty() ? played.story().scenario().id() : files.get(0).file();
    Page page =
        new Page(
            verdict.kind() + ": " + what,
            version,
            head -> {
              head.element("p", "stopcopy, live migration of " + what, "class", "brand");
              AnswerHead.write(head, played, "h1");
            });
    Contents.add(page::add, played, whatIf);
    if (!running.isEmpty()) {
      page.add(
          "running", "What the running QEMU says", html -> html.open("pre").lines(running).close());
    }
    if (!seen.isEmpty()) {
      page.add("seen", "What was seen", html -> html.open("pre").lines(seen).close());
    }
    page.add("asked", "What was asked", html -> FactSections.questions(html, played));
    page.add(
        "decided",
        "Decided from",
        html -> FactSections.list(html, CheckList.decidedFrom(verdict, files, version), "files"));
    return page.write();
  }
}
