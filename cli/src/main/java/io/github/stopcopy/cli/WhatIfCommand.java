package io.github.stopcopy.cli;

import io.github.stopcopy.cli.FormatOption.Format;
import io.github.stopcopy.cli.html.VerdictPage;
import io.github.stopcopy.cli.report.WhatIfText;
import io.github.stopcopy.core.error.InputException;
import io.github.stopcopy.core.plugin.Plugins;
import io.github.stopcopy.json.WhatIfJson;
import io.github.stopcopy.migration.Played;
import io.github.stopcopy.migration.Proposal;
import io.github.stopcopy.migration.RuleSets;
import io.github.stopcopy.migration.WhatIf;
import io.github.stopcopy.migration.WhatIfGoal;
import java.io.PrintWriter;
import java.util.Map;
import java.util.Optional;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;

/** {@code stopcopy what-if}: the smallest sets of changes that alter the verdict of one VM. */
final class WhatIfCommand implements Subcommand {

  private final AskedVm vm = new AskedVm();

  private final OptionSpec goal =
      Options.value(
              "--goal",
              "GOAL",
              "migratable (default); conditional: QEMU migrates it, perhaps under conditions; or"
                  + " fewer-bytes: less to track")
          .build();

  private final ReportOption report = new ReportOption();

  private final PluginOptions pluginOptions = new PluginOptions();

  private final FormatOption format = new FormatOption();

  private final CommandSpec spec =
      Options.command(
          this, "Search the settings that can be changed for the smallest changes that help.");

  WhatIfCommand() {
    spec.usageMessage().sortOptions(false);
    vm.addTo(spec);
    spec.addOption(goal);
    report.addTo(spec);
    pluginOptions.addTo(spec);
    format.addTo(spec);
    Options.addStandard(spec);
  }

  @Override
  public CommandSpec spec() {
    return spec;
  }

  @Override
  public int call() throws InputException {
    Format answer = format.oneOf(Format.TEXT, Format.JSON);
    String asked = Options.value(goal, "migratable");
    WhatIfGoal wanted =
        WhatIfGoal.named(asked)
            .orElseThrow(() ->
                InputException.of(
                    "--goal is '" + asked + "', expected migratable, conditional or fewer-bytes"));
    report.check();
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
    Optional<Played> played =
        report.isGiven() ? Optional.of(vm.play(vm.check().trackingCosts(true))) : Optional.empty();
    Map<Proposal, String> diffs = WhatIfDiffs.of(vm, result);
    out.print(
        answer == Format.JSON
            ? WhatIfJson.write(result, diffs) + "\n"
            : WhatIfText.write(result, diffs));
    if (played.isPresent()) {
      out.flush();
      report.write(
          new VerdictPage(played.get(), VersionProvider.version())
              .files(vm.digests())
              .whatIf(result, diffs)
              .write());
    }
    return result.verdict().kind().isPositive() ? ExitCode.DONE : ExitCode.NEGATIVE;
  }
}
