package io.github.stopcopy.cli;

import io.github.stopcopy.cli.FormatOption.Format;
import io.github.stopcopy.cli.patch.DomainPatch;
import io.github.stopcopy.cli.patch.UnifiedDiff;
import io.github.stopcopy.cli.report.WhatIfText;
import io.github.stopcopy.core.error.InputException;
import io.github.stopcopy.core.plugin.Plugins;
import io.github.stopcopy.json.WhatIfJson;
import io.github.stopcopy.migration.Proposal;
import io.github.stopcopy.migration.Reason;
import io.github.stopcopy.migration.RuleSets;
import io.github.stopcopy.migration.Verdict;
import io.github.stopcopy.migration.WhatIf;
import io.github.stopcopy.migration.WhatIfGoal;
import io.github.stopcopy.migration.remedy.RemedyChange;
import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code stopcopy what-if}: the smallest sets of changes that alter the verdict of one VM. */
@Command(
    mixinStandardHelpOptions = true,
    sortOptions = false,
    description = "Search the settings that can be changed for the smallest changes that help.")
final class WhatIfCommand implements Callable<Integer> {

  /** Each is checked by playing it; what comes behind so many is told as changes only. */
  private static final int MOST_DIFFS = 50;

  @Mixin private AskedVm vm = new AskedVm();

  @Option(
      names = "--goal",
      paramLabel = "GOAL",
      defaultValue = "migratable",
      description =
          "migratable (default); conditional: QEMU migrates it, perhaps under conditions; or"
              + " fewer-bytes: less to track")
  private String goal = "migratable";

  @Mixin private PluginOptions pluginOptions = new PluginOptions();

  @Mixin private FormatOption format = new FormatOption();

  @Spec private CommandSpec spec;

  @Override
  public Integer call() throws InputException {
    Format answer = format.oneOf(Format.TEXT, Format.JSON);
    WhatIfGoal wanted =
        WhatIfGoal.named(goal)
            .orElseThrow(() ->
                InputException.of(
                    "--goal is '" + goal + "', expected migratable, conditional or fewer-bytes"));
    PluginOptions.Found found = pluginOptions.load(vm.trackers(), new ListenerOptions(), false);
    Plugins plugins = found.plugins();
    RuleSets rules = found.rules();
    PrintWriter out = spec.commandLine().getOut();
    Problems.printPlugins(spec.commandLine().getErr(), plugins, rules);
    if (vm.options().isSeveralProfiles()) {
      throw InputException.of("--qemu-version names several releases, expected one");
    }
    vm.read(plugins, rules);
    WhatIf result = vm.check().whatIf(wanted);
    Map<Proposal, String> diffs = diffs(result);
    out.print(
        answer == Format.JSON
            ? WhatIfJson.write(result, diffs) + "\n"
            : WhatIfText.write(result, diffs));
    return result.verdict().kind().isPositive() ? ExitCode.DONE : ExitCode.NEGATIVE;
  }

  /** Patches of libvirt's XML; only those after which the XML has the answer that was promised. */
  private Map<Proposal, String> diffs(WhatIf result) throws InputException {
    Map<Proposal, String> diffs = new LinkedHashMap<>();
    if (vm.domainText().isEmpty()) {
      return diffs;
    }
    String xml = vm.domainText().get();
    DomainPatch patch = new DomainPatch(xml);
    List<Proposal> all = new ArrayList<>(result.proposals());
    all.addAll(result.closest());
    for (Proposal proposal : all.subList(0, Math.min(MOST_DIFFS, all.size()))) {
      Optional<String> patched = patch.with(proposal.changes(), proposal.libvirt());
      if (patched.isPresent() && isAsPromised(patched.get(), proposal)) {
        diffs.put(proposal, UnifiedDiff.of(vm.domainFile(), xml, patched.get()));
      }
    }
    return diffs;
  }

  private boolean isAsPromised(String xml, Proposal proposal) throws InputException {
    List<RemedyChange> notInXml =
        proposal.changes().stream().filter(change -> !DomainPatch.isInXml(change)).toList();
    Verdict then = vm.check(xml).apply(notInXml).remedies(false).decide();
    return then.kind() == proposal.verdict()
        && then.reasons().stream().map(Reason::code).distinct().toList().equals(proposal.codes());
  }
}
