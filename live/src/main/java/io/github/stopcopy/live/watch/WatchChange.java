package io.github.stopcopy.live.watch;

import io.github.stopcopy.live.qmp.QmpEvent;
import io.github.stopcopy.migration.BlockerComparison;
import io.github.stopcopy.migration.Verdict;
import java.util.List;
import java.util.Optional;

/** Something that is not as it was, or what was found first. */
public sealed interface WatchChange {

  /**
   * Whether the VM runs, in QEMU's word.
   *
   * @param before empty at first
   * @param now e.g. {@code running}
   */
  record RunState(Optional<String> before, String now) implements WatchChange {}

  /**
   * Where the migration stands, in QEMU's word.
   *
   * @param before empty at first
   * @param now e.g. {@code active}; {@code none} without one
   */
  record MigrationState(Optional<String> before, String now) implements WatchChange {}

  /**
   * How far the migration is.
   *
   * @param progress in numbers
   */
  record Progress(MigrationProgress progress) implements WatchChange {}

  /**
   * A migration failed.
   *
   * @param error what QEMU says; empty if it says nothing
   * @param why what there is to know of the cause, a line each
   */
  record MigrationFailed(Optional<String> error, List<String> why) implements WatchChange {
    /** Copies the lines. */
    public MigrationFailed {
      why = List.copyOf(why);
    }
  }

  /**
   * A VFIO device has another state, told where {@code migration-events=on} (R-LIVE, B2).
   *
   * @param device its id, or where it is in QEMU's tree of objects
   * @param state in QEMU's word, e.g. {@code pre-copy}
   */
  record DeviceState(String device, String state) implements WatchChange {}

  /**
   * Another event of QEMU.
   *
   * @param event what happened
   */
  record Event(QmpEvent event) implements WatchChange {}

  /**
   * The verdict is another, or the first one.
   *
   * @param before empty at first
   * @param now the verdict about the VM as it is now
   * @param isWorse whether it says less that the migration goes well than before
   * @param comparison what blocks by the model and by QEMU
   * @param notes what is known of the VM now and was not before, a line each
   */
  record VerdictChanged(
      Optional<Verdict> before,
      Verdict now,
      boolean isWorse,
      BlockerComparison comparison,
      List<String> notes)
      implements WatchChange {
    /** Copies the lines. */
    public VerdictChanged {
      notes = List.copyOf(notes);
    }
  }

  /**
   * Something is known of the VM that was not before, and the verdict is the same.
   *
   * @param notes a line each
   */
  record Noted(List<String> notes) implements WatchChange {
    /** Copies the lines. */
    public Noted {
      notes = List.copyOf(notes);
    }
  }

  /**
   * QEMU has gone; nothing comes after it.
   *
   * @param how it was noticed
   */
  record Gone(String how) implements WatchChange {}
}
