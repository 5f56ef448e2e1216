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
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code stopcopy check}: one VM, booted and migrated on the model, and the answer explained. */
@Command(
    mixinStandardHelpOptions = true,
    sortOptions = false,
    description = "Decide whether one VM can be live-migrated, and explain.")
final class CheckCommand implements Callable<Integer> {

  /** With more VFIO devices a page would wait too long for what would change the answer. */
  private static final int MOST_SEARCHED = 64;

  @Mixin private AskedVm vm = new AskedVm();

  @Option(names = "--strict", description = "exit with 1 for a conditional verdict too")
  private boolean strict;

  @Option(names = "--quiet", description = "print the verdict and its causes only")
  private boolean quiet;

  @Option(
      names = "--checks",
      description = "also print a line for each question that was asked, and what was read")
  private boolean checks;

  @Option(
      names = "--picture",
      description = "also draw what devices see and what of it is tracked, in 80 columns of text")
  private boolean picture;

  @Mixin private ReportOption report = new ReportOption();

  @Mixin private ProveOption prove = new ProveOption();

  @Mixin private AdviceOptions advice = new AdviceOptions();

  @Mixin private ListenerOptions listeners = new ListenerOptions();

  @Mixin private PluginOptions pluginOptions = new PluginOptions();

  @Mixin private FormatOption format = new FormatOption();

  @Spec private CommandSpec spec;

  /** The QEMU that is to show the verdict. */
  private Optional<VmProof> proof = Optional.empty();

  @Override
  public Integer call() throws InputException {
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
        MigrationCheck check = vm.check(choice).remedies(!quiet);
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
        out.print(quiet ? ProfileTable.causes(profiles) : ProfileTable.write(profiles));
      }
      return isPositive(Objects.requireNonNull(deciding)) ? ExitCode.DONE : ExitCode.NEGATIVE;
    }
    MigrationCheck check =
        vm.check()
            .trackingCosts(report.isGiven() || !quiet && answer != Format.CONDITION)
            .remedies(report.isGiven() || !quiet && answer != Format.CONDITION);
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
                  checks ? Optional.of(played.questions()) : Optional.empty(),
                  vm.digests())
              + "\n");
    } else {
      out.print(quiet ? TextReport.causes(played) : TextReport.write(played));
      actual.ifPresent(compared ->
          out.print(ComparisonLines.write(compared, vm.live().orElseThrow().version())));
      shown.ifPresent(what -> out.print(ProofLines.write(what)));
      if (picture) {
        out.print(AddressSpacePicture.write(played));
      }
      if (checks) {
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
      refuse(checks, "--checks", "several releases");
      refuse(picture, "--picture", "several releases");
      refuse(isForOneVm, "--format " + answer, "several releases");
      refuse(report.isGiven(), "--report", "several releases");
      refuse(advice.isGiven(), advice.text(), "several releases");
    }
    if (quiet) {
      refuse(checks, "--checks", "--quiet");
      refuse(picture, "--picture", "--quiet");
      refuse(report.isGiven(), "--report", "--quiet");
      refuse(advice.isGiven(), advice.text(), "--quiet");
    }
    refuse(checks && isForOneVm, "--checks", "--format " + answer);
    refuse(picture && !isText, "--picture", "--format " + answer);
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
    return verdict.kind().isPositive() && !(strict && verdict.kind() == VerdictKind.CONDITIONAL);
  }
}
