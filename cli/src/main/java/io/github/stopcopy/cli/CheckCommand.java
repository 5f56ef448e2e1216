package io.github.stopcopy.cli;

import io.github.stopcopy.cli.FormatOption.Format;
import io.github.stopcopy.cli.html.VerdictPage;
import io.github.stopcopy.cli.report.AddressSpacePicture;
import io.github.stopcopy.cli.report.CheckList;
import io.github.stopcopy.cli.report.ComparisonLines;
import io.github.stopcopy.cli.report.ProfileReport;
import io.github.stopcopy.cli.report.ProfileTable;
import io.github.stopcopy.cli.report.ProofLines;
import io.github.stopcopy.cli.report.TextReport;
import io.github.stopcopy.core.error.InputException;
import io.github.stopcopy.core.plugin.Plugins;
import io.github.stopcopy.core.profile.QemuProfile;
import io.github.stopcopy.json.ConditionJson;
import io.github.stopcopy.json.SarifJson;
import io.github.stopcopy.json.VerdictJson;
import io.github.stopcopy.migration.BlockerComparison;
import io.github.stopcopy.migration.MigrationCheck;
import io.github.stopcopy.migration.Played;
import io.github.stopcopy.migration.Proof;
import io.github.stopcopy.migration.RuleSets;
import io.github.stopcopy.migration.Verdict;
import io.github.stopcopy.migration.VerdictKind;
import io.github.stopcopy.migration.WhatIf;
import io.github.stopcopy.migration.WhatIfGoal;
import io.github.stopcopy.migration.vm.ListenerRequest;
import java.io.PrintWriter;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;

/** {@code stopcopy check}: one VM, booted and migrated on the model, and the answer explained. */
final class CheckCommand implements Subcommand {

  /** With more VFIO devices a page would wait too long for what would change the answer. */
  private static final int MOST_SEARCHED = 64;

  private final AskedVm vm = new AskedVm();

  private final OptionSpec strict =
      Options.flag("--strict", "exit with 1 for a conditional verdict too");

  private final OptionSpec quiet = Options.flag("--quiet", "print the verdict and its causes only");

  private final OptionSpec checks =
      Options.flag(
          "--checks", "also print a line for each question that was asked, and what was read");

  private final OptionSpec picture =
      Options.flag(
          "--picture",
          "also draw what devices see and what of it is tracked, in 80 columns of text");

  private final ReportOption report = new ReportOption();

  private final ProveOption prove = new ProveOption();

  private final AdviceOptions advice = new AdviceOptions();

  private final ListenerOptions listeners = new ListenerOptions();

  private final PluginOptions pluginOptions = new PluginOptions();

  private final FormatOption format = new FormatOption();

  private final CommandSpec spec =
      Options.command(this, "Decide whether one VM can be live-migrated, and explain.");

  /** The QEMU that is to show the verdict. */
  private Optional<VmProof> proof = Optional.empty();

  CheckCommand() {
    spec.usageMessage().sortOptions(false);
    vm.addTo(spec);
    spec.addOption(strict);
    spec.addOption(quiet);
    spec.addOption(checks);
    spec.addOption(picture);
    report.addTo(spec);
    prove.addTo(spec);
    advice.addTo(spec);
    listeners.addTo(spec);
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
    try {
      return decide();
    } finally {
      proof.ifPresent(VmProof::close);
    }
  }

  private int decide() throws InputException {
    Format answer = format.oneOf(Format.TEXT, Format.JSON, Format.CONDITION, Format.SARIF);
    boolean json = answer == Format.JSON;
    refuseWhatDoesNotFit(answer);
    report.check();
    PluginOptions.Found found =
        pluginOptions.load(vm.trackers(), listeners, advice.namesRuleSets());
    Plugins plugins = found.plugins();
    RuleSets rules = found.rules();
    List<ListenerRequest> observing = listeners.requests(plugins);
    PrintWriter out = spec.commandLine().getOut();
    PrintWriter err = spec.commandLine().getErr();
    Set<String> printed = Problems.printPlugins(err, plugins, rules);
    if (prove.program().isPresent()) {
      proof = Optional.of(VmProof.open(prove.program().get(), found));
      vm.shownBy(proof.get().profile());
    }
    vm.read(plugins, rules);
    ScenarioOptions options = vm.options();
    if (options.isSeveralProfiles()) {
      ProfileReport profiles = new ProfileReport(options.isAllProfiles());
      Verdict deciding = null;
      for (QemuProfile.Choice choice : options.profiles()) {
        MigrationCheck check = vm.check(choice).remedies(!Options.isGiven(quiet));
        observing.forEach(check::listener);
        Verdict verdict = vm.play(check).verdict();
        Problems.printNew(err, verdict.problems(), printed);
        profiles.put(verdict);
        if (!options.isAllProfiles() || choice.profile() == vm.defaultProfile()) {
          deciding = verdict;
        }
      }
      if (json) {
        out.print(profiles.json() + "\n");
      } else {
        out.print(
            Options.isGiven(quiet) ? ProfileTable.causes(profiles) : ProfileTable.write(profiles));
      }
      return isPositive(Objects.requireNonNull(deciding)) ? ExitCode.DONE : ExitCode.NEGATIVE;
    }
    MigrationCheck check =
        vm.check()
            .trackingCosts(
                report.isGiven() || !Options.isGiven(quiet) && answer != Format.CONDITION)
            .remedies(report.isGiven() || !Options.isGiven(quiet) && answer != Format.CONDITION);
    observing.forEach(check::listener);
    advice.addTo(check, rules, answer == Format.SARIF);
    Played played = vm.play(check);
    Verdict verdict = played.verdict();
    Problems.printNew(err, verdict.problems(), printed);
    Optional<BlockerComparison> actual =
        vm.isAsItRuns() ? vm.live().map(qemu -> qemu.compare(verdict)) : Optional.empty();
    Optional<Proof> shown = Optional.empty();
    if (proof.isPresent()) {
      shown = Optional.of(proof.get().prove(vm.argv(), played.story().scenario(), verdict));
    }
    if (answer == Format.CONDITION) {
      out.print(ConditionJson.write(verdict) + "\n");
    } else if (answer == Format.SARIF) {
      out.print(SarifJson.write(verdict, VersionProvider.number(), vm.describedIn()) + "\n");
    } else if (json) {
      out.print(
          VerdictJson.write(
                  verdict,
                  actual,
                  shown,
                  Options.isGiven(checks) ? Optional.of(played.questions()) : Optional.empty(),
                  vm.digests())
              + "\n");
    } else {
      out.print(Options.isGiven(quiet) ? TextReport.causes(played) : TextReport.write(played));
      actual.ifPresent(compared ->
          out.print(ComparisonLines.write(compared, vm.live().orElseThrow().version())));
      shown.ifPresent(what -> out.print(ProofLines.write(what)));
      if (Options.isGiven(picture)) {
        out.print(AddressSpacePicture.write(played));
      }
      if (Options.isGiven(checks)) {
        out.print(CheckList.write(played, vm.digests(), VersionProvider.version()));
      }
    }
    if (report.isGiven()) {
      out.flush();
      report.write(page(played, actual));
    }
    boolean differs = actual.isPresent() && !actual.get().agrees();
    differs |= shown.isPresent() && shown.get().result() != Proof.Result.AGREES;
    return isPositive(verdict) && !differs ? ExitCode.DONE : ExitCode.NEGATIVE;
  }

  private void refuseWhatDoesNotFit(Format answer) throws InputException {
    boolean isText = answer == Format.TEXT;
    boolean isForOneVm = answer == Format.CONDITION || answer == Format.SARIF;
    prove.check(vm.isLive(), !vm.options().isSeveralProfiles() && !isForOneVm, vm.isAsDescribed());
    if (vm.options().isSeveralProfiles()) {
      refuse(Options.isGiven(checks), "--checks", "several releases");
      refuse(Options.isGiven(picture), "--picture", "several releases");
      refuse(isForOneVm, "--format " + answer, "several releases");
      refuse(report.isGiven(), "--report", "several releases");
      refuse(advice.isGiven(), advice.text(), "several releases");
    }
    if (Options.isGiven(quiet)) {
      refuse(Options.isGiven(checks), "--checks", "--quiet");
      refuse(Options.isGiven(picture), "--picture", "--quiet");
      refuse(report.isGiven(), "--report", "--quiet");
      refuse(advice.isGiven(), advice.text(), "--quiet");
    }
    refuse(Options.isGiven(checks) && isForOneVm, "--checks", "--format " + answer);
    refuse(Options.isGiven(picture) && !isText, "--picture", "--format " + answer);
    refuse(advice.isGiven() && answer == Format.CONDITION, advice.text(), "--format " + answer);
  }

  /** Refuses what is given and does not go with something else. */
  private static void refuse(boolean given, String option, String other) throws InputException {
    if (given) {
      throw InputException.of(option + " is given with " + other + ", expected one of them");
    }
  }

  private String page(Played played, Optional<BlockerComparison> actual) throws InputException {
    VerdictPage page = new VerdictPage(played, VersionProvider.version()).files(vm.digests());
    actual.ifPresent(compared -> page.running(compared, vm.live().orElseThrow().version()));
    int devices = played.story().vm().vfioDevices().size();
    if (played.verdict().kind() == VerdictKind.MIGRATABLE) {
      return page.write();
    } else if (devices > MOST_SEARCHED) {
      return page.notSearched(
              "Not looked for here, as there are "
                  + devices
                  + " VFIO devices; stopcopy what-if takes longer and tells it.")
          .write();
    }
    WhatIf found = vm.check().whatIf(WhatIfGoal.MIGRATABLE);
    page.whatIf(found, WhatIfDiffs.of(vm, found));
    return page.write();
  }

  private boolean isPositive(Verdict verdict) {
    return verdict.kind().isPositive()
        && !(Options.isGiven(strict) && verdict.kind() == VerdictKind.CONDITIONAL);
  }
}
