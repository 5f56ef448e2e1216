package io.github.stopcopy.core.memory;

import org.jspecify.annotations.Nullable;

/**
 * Who wants to know about writes to a run of memory (R-AS-39).
 *
 * @param vga the display
 * @param code the translator of guest code, under TCG
 * @param migration a migration or a measurement of the dirty rate
 */
public record DirtyLogMask(boolean vga, boolean code, boolean migration) {

  /** Nobody. */
  public static final DirtyLogMask NONE = new DirtyLogMask(false, false, false);

  /** As records compare, written out: to make that at run time takes as long as much of a check. */
  @Override
  public boolean equals(@Nullable Object other) {
    return other instanceof DirtyLogMask mask
        && vga == mask.vga
        && code == mask.code
        && migration == mask.migration;
  }

  @Override
  public int hashCode() {
    return 31 * (31 * Boolean.hashCode(vga) + Boolean.hashCode(code)) + Boolean.hashCode(migration);
  }

  /** Whether nobody wants to know. */
  public boolean isNone() {
    return !vga && !code && !migration;
  }

  /** Whether this has a client that the other has not. */
  boolean exceeds(DirtyLogMask other) {
    return vga && !other.vga || code && !other.code || migration && !other.migration;
  }
}
