package io.github.stopcopy.live;

import io.github.stopcopy.live.qmp.QmpValue;
import java.util.List;
import java.util.Optional;

/**
 * The ids by which devices address processors, from the places that QEMU has for these: a number of
 * bits for each of thread, core, module, die and socket, so that ids have gaps where counts are no
 * powers of two (R-VIO-3).
 */
final class ProcessorIds {

  private static final List<String> FROM_LOW_BITS =
      List.of("thread-id", "core-id", "module-id", "die-id", "socket-id");

  private static final long LAST_XAPIC_ID = 254;
  private static final long MOST_OF_A_KIND = 1 << 16;

  private ProcessorIds() {}

  /**
   * The highest id of any place.
   *
   * @param places what {@code query-hotpluggable-cpus} answers
   */
  static long highest(QmpValue places) {
    long highest = 0;
    int shift = 0;
    for (String kind : FROM_LOW_BITS) {
      long last = 0;
      for (QmpValue place : places.elements()) {
        long id = place.get("props").flatMap(props -> props.number(kind)).orElse(0L);
        last = Math.max(last, Math.min(Math.max(0, id), MOST_OF_A_KIND));
      }
      highest |= last << shift;
      shift += Long.SIZE - Long.numberOfLeadingZeros(last);
    }
    return highest;
  }

  /**
   * What is to be known where the ids of few processors are high; empty if they are not.
   *
   * @param processors how many there may be
   */
  static Optional<String> note(QmpValue places, long processors) {
    long highest = highest(places);
    return highest > LAST_XAPIC_ID && processors <= LAST_XAPIC_ID + 1
        ? Optional.of(
            "The last of "
                + processors
                + " processors has the APIC id "
                + highest
                + ": as with more than 255 processors, devices reach it only through a vIOMMU with"
                + " extended interrupts, or where the guest knows the extended destination id.")
        : Optional.empty();
  }
}
