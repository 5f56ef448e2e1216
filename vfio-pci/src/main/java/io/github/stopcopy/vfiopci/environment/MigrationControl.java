package io.github.stopcopy.vfiopci.environment;

import io.github.stopcopy.core.error.Errno;
import io.github.stopcopy.core.error.QemuError;
import io.github.stopcopy.core.migration.MigrationStatus;

/** What devices may ask of the outgoing migration and do to it. Not thread-safe. */
public interface MigrationControl {

  /** Where it stands. */
  MigrationStatus status();

  /**
   * Marks the outgoing stream as failed, if there is one and the migration is set up or active; the
   * first mark stays (R-MIG-30).
   *
   * @param errno the error number
   */
  void setStreamError(Errno errno);

  /**
   * Marks the stream as failed and keeps the error to be shown; an error that comes later is
   * printed instead (R-MIG-30, R-MIG-33).
   */
  void setStreamError(QemuError error);
}
