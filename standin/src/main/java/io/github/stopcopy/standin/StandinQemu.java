package io.github.stopcopy.standin;

import io.github.stopcopy.core.error.InputException;
import io.github.stopcopy.live.qmp.QmpValue;
import io.github.stopcopy.migration.scenario.Scenario;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * A real QEMU on the stand-in kernel that stays, for programs that look at a running VM: with a QMP
 * socket of their own beside the one through which the steps of a scenario are played, one at a
 * time. Not thread-safe; the other client may be in another thread or process.
 *
 * <pre>{@code
 * try (StandinSession session = StandinSession.open();
 *     StandinQemu qemu = StandinQemu.start(session, binary, library, json, scenario)) {
 *   qemu.playNext(); // boots
 *   try (QmpClient client = QmpClient.connect(qemu.qmp())) { ... }
 * }
 * }</pre>
 */
public final class StandinQemu implements AutoCloseable {

  private static final String SOCKET = "client.qmp";

  private final QemuRun qemu;
  private final StepPlayer player;
  private final Scene scene;
  private StepRecord last = new StepRecord("");
  private int played;

  private StandinQemu(QemuRun qemu, StepPlayer player, Scene scene) {
    this.qemu = qemu;
    this.player = player;
    this.scene = scene;
  }

  /**
   * Starts the QEMU of a scenario; none of its steps is played yet.
   *
   * @param session what all is started in, which ends it at the latest
   * @param binary the QEMU
   * @param library the stand-in
   * @param json the scenario as JSON
   * @param scenario the same, read
   * @throws InputException if something in it cannot be played on a real QEMU
   * @throws IOException if QEMU cannot be started, or its files cannot be written
   */
  public static StandinQemu start(
      StandinSession session,
      QemuBinary binary,
      StandinLibrary library,
      QmpValue json,
      Scenario scenario)
      throws InputException, IOException {
    Scene plain = Scene.of(json, scenario, binary.kvm(), Optional.empty());
    List<String> argv = new ArrayList<>(plain.argv());
    argv.add("-qmp");
    argv.add("unix:" + Scene.FOLDER + "/" + SOCKET + ",server=on,wait=off");
    Scene scene = new Scene(plain.json(), plain.scenario(), argv, plain.devices());
    QemuRun qemu = QemuRun.start(session, binary, library, scene);
    return new StandinQemu(qemu, new StepPlayer(qemu, scene, binary), scene);
  }

  /** The QMP socket for another client; it is there once the first step, the boot, is played. */
  public Path qmp() {
    return Path.of(qemu.folder(), SOCKET);
  }

  /** The process that was started: QEMU, or a script that starts it. */
  public long pid() {
    return qemu.pid();
  }

  /** Whether there is a step that has not been played. */
  public boolean hasNext() {
    return played < scene.scenario().steps().size();
  }

  /**
   * Plays the next step and waits until QEMU has done it.
   *
   * @return what QEMU did, as {@code stopcopy run} answers a step
   * @throws IOException if QEMU ends or hangs
   * @throws IllegalStateException if there is no step left
   */
  public QmpValue playNext() throws IOException {
    if (!hasNext()) {
      throw new IllegalStateException("all steps are played");
    }
    StepRecord record = new StepRecord(scene.scenario().steps().get(played).name());
    try {
      player.play(played++, record, last);
      qemu.collect(record);
    } catch (QemuRun.Ended ended) {
      qemu.take(record);
      throw new IOException(
          "QEMU ended or hangs ("
              + ended.getMessage()
              + "): "
              + record.answer(qemu.argv(), qemu.folder()),
          ended);
    }
    last = record;
    return record.answer(qemu.argv(), qemu.folder());
  }

  /** Ends QEMU, by force, and deletes its files. */
  @Override
  public void close() throws IOException {
    qemu.close();
  }
}
