package io.github.stopcopy.live.watch;

import io.github.stopcopy.live.qmp.QmpValue;
import java.util.Optional;

/**
 * How far a migration is, as {@code query-migrate} tells.
 *
 * @param passes how often dirty pages were collected
 * @param remaining bytes of RAM that are still to be sent
 * @param total bytes of RAM
 * @param dirtyRate bytes a second that the guest makes dirty; 0 until it is measured
 * @param expectedDowntime milliseconds that the VM would stop for, as QEMU expects it; empty until
 *     it does
 */
public record MigrationProgress(
    long passes, long remaining, long total, long dirtyRate, Optional<Long> expectedDowntime) {

  private static final long USUAL_PAGE = 4096;

  /** What an answer says; empty where no RAM is being sent. */
  static Optional<MigrationProgress> of(QmpValue migrate) {
    return migrate
        .get("ram")
        .map(ram ->
            new MigrationProgress(
                ram.number("dirty-sync-count").orElse(0L),
                ram.number("remaining").orElse(0L),
                ram.number("total").orElse(0L),
                ram.number("dirty-pages-rate").orElse(0L)
                    * ram.number("page-size").orElse(USUAL_PAGE),
                migrate.number("expected-downtime")));
  }
}
