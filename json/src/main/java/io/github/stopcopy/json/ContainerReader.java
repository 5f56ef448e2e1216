package io.github.stopcopy.json;

import io.github.stopcopy.core.address.AddressRange;
import io.github.stopcopy.core.address.U64;
import io.github.stopcopy.core.error.InputException;
import io.github.stopcopy.core.host.HostContainer;
import io.github.stopcopy.core.host.HostContainerBuilder;
import io.github.stopcopy.json.HostDocument.Origin;
import java.util.ArrayList;
import java.util.List;

/** Reads what the host's IOMMU can do. */
final class ContainerReader {

  private static final List<String> KEYS =
      List.of(
          "dirty-tracking",
          "page-sizes",
          "dirty-page-sizes",
          "max-dirty-bitmap-size",
          "dma-available",
          "shared",
          "iova-ranges",
          "dirty-start-errno",
          "dirty-get-errno",
          "iommu-dirty-tracking");

  private ContainerReader() {}

  static HostContainer read(JsonCursor json, List<Origin> origins) throws InputException {
    HostContainerBuilder container = HostContainer.builder();
    KeyOrigins keys = new KeyOrigins(json);
    json.beginObject();
    for (String key = keys.nextKey(); key != null; key = keys.nextKey()) {
      switch (key) {
        case "dirty-tracking" -> container.dirtyTracking(json.bool());
        case "page-sizes" -> container.pageSizes(pageSizes(json));
        case "dirty-page-sizes" -> container.dirtyPageSizes(json.u64());
        case "max-dirty-bitmap-size" -> container.maxDirtyBitmapSize(json.size());
        case "dma-available" -> container.dmaAvailable(json.u64());
        case "shared" -> container.shared(json.bool());
        case "iova-ranges" -> container.iovaRanges(ranges(json));
        case "dirty-start-errno" -> json.errno().ifPresent(container::dirtyStartError);
        case "dirty-get-errno" -> json.errno().ifPresent(container::dirtyGetError);
        case "iommu-dirty-tracking" -> container.iommuDirtyTracking(json.bool());
        default -> throw json.unknownKey(KEYS);
      }
    }
    origins.addAll(keys.origins(HostDocument.CONTAINERS));
    return container.build();
  }

  private static long pageSizes(JsonCursor json) throws InputException {
    long sizes = json.u64();
    if (sizes == 0) {
      throw json.wrongValue("is 0, expected a bit for at least one page size");
    }
    return sizes;
  }

  private static List<AddressRange> ranges(JsonCursor json) throws InputException {
    List<AddressRange> ranges = new ArrayList<>();
    json.beginList();
    while (json.nextElement()) {
      ranges.add(range(json));
    }
    return ranges;
  }

  private static AddressRange range(JsonCursor json) throws InputException {
    json.beginList();
    List<Long> ends = new ArrayList<>();
    while (json.nextElement()) {
      if (ends.size() < 2) {
        ends.add(json.u64());
      } else {
        json.skip();
        throw json.wrongValue("is one too many, expected [first, last]");
      }
    }
    if (ends.size() != 2) {
      throw json.wrongValue("has " + ends.size() + " numbers, expected [first, last]");
    }
    long first = ends.get(0);
    long last = ends.get(1);
    if (U64.less(last, first)) {
      throw json.wrongValue(
          "is ["
              + U64.hex(first)
              + ", "
              + U64.hex(last)
              + "], expected a first address not above the last");
    }
    return new AddressRange(first, last);
  }
}
