package io.github.stopcopy.core.memory;

import io.github.stopcopy.core.error.QemuError;
import java.util.Optional;

/**
 * Says which parts of a RAM region are plugged, for memory that comes and goes in pieces such as
 * virtio-mem (R-AS-90, R-AS-91).
 */
public interface RamDiscardManager {

  /** The smallest piece that comes or goes, in bytes; a power of two. */
  long granularity();

  /** Whether every byte of {@code [offset, offset+size)} of the region is plugged. */
  boolean isPopulated(long offset, long size);

  /**
   * Adds a listener for a section and at once announces the plugged parts to it, ascending. An
   * error of the listener ends the announcement and is returned; the listener stays registered.
   */
  Optional<QemuError> register(Listener listener, MemorySection section);

  /** Removes a listener after telling it that the plugged parts go (R-AS-91). */
  void unregister(Listener listener);

  /** Announces the plugged parts of a section again, ascending, until the listener fails. */
  Optional<QemuError> replayPopulated(MemorySection section, Listener listener);

  /** Who wants to know. Offsets are in the region, in bytes. */
  interface Listener {

    /** A part was plugged; an error makes the manager roll the change back. */
    Optional<QemuError> populate(long offset, long size);

    /** A part was unplugged. */
    void discard(long offset, long size);
  }
}
