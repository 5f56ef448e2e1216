package io.github.stopcopy.live.watch;

import io.github.stopcopy.core.config.VmConfig;
import io.github.stopcopy.core.error.InputException;
import io.github.stopcopy.core.plugin.Plugins;
import io.github.stopcopy.live.LiveQemu;
import io.github.stopcopy.live.qmp.QmpAnswer;
import io.github.stopcopy.live.qmp.QmpClient;
import io.github.stopcopy.live.qmp.QmpCommand;
import io.github.stopcopy.live.qmp.QmpEvent;
import io.github.stopcopy.live.qmp.QmpSource;
import io.github.stopcopy.live.qmp.QmpValue;
import io.github.stopcopy.migration.Verdict;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Follows a VM by events of its QEMU and by asking it again and again. Nothing of the VM is changed
 * but by {@link #cancelMigration}; a watch that is given up leaves the VM as it was. Needs no
 * thread of its own; not thread-safe. The client belongs to the caller, who closes it.
 *
 * {@snippet file="LiveQemuTest.java" region="watch"}
 */
public final class Watch {

  /** How often QEMU is asked. */
  private static final Duration ASK_EVERY = Duration.ofSeconds(1);

  /** The events of devices and of the whole VM, of those that say all by themselves. */
  private static final Set<String> TOLD =
      Set.of(
          "DEVICE_DELETED",
          "DEVICE_UNPLUG_GUEST_ERROR",
          "FAILOVER_NEGOTIATED",
          "UNPLUG_PRIMARY",
          "MEMORY_DEVICE_SIZE_CHANGE",
          "GUEST_PANICKED",
          "POWERDOWN",
          "RESET",
          "SHUTDOWN");

  /** How long devices may take to get to their last states once a migration has ended. */
  private static final Duration LAST_WORDS = Duration.ofMillis(100);

  private static final int MOST_EVENTS_AT_ONCE = 1000;

  /** Where no migration is running. */
  private static final Set<String> ENDED = Set.of("none", "completed", "failed", "cancelled");

  private final QmpClient client;
  private final Plugins plugins;
  private final Judge judge;
  private final Optional<VmConfig> started;
  private final Deque<WatchChange> changes = new ArrayDeque<>();
  private final FailureReasons failures = new FailureReasons();
  private @Nullable String runState;
  private @Nullable String migration;
  private @Nullable MigrationProgress progress;
  private @Nullable VmFingerprint seen;
  private @Nullable Judged judged;
  private long askAt = System.nanoTime();
  private boolean isGone;

  /** Decides about the VM as it is now. */
  public interface Judge {
    /**
     * Decides.
     *
     * @param qemu what was read just now
     * @throws InputException if the VM makes no sense to the model
     */
    Verdict decide(LiveQemu qemu) throws InputException;
  }

  private record Judged(LiveQemu qemu, Verdict verdict) {}

  /**
   * A watch that has not looked yet.
   *
   * @param client the connection, which nobody else uses meanwhile
   * @param plugins who knows the properties of VFIO devices and vIOMMUs
   * @param judge who decides, each time that the VM is another
   */
  public Watch(QmpClient client, Plugins plugins, Judge judge) {
    this(client, plugins, judge, Optional.empty());
  }

  /**
   * The same with the command line that QEMU was started with, which tells the order of devices and
   * what QEMU keeps to itself, as {@link LiveQemu#read(QmpSource, Plugins, VmConfig)} says.
   *
   * @param client the connection, which nobody else uses meanwhile
   * @param plugins who knows the properties of VFIO devices and vIOMMUs
   * @param judge who decides, each time that the VM is another
   * @param started the VM of that command line
   */
  public Watch(QmpClient client, Plugins plugins, Judge judge, VmConfig started) {
    this(client, plugins, judge, Optional.of(started));
  }

  private Watch(QmpClient client, Plugins plugins, Judge judge, Optional<VmConfig> started) {
    this.client = client;
    this.plugins = plugins;
    this.judge = judge;
    this.started = started;
  }

  /**
   * The next change, in the order in which they are noticed. At first comes how all is.
   *
   * @param wait how long to wait for one
   * @return empty if there was none
   * @throws InputException if QEMU answers what nobody can read; that it has gone is a change
   */
  public Optional<WatchChange> next(Duration wait) throws InputException {
    long deadline = System.nanoTime() + wait.toNanos();
    while (changes.isEmpty() && !isGone) {
      long now = System.nanoTime();
      if (now - askAt >= 0) {
        askAll();
      } else {
        long until = Math.min(deadline, askAt);
        Optional<QmpEvent> event = nextEvent(Duration.ofNanos(Math.max(0, until - now)));
        if (event.isPresent()) {
          happened(event.get());
        } else if (System.nanoTime() - deadline >= 0) {
          break;
        }
      }
    }
    return Optional.ofNullable(changes.pollFirst());
  }

  /** What QEMU said when it was asked last; empty before the first change. */
  public Optional<LiveQemu> qemu() {
    return Optional.ofNullable(judged).map(Judged::qemu);
  }

  /** The verdict about the VM as it was when QEMU was asked last; empty before the first change. */
  public Optional<Verdict> verdict() {
    return Optional.ofNullable(judged).map(Judged::verdict);
  }

  /**
   * Ends a running migration; the VM goes on where it is.
   *
   * @throws InputException if QEMU does not answer
   */
  public QmpAnswer cancelMigration() throws InputException {
    return client.cancelMigration();
  }

  private Optional<QmpEvent> nextEvent(Duration wait) throws InputException {
    try {
      return client.nextEvent(wait);
    } catch (InputException gone) {
      return goneOrThrow(gone);
    }
  }

  private Optional<QmpEvent> goneOrThrow(InputException gone) throws InputException {
    if (!client.isPeerGone()) {
      throw gone;
    }
    if (!isGone) {
      isGone = true;
      changes.add(new WatchChange.Gone("QEMU has closed the connection"));
    }
    return Optional.empty();
  }

  private void happened(QmpEvent event) throws InputException {
    if (tell(event)) {
      askAll();
    }
  }

  /** Tells an event that says something by itself; answers whether QEMU is to be asked. */
  private boolean tell(QmpEvent event) {
    switch (event.name()) {
      case "VFIO_MIGRATION" -> {
        changes.add(deviceState(event));
        return false;
      }
      case "MIGRATION", "MIGRATION_PASS", "STOP", "RESUME", "SUSPEND", "WAKEUP" -> {
        return true;
      }
      default -> {
        boolean isTold = TOLD.contains(event.name());
        if (isTold) {
          changes.add(new WatchChange.Event(event));
        }
        return isTold;
      }
    }
  }

  /** Tells what QEMU sent before it answered that a migration is over, and at once after it. */
  private void tellLastEvents() throws InputException {
    try {
      for (int i = 0; i < MOST_EVENTS_AT_ONCE; i++) {
        Optional<QmpEvent> event = client.nextEvent(LAST_WORDS);
        if (event.isEmpty()) {
          return;
        } else if (tell(event.get())) {
          askAt = System.nanoTime(); // the answers may be older than that
        }
      }
    } catch (InputException gone) {
      if (!client.isPeerGone()) {
        throw gone;
      } // which the next question finds
    }
  }

  private static WatchChange deviceState(QmpEvent event) {
    QmpValue data = event.data();
    String id = data.text("device-id").filter(text -> !text.isEmpty()).orElse("");
    return new WatchChange.DeviceState(
        id.isEmpty() ? data.text("qom-path").orElse("") : id, data.text("device-state").orElse(""));
  }

  private void askAll() throws InputException {
    try {
      askAt = System.nanoTime() + ASK_EVERY.toNanos();
      runState(value(QmpCommand.of("query-status")).text("status").orElse(""));
      QmpValue migrate = value(QmpCommand.of("query-migrate"));
      VmFingerprint now = VmFingerprint.of(client, migrate);
      if (!now.equals(seen)) {
        seen = now;
        judge();
      }
      migration(migrate);
    } catch (InputException gone) {
      goneOrThrow(gone);
    }
  }

  private QmpValue value(QmpCommand command) throws InputException {
    return client.ask(command).value().orElse(QmpValue.NO_KEYS);
  }

  private void runState(String now) {
    if (!now.equals(runState)) {
      changes.add(new WatchChange.RunState(Optional.ofNullable(runState), now));
      runState = now;
    }
  }

  private void migration(QmpValue migrate) throws InputException {
    String now = migrate.text("status").orElse("none");
    boolean isOther = !now.equals(migration);
    if (isOther) {
      if (migration != null && ENDED.contains(now)) {
        tellLastEvents();
      }
      changes.add(new WatchChange.MigrationState(Optional.ofNullable(migration), now));
    }
    Optional<MigrationProgress> numbers = MigrationProgress.of(migrate);
    if (numbers.isPresent() && !numbers.get().equals(progress)) {
      progress = numbers.get();
      changes.add(new WatchChange.Progress(progress));
    }
    if (isOther && now.equals("failed")) {
      Optional<String> error =
          migrate.text("error-desc").map(text -> text.replaceAll("\\p{Cntrl}", " "));
      changes.add(new WatchChange.MigrationFailed(error, failures.why(error, verdict())));
    }
    failures.isMigrating(!ENDED.contains(now));
    migration = now;
  }

  /** Reads the VM anew and decides about it. */
  private void judge() throws InputException {
    LiveQemu qemu =
        started.isPresent()
            ? LiveQemu.read(client, plugins, started.get())
            : LiveQemu.read(client, plugins);
    Verdict verdict = judge.decide(qemu);
    Judged before = judged;
    judged = new Judged(qemu, verdict);
    failures.looked(qemu);
    List<String> notes = newNotes(before, qemu);
    if (before == null || !VerdictOrder.isSame(before.verdict, verdict)) {
      changes.add(
          new WatchChange.VerdictChanged(
              Optional.ofNullable(before).map(Judged::verdict),
              verdict,
              before != null && VerdictOrder.isWorse(before.verdict, verdict),
              qemu.compare(verdict),
              notes));
    } else if (!notes.isEmpty()) {
      changes.add(new WatchChange.Noted(notes));
    }
  }

  private static List<String> newNotes(@Nullable Judged before, LiveQemu qemu) {
    List<String> notes = new ArrayList<>(qemu.notes());
    if (before != null) {
      notes.removeAll(before.qemu.notes());
      if (!before.qemu.guestSteps().isEmpty() && qemu.guestSteps().isEmpty()) {
        notes.add("The guest has turned its vIOMMU off.");
      }
    }
    return notes;
  }
}
