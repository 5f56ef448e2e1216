package io.github.stopcopy.standin;

import io.github.stopcopy.live.qmp.QmpValue;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.TreeMap;

/**
 * What the stand-in kernel wrote down, and the mappings that follow from it. Reads its lines in
 * order; not thread-safe.
 */
final class StandinEvents {

  private static final long WRITABLE = 2;
  private static final long UNMAP_ALL = 2;

  private final Map<Long, NavigableMap<Long, Mapping>> containers = new TreeMap<>();

  private record Mapping(String size, boolean writable) {}

  /**
   * Reads the next lines.
   *
   * @throws IOException if one is none of the stand-in's
   */
  List<QmpValue> read(List<String> lines) throws IOException {
    List<QmpValue> events = new ArrayList<>();
    for (String line : lines) {
      QmpValue event = QmpValue.parse(line);
      follow(event);
      events.add(event);
    }
    return events;
  }

  private void follow(QmpValue event) {
    long container = event.number("container").orElse(0L);
    boolean worked = event.number("errno").orElse(0L) == 0;
    switch (event.text("ev").orElse("")) {
      case "open_container" -> containers.put(container, new TreeMap<>(Long::compareUnsigned));
      case "close_container" -> containers.remove(container);
      case "map_dma" -> {
        if (worked) {
          boolean writable = (event.number("flags").orElse(0L) & WRITABLE) != 0;
          of(container).put(hex(event, "iova"), new Mapping(size(event), writable));
        }
      }
      case "unmap_dma" -> {
        if (worked) {
          unmap(of(container), event);
        }
      }
      default -> {}
    }
  }

  private NavigableMap<Long, Mapping> of(long container) {
    return containers.computeIfAbsent(container, none -> new TreeMap<>(Long::compareUnsigned));
  }

  private static void unmap(NavigableMap<Long, Mapping> maps, QmpValue event) {
    long first = hex(event, "iova");
    long last = first + hex(event, "size") - 1;
    if ((event.number("flags").orElse(0L) & UNMAP_ALL) != 0 || last == first - 1) {
      maps.clear();
    } else {
      maps.subMap(first, true, last, true).clear();
    }
  }

  private static String size(QmpValue event) {
    return event.text("size").orElse("0x0");
  }

  private static long hex(QmpValue event, String key) {
    return Long.parseUnsignedLong(event.text(key).orElse("0x0").substring(2), 16);
  }

  /** The mappings of each container now, as {@code dma-map} has them. */
  QmpValue dmaMap() {
    Map<String, QmpValue> all = new LinkedHashMap<>();
    containers.forEach((container, maps) -> {
      List<QmpValue> rows = new ArrayList<>();
      maps.forEach((iova, mapping) ->
          rows.add(
              QmpValue.of(
                  List.of(
                      QmpValue.of("0x" + Long.toHexString(iova)),
                      QmpValue.of(mapping.size),
                      QmpValue.of(mapping.writable ? "rw" : "ro")))));
      all.put(Long.toString(container), QmpValue.of(rows));
    });
    return QmpValue.of(all);
  }
}
