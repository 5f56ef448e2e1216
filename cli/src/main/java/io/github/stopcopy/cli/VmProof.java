package io.github.stopcopy.cli;

import io.github.stopcopy.core.config.VmConfig;
import io.github.stopcopy.core.error.InputException;
import io.github.stopcopy.core.profile.QemuProfile;
import io.github.stopcopy.json.VerdictJson;
import io.github.stopcopy.live.qmp.QmpValue;
import io.github.stopcopy.migration.MigrationCheck;
import io.github.stopcopy.migration.Proof;
import io.github.stopcopy.migration.Reason;
import io.github.stopcopy.migration.Verdict;
import io.github.stopcopy.migration.VerdictKind;
import io.github.stopcopy.migration.reason.ReasonKind;
import io.github.stopcopy.migration.scenario.Scenario;
import io.github.stopcopy.qemu.mtree.MtreeReader;
import io.github.stopcopy.standin.AnswerComparison;
import io.github.stopcopy.standin.QemuBinary;
import io.github.stopcopy.standin.Recording;
import io.github.stopcopy.standin.StandinLibrary;
import io.github.stopcopy.standin.VmProver;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;

/** Shows the verdict about one VM on a real QEMU. */
final class VmProof implements AutoCloseable {

  private final PlayedSession session;
  private final QemuBinary binary;
  private final PluginOptions.Found plugins;

  private VmProof(PlayedSession session, QemuBinary binary, PluginOptions.Found plugins) {
    this.session = session;
    this.binary = binary;
    this.plugins = plugins;
  }

  /**
   * Finds the QEMU.
   *
   * @param program its path, or its name on the path
   * @throws InputException if there is none, or it is not one for x86
   */
  static VmProof open(String program, PluginOptions.Found plugins) throws InputException {
    PlayedSession session = PlayedSession.open();
    try {
      QemuBinary binary = QemuBinary.probe(program, Optional.empty(), session.session());
      return new VmProof(session, binary, plugins);
    } catch (InputException none) {
      session.close();
      throw none;
    }
  }

  /** The words of the command line in a scenario's JSON. */
  static List<String> words(String scenario) {
    try {
      QmpValue json = QmpValue.parse(scenario);
      return json.get("scenario").orElse(json).list("argv").stream()
          .flatMap(word -> word.text().stream())
          .toList();
    } catch (IOException readBefore) {
      throw new IllegalStateException(readBefore);
    }
  }

  /** The release that answers for that QEMU. */
  QemuProfile profile() {
    return binary.profile();
  }

  /**
   * Starts the VM and migrates it.
   *
   * @param argv the words of its command line
   * @param asked the VM as it was decided about, with all that was assumed of its host
   * @param verdict what was decided
   */
  Proof prove(List<String> argv, Scenario asked, Verdict verdict) throws InputException {
    Scenario scenario = asked.withProfile(binary.profile());
    List<String> unproven = new ArrayList<>();
    if (verdict.profile() != binary.profile()) {
      unproven.add(
          "the verdict is about "
              + verdict.profile().id()
              + ", and this QEMU is "
              + binary.profile().id()
              + ": what it does is held against what is predicted for "
              + binary.profile().id());
    }
    VmProver prover = new VmProver(session.session(), binary, StandinLibrary.inUserCache());
    try {
      Judged first = judge(prover.show(argv, scenario));
      Judged judged = first;
      List<String> notes = new ArrayList<>();
      if (!first.differences.isEmpty() && first.otherReason().isEmpty()) {
        judged = judge(prover.show(argv, scenario));
        if (judged.differences.isEmpty()) {
          notes.add("it differed once and agreed when it was played again: that is timing");
        }
      }
      if (!judged.shown.scenario().steps().equals(scenario.steps())) {
        unproven.add(
            "the guest here does something else than the one of the scenario, see the notes: what"
                + " QEMU does is held against what is predicted for that");
      }
      return proof(judged, asked, verdict, unproven, notes);
    } catch (InputException cannot) {
      unproven.add(cannot.problem());
      return new Proof(
          binary.version(),
          binary.profile(),
          accelerator(),
          Proof.Result.NOT_PROVEN,
          unproven,
          verdict.kind(),
          Optional.empty(),
          "[]",
          List.of(),
          List.of(),
          List.of());
    } catch (IOException failed) {
      throw InputException.of("QEMU cannot be run: " + failed.getMessage());
    }
  }

  private String accelerator() {
    return binary.kvm() ? "kvm" : "tcg";
  }

  private record Judged(
      VmProver.Shown shown, Verdict predicted, List<AnswerComparison.Difference> differences) {

    /** Why what QEMU did says nothing of what was predicted. */
    Optional<String> otherReason() {
      if (shown.recording().isKnownCrash()) {
        return Optional.of("QEMU crashed as it is known to");
      }
      boolean isBlocked = shown.recording().outcome() == Recording.Outcome.BLOCKED;
      return isBlocked && !predicted.kind().isPositive()
          ? Optional.empty()
          : VmProver.otherReason(shown.recording());
    }
  }

  /** Holds what QEMU did against the model with QEMU's own memory layout. */
  private Judged judge(VmProver.Shown shown) throws InputException {
    Scenario scenario = shown.scenario();
    Optional<String> dump =
        shown.recording().scenario().text("mtree").filter(text -> !text.isEmpty());
    VmConfig vm =
        dump.isPresent()
            ? MtreeReader.withFirmware(scenario.vm(), "info mtree -f", dump.get())
            : scenario.vm();
    Verdict verdict =
        MigrationCheck.of(scenario.withVm(vm))
            .plugins(plugins.plugins())
            .ruleSets(plugins.rules())
            .countLaterRefusals(true)
            .remedies(false)
            .decide();
    try {
      QmpValue answer = QmpValue.parse(VerdictJson.answer(scenario.id(), verdict));
      return new Judged(shown, verdict, VmProver.differences(shown.recording(), answer));
    } catch (IOException notItsOwn) {
      throw new IllegalStateException(notItsOwn);
    }
  }

  /** What stands in the way, whatever is only a condition. */
  private static Set<String> causes(Verdict verdict) {
    Set<String> causes = new TreeSet<>();
    for (Reason reason : verdict.reasons()) {
      if (reason.kind() != ReasonKind.CONDITION) {
        causes.add(reason.code() + " " + reason.device().orElse(""));
      }
    }
    return causes;
  }

  private Proof proof(
      Judged judged, Scenario asked, Verdict verdict, List<String> unproven, List<String> notes) {
    Recording recording = judged.shown.recording();
    List<Proof.Difference> differences = new ArrayList<>();
    for (AnswerComparison.Difference each : judged.differences) {
      int step = each.step().isPresent() ? each.step().getAsInt() + 1 : 0;
      differences.add(new Proof.Difference(each.aspect(), step, each.qemu(), each.model()));
    }
    VerdictKind predicted = judged.predicted.kind();
    boolean isTranslated =
        !judged.shown.scenario().vm().accelerator().equals(asked.vm().accelerator());
    if (unproven.isEmpty() && isTranslated && !causes(verdict).equals(causes(judged.predicted))) {
      unproven.add(
          "the verdict rests on KVM, which cannot be used here: what QEMU does is held against "
              + predicted.word()
              + ", as it is predicted for TCG");
    } else if (unproven.isEmpty() && verdict.kind().isPositive() != predicted.isPositive()) {
      differences.add(
          new Proof.Difference(
              "verdict",
              0,
              predicted.word() + " with the memory layout of this QEMU",
              verdict.kind().word()));
    }
    Optional<String> other = judged.otherReason();
    if (!differences.isEmpty() && other.isPresent()) {
      unproven.add(other.get());
      differences.clear();
    }
    notes.addAll(binary.notes());
    notes.addAll(recording.notes());
    Proof.Result result =
        !differences.isEmpty()
            ? Proof.Result.DIFFERS
            : unproven.isEmpty() ? Proof.Result.AGREES : Proof.Result.NOT_PROVEN;
    return new Proof(
        binary.version(),
        binary.profile(),
        accelerator(),
        result,
        unproven,
        predicted,
        Optional.of(recording.outcome().word()),
        QmpValue.of(recording.steps()).toString(),
        differences,
        judged.shown.changes(),
        notes);
  }

  @Override
  public void close() {
    session.close();
  }
}
