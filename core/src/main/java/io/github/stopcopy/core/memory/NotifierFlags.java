package io.github.stopcopy.core.memory;

/**
 * Which events a notifier wants (R-AS-82).
 *
 * @param map new mappings
 * @param unmap removed mappings
 * @param deviceIotlbUnmap invalidations of a device's own translation cache
 */
public record NotifierFlags(boolean map, boolean unmap, boolean deviceIotlbUnmap) {

  /** No events. */
  public static final NotifierFlags NONE = new NotifierFlags(false, false, false);

  /** Mappings and their removal: what VFIO asks for. */
  public static final NotifierFlags IOTLB_EVENTS = new NotifierFlags(true, true, false);

  /** The union of both. */
  NotifierFlags or(NotifierFlags other) {
    return new NotifierFlags(
        map || other.map, unmap || other.unmap, deviceIotlbUnmap || other.deviceIotlbUnmap);
  }
}
