package io.github.stopcopy.standin;

import io.github.stopcopy.core.error.InputException;
import io.github.stopcopy.live.qmp.QmpValue;
import io.github.stopcopy.migration.scenario.Scenario;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;

/**
 * Plays scenarios on a real QEMU whose VFIO kernel is the stand-in, and records what it does. Each
 * scenario has a QEMU of its own, so that several threads may play at once.
 */
public final class ScenarioRecorder {

  /** What a recording notes if the binary writes no trace: then sections cannot be compared. */
  static final String NO_TRACE =
      "this QEMU writes no trace to a file, so that iommu-sections are not known";

  private final StandinSession session;
  private final QemuBinary binary;
  private final StandinLibrary library;
  private final Optional<String> vendor;

  /**
   * A recorder.
   *
   * @param session what all is started in
   * @param binary the QEMU
   * @param library the stand-in
   * @param vendor what the guests' processor calls itself where a scenario does not say, e.g.
   *     {@code AuthenticAMD}; empty: as QEMU has it, which with KVM is the vendor of this host.
   *     SeaBIOS places 64-bit BARs by it.
   */
  public ScenarioRecorder(
      StandinSession session, QemuBinary binary, StandinLibrary library, Optional<String> vendor) {
    this.session = session;
    this.binary = binary;
    this.library = library;
    this.vendor = vendor;
  }

  /**
   * Plays a scenario from its first to its last step, or until QEMU ends. That QEMU crashes or
   * hangs is a result, no error.
   *
   * @param json the scenario as JSON
   * @param scenario the same, read
   * @throws InputException if something in it cannot be played on a real QEMU
   * @throws IOException if QEMU cannot be started, or its files cannot be written or read
   */
  public Recording record(QmpValue json, Scenario scenario) throws InputException, IOException {
    return record(Scene.of(json, scenario, binary.kvm(), vendor));
  }

  /** Plays what is prepared already. */
  Recording record(Scene scene) throws IOException {
    Scenario scenario = scene.scenario();
    List<StepRecord> records = new ArrayList<>();
    List<String> notes = new ArrayList<>();
    Map<Integer, Boolean> released = new HashMap<>();
    Optional<String> mtree = Optional.empty();
    boolean isHung = false;
    OptionalInt exitCode = OptionalInt.empty();
    try (QemuRun qemu = QemuRun.start(session, binary, library, scene)) {
      StepPlayer player = new StepPlayer(qemu, scene, binary);
      try {
        for (int i = 0; i < scenario.steps().size(); i++) {
          StepRecord record = new StepRecord(scenario.steps().get(i).name());
          records.add(record);
          player.play(i, record, i == 0 ? record : records.get(i - 1));
          qemu.collect(record);
          if (!qemu.isAlive()) {
            throw new QemuRun.Ended("exited", false);
          }
        }
        isHung = player.isUnfinished();
        if (isHung) {
          notes.add("a migration did not end in time");
        }
        player.quit();
      } catch (QemuRun.Ended ended) {
        exitCode = ended.isHang() ? OptionalInt.empty() : qemu.exitCode();
        isHung = exitCode.isEmpty();
        notes.add(isHung ? "QEMU hangs: " + ended.getMessage() : endOf(exitCode.getAsInt()));
        StepRecord last = records.get(records.size() - 1);
        qemu.take(last);
        exitCode.ifPresent(last::exitCode);
      }
      mtree = player.mtree();
      released.putAll(player.released());
      notes.addAll(player.notes());
      if (records.stream().anyMatch(StepRecord::mapsAnything)
          && records.stream().noneMatch(StepRecord::hasTrace)) {
        notes.add(NO_TRACE);
      }
      List<QmpValue> answers = new ArrayList<>();
      for (StepRecord record : records) {
        answers.add(record.answer(qemu.argv(), qemu.folder()));
      }
      notes.addAll(KnownCrash.notes(exitCode.orElse(0), scenario, binary.profile(), records));
      return new Recording(
          scene.played(binary.profile().id(), mtree, released),
          answers,
          isHung ? Recording.Outcome.HUNG : outcome(exitCode, records),
          notes);
    }
  }

  private static String endOf(int exitCode) {
    return exitCode < 0 ? "QEMU ended by signal " + -exitCode : "QEMU ended, exit code " + exitCode;
  }

  private static Recording.Outcome outcome(OptionalInt exitCode, List<StepRecord> records) {
    boolean isAsked = records.stream().anyMatch(record -> record.status().isPresent());
    if (exitCode.isPresent()) {
      return exitCode.getAsInt() > 0 && !isAsked
          ? Recording.Outcome.REALIZE_ERROR
          : Recording.Outcome.QEMU_DIED;
    }
    Recording.Outcome last = Recording.Outcome.NO_MIGRATION;
    for (StepRecord record : records) {
      if (record.isMigrate()) {
        last = record.isRefused() ? Recording.Outcome.BLOCKED : of(record.status());
      } else if (record.endsMigration() && last != Recording.Outcome.BLOCKED) {
        last = of(record.status());
      }
    }
    return last;
  }

  private static Recording.Outcome of(Optional<String> status) {
    for (Recording.Outcome outcome : Recording.Outcome.values()) {
      if (status.equals(Optional.of(outcome.word()))) {
        return outcome;
      }
    }
    return Recording.Outcome.NO_MIGRATION;
  }
}
