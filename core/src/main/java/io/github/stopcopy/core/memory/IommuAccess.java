package io.github.stopcopy.core.memory;

/** What a device may do at an address, or asks to do (R-AS-80). */
public enum IommuAccess {
  /** Nothing; in an event: the mapping is gone. */
  NONE,
  /** Read. */
  READ,
  /** Write. */
  WRITE,
  /** Read and write. */
  READ_WRITE;

  /** Whether reading is included. */
  public boolean canRead() {
    return this == READ || this == READ_WRITE;
  }

  /** Whether writing is included. */
  public boolean canWrite() {
    return this == WRITE || this == READ_WRITE;
  }
}
