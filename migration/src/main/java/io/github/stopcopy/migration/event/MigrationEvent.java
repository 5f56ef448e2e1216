package io.github.stopcopy.migration.event;

import io.github.stopcopy.core.error.Errno;
import io.github.stopcopy.core.event.ModelEvent;
import io.github.stopcopy.core.migration.MigrationStatus;

/** What the outgoing migration and its blockers did. */
public sealed interface MigrationEvent extends ModelEvent {

  /**
   * The migration went from one status to another.
   *
   * @param before the status it had
   * @param after the status it has
   */
  record StatusChanged(MigrationStatus before, MigrationStatus after) implements MigrationEvent {
    @Override
    public String describe() {
      return "migration: " + before.qapiName() + " -> " + after.qapiName();
    }
  }

  /**
   * A blocker came or went.
   *
   * @param added whether it came
   * @param text QEMU's text
   */
  record BlockerChanged(boolean added, String text) implements MigrationEvent {
    @Override
    public String describe() {
      return (added ? "blocker added: " : "blocker removed: ") + text;
    }
  }

  /**
   * The outgoing stream was marked as failed for the first time.
   *
   * @param errno why
   */
  record StreamFailed(Errno errno) implements MigrationEvent {
    @Override
    public String describe() {
      return "migration: stream error -" + errno.number();
    }
  }

  /**
   * A failover primary is to leave before memory is sent: event UNPLUG_PRIMARY (R-OBS-115).
   *
   * @param device its name
   */
  record UnplugAsked(String device) implements MigrationEvent {
    @Override
    public String describe() {
      return device + ": the guest is asked to let go";
    }
  }

  /**
   * The VM began to run, or stopped.
   *
   * @param running whether it runs now
   */
  record VmRunning(boolean running) implements MigrationEvent {
    @Override
    public String describe() {
      return running ? "VM runs" : "VM stopped";
    }
  }
}
