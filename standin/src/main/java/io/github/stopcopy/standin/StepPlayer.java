package io.github.stopcopy.standin;

import io.github.stopcopy.core.config.DeviceConfig;
import io.github.stopcopy.live.qmp.QmpAnswer;
import io.github.stopcopy.live.qmp.QmpCommand;
import io.github.stopcopy.live.qmp.QmpValue;
import io.github.stopcopy.migration.scenario.Step;
import java.io.IOException;
import java.math.BigInteger;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;

/** Plays the steps of one scenario on one QEMU. Not thread-safe. */
final class StepPlayer {

  private static final Set<String> ENDED = Set.of("completed", "failed", "cancelled", "none");
  private static final String ACTIVE = "active";
  private static final long SLOW = 4096;
  private static final long FAST = 1L << 40;
  private static final long USUAL_DOWNTIME_MILLIS = 300;

  /** Where every page is dirty all the time, a migration ends only if it may pause for long. */
  private static final long ANY_DOWNTIME_MILLIS = 2_000_000;

  private static final Duration UNPLUG = Duration.ofSeconds(4);
  private static final Duration MIGRATION = Duration.ofSeconds(90);
  private static final int POLL_MILLIS = 20;

  private final QemuRun qemu;
  private final Scene scene;
  private final QemuBinary binary;
  private final Map<Integer, Boolean> released = new HashMap<>();
  private final List<String> notes = new ArrayList<>();
  private Optional<String> mtree = Optional.empty();
  private Optional<VtdProgram> tables = Optional.empty();
  private boolean isUnfinished;

  StepPlayer(QemuRun qemu, Scene scene, QemuBinary binary) {
    this.qemu = qemu;
    this.scene = scene;
    this.binary = binary;
  }

  /** Where everything lay once the firmware had finished. */
  Optional<String> mtree() {
    return mtree;
  }

  /** Whether the guest let go of a device, by the step that unplugs it. */
  Map<Integer, Boolean> released() {
    return released;
  }

  List<String> notes() {
    return notes;
  }

  /** Whether a migration did not come to its end. */
  boolean isUnfinished() {
    return isUnfinished;
  }

  /**
   * Plays a step.
   *
   * @param index its number, from 0
   * @param record what is seen of it
   * @param before the step before, to which belongs what is printed late
   */
  void play(int index, StepRecord record, StepRecord before) throws QemuRun.Ended, IOException {
    Step step = scene.scenario().steps().get(index);
    if (step instanceof Step.Boot) {
      boot();
    } else if (step instanceof Step.DeviceAdd add) {
      record.commandError(qemu.execute(deviceAdd(add.device())).error());
    } else if (step instanceof Step.DeviceDel del) {
      unplug(index, del, record);
    } else if (step instanceof Step.Migrate migrate) {
      qemu.take(before);
      record.dmaMap(qemu.dmaMap());
      migrate(migrate, record);
    } else if (step instanceof Step.FinishMigration) {
      speed(FAST, ANY_DOWNTIME_MILLIS);
      awaitEnd();
    } else if (step instanceof Step.MigrateCancel) {
      record.commandError(qemu.execute(QmpCommand.of("migrate_cancel")).error());
      awaitEnd();
    } else if (step instanceof Step.MemoryAdd add) {
      record.commandError(memoryAdd(index, add));
    } else if (step instanceof Step.Viommu viommu) {
      try {
        program(viommu);
      } catch (IOException broken) {
        // It may still be about to die: what it leaves behind takes a while.
        boolean isHang = !qemu.qtest().isPeerGone() && qemu.isAlive();
        throw new QemuRun.Ended(String.valueOf(broken.getMessage()), isHang);
      }
    }
    if (record.isFollowedByQuery()) {
      qemu.collect(record);
      record.query(qemu.ask(QmpCommand.of("query-migrate")));
    }
  }

  private void boot() throws QemuRun.Ended, IOException {
    qemu.connect(scene.programsViommu());
    Firmware.Settled settled = Firmware.await(qemu, scene);
    mtree = Optional.of(settled.mtree());
    settled.note().ifPresent(notes::add);
  }

  /** With true and false where this binary has a switch: only then does QMP take it. */
  private QmpCommand deviceAdd(DeviceConfig device) {
    QmpCommand command = QmpCommand.of("device_add");
    QmpValue arguments = Scene.arguments(device);
    Optional<String> host = Optional.empty();
    for (String key : arguments.keys()) {
      QmpValue value = arguments.get(key).orElseThrow();
      String text = value.text().orElse("");
      if (key.equals("sysfsdev") || key.equals("host")) {
        host = Optional.of(text);
      } else if (binary.booleans().contains(key) && (text.equals("on") || text.equals("off"))) {
        command = command.with(key, QmpValue.of(text.equals("on")));
      } else {
        command = command.with(key, value);
      }
    }
    if (host.isPresent()) {
      String word = Scene.standIn("vfio-pci,sysfsdev=" + host.get());
      String path = word.substring(word.indexOf('=') + 1).replace(Scene.FOLDER, qemu.folder());
      command = command.with("sysfsdev", path);
    }
    return command;
  }

  private void unplug(int index, Step.DeviceDel del, StepRecord record) throws QemuRun.Ended {
    Optional<String> error = qemu.execute(QmpCommand.of("device_del").with("id", del.id())).error();
    record.commandError(error);
    if (error.isEmpty()) {
      boolean isGone = qemu.awaitEvent("DEVICE_DELETED", del.id(), UNPLUG);
      if (isGone != del.released()) {
        notes.add(
            "step "
                + (index + 1)
                + ": the guest "
                + (isGone ? "lets" : "does not let")
                + " go of "
                + del.id()
                + ", and so the model's does");
        released.put(index, isGone);
      }
    }
  }

  private void migrate(Step.Migrate step, StepRecord record) throws QemuRun.Ended {
    List<QmpValue> capabilities = new ArrayList<>();
    for (String name : new TreeSet<>(step.capabilities())) {
      capabilities.add(capability(name));
    }
    if (scene.hasSharedFile() && !step.capabilities().contains("x-ignore-shared")) {
      capabilities.add(capability("x-ignore-shared"));
    }
    if (!capabilities.isEmpty()) {
      Optional<String> refused =
          qemu.execute(
                  QmpCommand.of("migrate-set-capabilities")
                      .with("capabilities", QmpValue.of(capabilities)))
              .error();
      if (refused.isPresent()) {
        record.commandError(refused);
        return;
      }
    }
    speed(step.hold() ? SLOW : FAST, step.hold() ? USUAL_DOWNTIME_MILLIS : ANY_DOWNTIME_MILLIS);
    Optional<String> error =
        qemu.execute(QmpCommand.of("migrate").with("uri", "exec:cat >/dev/null")).error();
    record.commandError(error);
    if (error.isEmpty() && step.hold()) {
      await(true);
    } else if (error.isEmpty()) {
      awaitEnd();
    }
  }

  private static QmpValue capability(String name) {
    Map<String, QmpValue> all = new LinkedHashMap<>();
    all.put("capability", QmpValue.of(name));
    all.put("state", QmpValue.of(true));
    return QmpValue.of(all);
  }

  private void speed(long bytesPerSecond, long downtimeMillis) throws QemuRun.Ended {
    qemu.execute(
        QmpCommand.of("migrate-set-parameters")
            .with("max-bandwidth", QmpValue.of(bytesPerSecond))
            .with("downtime-limit", QmpValue.of(downtimeMillis)));
  }

  private void awaitEnd() throws QemuRun.Ended {
    if (!await(false)) {
      isUnfinished = true;
    }
  }

  /** Waits until the migration has ended, or is active; false if that takes too long. */
  private boolean await(boolean activeIsEnough) throws QemuRun.Ended {
    long deadline = System.nanoTime() + MIGRATION.toNanos();
    while (true) {
      String status = qemu.ask(QmpCommand.of("query-migrate")).text("status").orElse("none");
      if (ENDED.contains(status) || activeIsEnough && status.equals(ACTIVE)) {
        return true;
      } else if (System.nanoTime() - deadline > 0) {
        return false;
      }
      QemuRun.sleep(POLL_MILLIS);
    }
  }

  private Optional<String> memoryAdd(int index, Step.MemoryAdd step) throws QemuRun.Ended {
    String memory = step.id() + "-memory-" + index;
    QmpAnswer object =
        qemu.execute(
            QmpCommand.of("object-add")
                .with("qom-type", "memory-backend-ram")
                .with("id", memory)
                .with("size", unsigned(step.size()))
                .with("reserve", QmpValue.of(false)));
    if (object.error().isPresent()) {
      return object.error();
    }
    QmpCommand dimm =
        QmpCommand.of("device_add")
            .with("driver", "pc-dimm")
            .with("id", step.id())
            .with("memdev", memory);
    if (step.at().isPresent()) {
      dimm = dimm.with("addr", unsigned(step.at().get()));
    }
    return qemu.execute(dimm).error();
  }

  private static QmpValue unsigned(long number) {
    return QmpValue.of(new BigInteger(Long.toUnsignedString(number)));
  }

  private void program(Step.Viommu step) throws QemuRun.Ended, IOException {
    VtdProgram program;
    if (tables.isPresent()) {
      program = tables.get();
    } else {
      program = new VtdProgram(qemu.qtest());
      tables = Optional.of(program);
    }
    switch (step.operation()) {
      case CONTEXT ->
          program.context(
              requester(step), step.mode().orElseThrow(), step.addressBits().orElse(48));
      case MAP -> program.map(requester(step), step.iova(), step.guestAddress(), step.pages());
      case UNMAP -> program.unmap(requester(step), step.iova(), step.pages());
      case ENABLE -> program.enable();
      case DISABLE -> program.disable();
      case SET_ROOT -> program.setRoot();
      case INVALIDATE -> program.invalidate();
      case ATTACH, DETACH -> throw new IOException("no step of the Intel vIOMMU");
    }
  }

  /** Bus, device and function of a device, as the guest sees it now. */
  private int requester(Step.Viommu step) throws QemuRun.Ended, IOException {
    String name = step.device().orElse("");
    String id = scene.idOf(name);
    for (QmpValue bus : qemu.ask(QmpCommand.of("query-pci")).elements()) {
      Optional<Integer> found = requester(bus, id);
      if (found.isPresent()) {
        return found.get();
      }
    }
    throw new IOException("there is no PCI device with the id '" + id + "' to program for");
  }

  private static Optional<Integer> requester(QmpValue bus, String id) {
    for (QmpValue device : bus.list("devices")) {
      if (device.text("qdev_id").orElse("").equals(id)) {
        long number =
            device.number("bus").orElse(0L) << 8
                | device.number("slot").orElse(0L) << 3
                | device.number("function").orElse(0L);
        return Optional.of((int) number);
      }
      Optional<QmpValue> bridge = device.get("pci_bridge");
      Optional<Integer> behind = bridge.flatMap(inner -> requester(inner, id));
      if (behind.isPresent()) {
        return behind;
      }
    }
    return Optional.empty();
  }

  /** Tells QEMU to end, which it may do without an answer. */
  void quit() {
    try {
      qemu.execute(QmpCommand.of("quit"));
    } catch (QemuRun.Ended thatIsWhatIsWanted) {
      // all that was to be seen of it has been seen
    }
  }
}
