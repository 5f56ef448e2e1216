package io.github.stopcopy.migration.vm;

import io.github.stopcopy.core.error.PluginFailure;
import io.github.stopcopy.core.error.QemuAbort;
import io.github.stopcopy.core.event.EventLog;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/**
 * From the start of QEMU to its end, after which nothing happens any more. A plugin on the way out
 * makes its own of what was thrown through it, or holds it back; whether QEMU has ended is
 * therefore a state, and what is thrown only unwinds. Not thread-safe.
 */
final class QemuLifetime {

  private static final int EXIT_FAILURE = 1;
  private static final int EXIT_ABORT = -6;

  private final EventLog events;
  private final BooleanSupplier aborted;
  private boolean booted;
  private @Nullable DeviceFinding endedBy;

  /** Something that is played as long as QEMU lives. */
  @FunctionalInterface
  interface Playing<T, E extends Exception> {
    T play() throws E;
  }

  /**
   * Before the start.
   *
   * @param events takes what QEMU says at its end
   * @param aborted whether QEMU has ended on the spot
   */
  QemuLifetime(EventLog events, BooleanSupplier aborted) {
    this.events = events;
    this.aborted = aborted;
  }

  void begin() {
    if (booted) {
      throw new IllegalStateException("the VM was booted before");
    }
    booted = true;
  }

  /** QEMU says why it does not start, and exits. */
  void end(DeviceFinding reason) {
    endedBy = reason;
    events.error(reason.error());
  }

  /**
   * Plays something.
   *
   * @param ifEnded the answer if QEMU ends in it
   */
  <T, E extends Exception> T play(T ifEnded, Playing<T, E> playing) throws E {
    try {
      return playing.play();
    } catch (QemuAbort | PluginFailure unwound) {
      if (!aborted.getAsBoolean()) {
        throw unwound;
      }
      return ifEnded;
    }
  }

  /** Plays something that answers nothing, unless QEMU has ended. */
  void playUnlessOver(Runnable step) {
    if (!isOver()) {
      play(
          true,
          () -> {
            step.run();
            return true;
          });
    }
  }

  boolean isOver() {
    if (!booted) {
      throw new IllegalStateException("the VM is not booted yet");
    }
    return exitCode().isPresent();
  }

  OptionalInt exitCode() {
    if (aborted.getAsBoolean()) {
      return OptionalInt.of(EXIT_ABORT);
    }
    return endedBy == null ? OptionalInt.empty() : OptionalInt.of(EXIT_FAILURE);
  }

  Optional<DeviceFinding> endedBy() {
    return aborted.getAsBoolean() ? Optional.empty() : Optional.ofNullable(endedBy);
  }
}
