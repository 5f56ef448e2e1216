package io.github.stopcopy.standin;

import io.github.stopcopy.core.config.VmConfigBuilder;
import io.github.stopcopy.core.error.InputException;
import io.github.stopcopy.core.host.Accelerator;
import io.github.stopcopy.live.qmp.QmpValue;
import io.github.stopcopy.migration.scenario.Scenario;
import io.github.stopcopy.migration.scenario.Step;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Starts a VM by its own command line on a real QEMU whose VFIO kernel is the stand-in, and walks
 * it through its steps, which end with a migration. Not thread-safe.
 */
public final class VmProver {

  /** Words of messages of which the model speaks. */
  private static final List<String> MODELLED =
      List.of("vfio", "iommu", "switchover-ack", "phys-bits too low");

  private final StandinSession session;
  private final QemuBinary binary;
  private final StandinLibrary library;

  /**
   * A prover.
   *
   * @param session what all is started in
   * @param binary the QEMU
   * @param library the stand-in
   */
  public VmProver(StandinSession session, QemuBinary binary, StandinLibrary library) {
    this.session = session;
    this.binary = binary;
    this.library = library;
  }

  /**
   * What a VM did.
   *
   * @param scenario what was played, with the unplugged devices that the guest really let go of,
   *     and with TCG and what its processors are where KVM could not be had
   * @param recording what QEMU did
   * @param changes what of the command line was left out or replaced, a line each
   */
  public record Shown(Scenario scenario, Recording recording, List<String> changes) {

    /** Copies the list. */
    public Shown {
      changes = List.copyOf(changes);
    }
  }

  /**
   * Starts the VM and plays its steps. That QEMU refuses it, crashes or hangs is a result, no
   * error.
   *
   * @param argv the words of its command line, behind the program
   * @param scenario the VM that they describe, its host and what happens to it
   * @throws InputException if something in it cannot be played on a real QEMU here
   * @throws IOException if QEMU cannot be started, or its files cannot be written or read
   */
  public Shown show(List<String> argv, Scenario scenario) throws InputException, IOException {
    Scene.refuseUnplayable(scenario);
    ProofCommandLine.Rewritten line =
        ProofCommandLine.of(
            argv, scenario.vm(), scenario.host(), BinaryTypes.of(binary, session), binary);
    List<QmpValue> steps = new ArrayList<>();
    for (Step step : scenario.steps()) {
      steps.add(QmpValue.of(Map.of("do", QmpValue.of(step.name()))));
    }
    QmpValue json =
        QmpValue.of(Map.of("id", QmpValue.of(scenario.id()), "steps", QmpValue.of(steps)));
    Scene scene = new Scene(json, scenario, line.argv(), Scene.names(scenario));
    Recording recording =
        new ScenarioRecorder(session, binary, library, Optional.empty()).record(scene);
    Scenario went = asItWent(scenario, recording);
    boolean isTranslated = !binary.kvm() && ProofCommandLine.wantsKvm(went.vm(), went.host());
    return new Shown(
        isTranslated ? withoutKvm(went, line.argv()) : went, recording, line.changes());
  }

  private static Scenario asItWent(Scenario scenario, Recording recording) {
    List<QmpValue> played = recording.scenario().list("steps");
    List<Step> steps = new ArrayList<>(scenario.steps());
    for (int i = 0; i < steps.size(); i++) {
      Optional<Boolean> released = played.get(i).get("released").flatMap(QmpValue::bool);
      if (steps.get(i) instanceof Step.DeviceDel del && released.isPresent()) {
        steps.set(i, new Step.DeviceDel(del.id(), released.get()));
      }
    }
    return scenario.withSteps(steps);
  }

  /** What the model has to be asked where TCG runs the guest of a VM that wants KVM. */
  private static Scenario withoutKvm(Scenario scenario, List<String> argv) {
    VmConfigBuilder vm = scenario.vm().toBuilder().accelerator(Accelerator.TCG);
    vm.machineOption("kernel-irqchip", "off");
    if (scenario.vm().cpuModel().equals(Optional.of("host"))) {
      vm.cpuModel("max");
    }
    OptionText cpu = OptionText.parse(argv.get(argv.indexOf("-cpu") + 1), "model");
    if (cpu.has("phys-bits")) {
      vm.cpuOption("host-phys-bits", "off");
      vm.cpuOption("phys-bits", cpu.get("phys-bits").orElse(""));
    }
    return scenario.withVm(vm.build());
  }

  /**
   * Where what QEMU did and what the model says differ. What QEMU prints and the model does not
   * speak of, such as of devices without a back end, is left out.
   *
   * @param recording what QEMU did
   * @param answer what the model says to the same VM with that QEMU's memory layout, as JSON
   */
  public static List<AnswerComparison.Difference> differences(
      Recording recording, QmpValue answer) {
    List<QmpValue> steps = new ArrayList<>();
    List<QmpValue> said = answer.list("steps");
    for (int i = 0; i < recording.steps().size(); i++) {
      QmpValue model = i < said.size() ? said.get(i) : QmpValue.NO_KEYS;
      steps.add(modelled(recording.steps().get(i), model));
    }
    // mappings are compared where QEMU told its memory layout
    return AnswerComparison.compare(
        new Recording(recording.scenario(), steps, recording.outcome(), recording.notes()), answer);
  }

  private static QmpValue modelled(QmpValue step, QmpValue answer) {
    Map<String, QmpValue> all = new LinkedHashMap<>();
    for (String key : step.keys()) {
      QmpValue value = step.get(key).orElseThrow();
      if (List.of("errors", "warnings", "blocked-reasons").contains(key)) {
        List<QmpValue> predicted = answer.list(key);
        List<QmpValue> left =
            value.elements().stream()
                .filter(line -> predicted.contains(line) || isModelled(line.text().orElse("")))
                .toList();
        if (!left.isEmpty()) {
          all.put(key, QmpValue.of(left));
        }
      } else {
        all.put(key, value);
      }
    }
    return QmpValue.of(all);
  }

  private static boolean isModelled(String line) {
    String lower = line.toLowerCase(java.util.Locale.ROOT);
    return MODELLED.stream().anyMatch(lower::contains);
  }

  /**
   * Why a QEMU that did not start or refused to migrate says nothing about VFIO: what it printed,
   * which is of something else; empty if there is no such reason.
   */
  public static Optional<String> otherReason(Recording recording) {
    for (QmpValue step : recording.steps()) {
      boolean ended = step.number("exit-code").orElse(0L) != 0;
      List<String> texts = new ArrayList<>();
      if (ended) {
        step.list("errors").forEach(error -> error.text().ifPresent(texts::add));
      }
      step.list("blocked-reasons").forEach(reason -> reason.text().ifPresent(texts::add));
      if (!texts.isEmpty() && texts.stream().noneMatch(VmProver::isModelled)) {
        return Optional.of((ended ? "QEMU does not start: " : "") + String.join("; ", texts));
      } else if (ended && texts.isEmpty()) {
        return Optional.of("QEMU ended without a word");
      }
    }
    return Optional.empty();
  }
}
