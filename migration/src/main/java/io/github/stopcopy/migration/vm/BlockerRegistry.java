package io.github.stopcopy.migration.vm;

import io.github.stopcopy.core.error.Errno;
import io.github.stopcopy.core.error.QemuError;
import io.github.stopcopy.core.event.EventLog;
import io.github.stopcopy.migration.event.MigrationEvent;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.BooleanSupplier;

/** The registered blockers of a VM (R-BLK-1 .. R-BLK-7). */
final class BlockerRegistry {

  private final boolean onlyMigratable;
  private final BooleanSupplier migrationBusy;
  private final EventLog events;
  private final List<MigrationBlocker> blockers = new ArrayList<>();

  BlockerRegistry(boolean onlyMigratable, BooleanSupplier migrationBusy, EventLog events) {
    this.onlyMigratable = onlyMigratable;
    this.migrationBusy = migrationBusy;
    this.events = events;
  }

  /**
   * Registers a blocker.
   *
   * @return why it was refused: {@code -only-migratable} was given, or a migration runs (R-BLK-1)
   */
  Optional<QemuError> add(MigrationBlocker blocker) {
    if (onlyMigratable) {
      return refused(Errno.EACCES, "--only-migratable", blocker);
    }
    if (migrationBusy.getAsBoolean()) {
      return refused(Errno.EBUSY, "migration/snapshot in progress", blocker);
    }
    blockers.add(blocker);
    events.record(new MigrationEvent.BlockerChanged(true, blocker.text()));
    return Optional.empty();
  }

  /** Removes a blocker; one that is not there does no harm (R-BLK-4). */
  void remove(MigrationBlocker blocker) {
    if (blockers.removeIf(other -> other == blocker)) {
      events.record(new MigrationEvent.BlockerChanged(false, blocker.text()));
    }
  }

  /** The blockers, oldest first (R-BLK-7). */
  List<MigrationBlocker> oldestFirst() {
    return List.copyOf(blockers);
  }

  private static Optional<QemuError> refused(Errno errno, String why, MigrationBlocker blocker) {
    return Optional.of(
        QemuError.of(errno, "disallowing migration blocker (" + why + ") for: " + blocker.text()));
  }
}
