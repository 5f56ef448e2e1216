package io.github.stopcopy.core.migration;

/** Where an outgoing migration stands, as {@code query-migrate} names it (spec 07 §1). */
public enum MigrationStatus {
  /** Nothing was tried yet. */
  NONE("none"),
  /** The setup of the devices runs. */
  SETUP("setup"),
  /** A cancel was asked for. */
  CANCELLING("cancelling"),
  /** It was cancelled. */
  CANCELLED("cancelled"),
  /** Memory is being sent. */
  ACTIVE("active"),
  /** The guest runs on the destination already. */
  POSTCOPY_ACTIVE("postcopy-active"),
  /** Postcopy lost its connection. */
  POSTCOPY_PAUSED("postcopy-paused"),
  /** The guest is about to run on the destination, which still loads the devices; from 10.2 on. */
  POSTCOPY_DEVICE("postcopy-device"),
  /** A new connection for postcopy is being set up; from 10.2 on. */
  POSTCOPY_RECOVER_SETUP("postcopy-recover-setup"),
  /** Postcopy is being recovered. */
  POSTCOPY_RECOVER("postcopy-recover"),
  /** Done. */
  COMPLETED("completed"),
  /** It fails; the guest is about to run on here. From 11.1 on (R-REL-28). */
  FAILING("failing"),
  /** It failed; the guest runs on here. */
  FAILED("failed"),
  /** Two guests run in lockstep. */
  COLO("colo"),
  /** Stopped before the last step, waiting to be told to go on. */
  PRE_SWITCHOVER("pre-switchover"),
  /** The devices are being saved. */
  DEVICE("device"),
  /** A failover primary has to be unplugged first. */
  WAIT_UNPLUG("wait-unplug");

  private final String qapiName;

  MigrationStatus(String qapiName) {
    this.qapiName = qapiName;
  }

  /** The name in QMP. */
  public String qapiName() {
    return qapiName;
  }

  /** Whether memory is being sent (R-MIG-1). */
  public boolean isActive() {
    return this == ACTIVE || this == POSTCOPY_ACTIVE;
  }

  /** Whether a stream error counts (R-MIG-2). */
  public boolean isSetupOrActive() {
    return switch (this) {
      case ACTIVE,
          POSTCOPY_ACTIVE,
          POSTCOPY_PAUSED,
          POSTCOPY_RECOVER,
          SETUP,
          PRE_SWITCHOVER,
          DEVICE,
          WAIT_UNPLUG,
          COLO ->
          true;
      default -> false;
    };
  }

  /** Whether a migration is running (R-MIG-3); colo counts only from QEMU 10 on. */
  public boolean isRunning(boolean coloCounts) {
    return switch (this) {
      case CANCELLING, POSTCOPY_DEVICE, POSTCOPY_RECOVER_SETUP -> true;
      case COLO -> coloCounts;
      default -> isSetupOrActive();
    };
  }

  /** Whether none is going on (R-MIG-4). */
  public boolean isIdle() {
    return this == NONE || this == CANCELLED || this == COMPLETED || this == FAILED;
  }
}
