package io.github.stopcopy.core.migration;

import io.github.stopcopy.core.error.QemuError;
import java.util.List;
import java.util.Optional;

/** The registry of migration blockers of a VM (R-BLK-1 .. R-BLK-7). Not thread-safe. */
public interface MigrationBlockers {

  /**
   * Registers a blocker.
   *
   * @return why it was refused: {@code -only-migratable} was given, or a migration runs (R-BLK-1)
   */
  Optional<QemuError> add(MigrationBlocker blocker);

  /** Removes a blocker; one that is not there does no harm (R-BLK-4). */
  void remove(MigrationBlocker blocker);

  /** The blockers, oldest first (R-BLK-7). */
  List<MigrationBlocker> oldestFirst();
}
