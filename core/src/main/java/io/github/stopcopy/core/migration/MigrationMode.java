package io.github.stopcopy.core.migration;

import java.util.Optional;

/** The migration parameter {@code mode} (R-REL-24). */
public enum MigrationMode {
  /** The guest runs on while its memory is sent. */
  NORMAL("normal"),
  /** The guest is saved, the host starts again, and the guest goes on there; from 8.2 on. */
  CPR_REBOOT("cpr-reboot");

  private final String qapiName;

  MigrationMode(String qapiName) {
    this.qapiName = qapiName;
  }

  /** The name in QMP. */
  public String qapiName() {
    return qapiName;
  }

  /** The mode with this name in QMP. */
  public static Optional<MigrationMode> named(String qapiName) {
    for (MigrationMode mode : values()) {
      if (mode.qapiName.equals(qapiName)) {
        return Optional.of(mode);
      }
    }
    return Optional.empty();
  }
}
