package io.github.stopcopy.core.memory;

/**
 * A change of a translation that a vIOMMU announces.
 *
 * @param type what kind of change
 * @param entry the translation; its access is NONE for removals (R-AS-84)
 */
public record IotlbEvent(Type type, IotlbEntry entry) {

  /** The kinds of change, a flag each (R-AS-82). */
  public enum Type {
    /** A mapping appeared. */
    MAP,
    /** A mapping went. */
    UNMAP,
    /** A device's own cache must forget. */
    DEVICE_IOTLB_UNMAP
  }

  /** Checks that a removal gives no access. */
  public IotlbEvent {
    if (type == Type.UNMAP && entry.access() != IommuAccess.NONE) {
      throw new IllegalArgumentException("an unmap event must not give access (R-AS-84)");
    }
  }
}
