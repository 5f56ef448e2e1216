package io.github.stopcopy.core.memory;

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

  /** Whether nobody wants to know. */
  public boolean isNone() {
    return !vga && !code && !migration;
  }

  /** Whether this has a client that the other has not. */
  boolean exceeds(DirtyLogMask other) {
    return vga && !other.vga || code && !other.code || migration && !other.migration;
  }
}
