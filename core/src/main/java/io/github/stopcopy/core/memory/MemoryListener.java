package io.github.stopcopy.core.memory;

import io.github.stopcopy.core.error.QemuError;
import java.util.Optional;

/**
 * Follows one address space. Called on the model's thread, in the order of R-AS-50 .. R-AS-62; it
 * must not change the topology from a callback (R-AS-54).
 *
 * {@snippet file="MappedRanges.java" region="listener"}
 */
public interface MemoryListener {

  /** Lower is called first for additions and last for removals (R-AS-52); VFIO has 0. */
  default int priority() {
    return 0;
  }

  /** A commit or the replay at registration begins. */
  default void begin() {}

  /** The commit or replay is over. */
  default void commit() {}

  /** A run appeared. */
  default void regionAdd(MemorySection section) {}

  /** A run went; all removals of a commit come before its additions (R-AS-51). */
  default void regionDel(MemorySection section) {}

  /** A run stayed; only told who {@linkplain #takesRegionNop wants to hear of it}. */
  default void regionNop(MemorySection section) {}

  /**
   * Whether it wants to hear of runs that stay: a commit then goes through all of them, else only
   * through what changed. Asked once, when it is registered. The answer is whether it overrides
   * {@link #regionNop}; a listener that passes on to another answers what that one does.
   */
  default boolean takesRegionNop() {
    return ListenerCallbacks.of(getClass()).regionNop();
  }

  /** Somebody began to log writes to a run. */
  default void logStart(MemorySection section, DirtyLogMask before, DirtyLogMask after) {}

  /** Somebody stopped to log writes to a run. */
  default void logStop(MemorySection section, DirtyLogMask before, DirtyLogMask after) {}

  /** The dirty pages of a run are to be collected. */
  default void logSync(MemorySection section) {}

  /**
   * Global dirty logging begins; an error makes those that were told before stop again (R-AS-71).
   */
  default Optional<QemuError> logGlobalStart() {
    return Optional.empty();
  }

  /** Global dirty logging ends. */
  default void logGlobalStop() {}
}
