package io.github.stopcopy.json;

import io.github.stopcopy.core.address.AddressRange;
import io.github.stopcopy.core.address.U64;
import io.github.stopcopy.core.error.Errno;
import io.github.stopcopy.core.error.InputException;
import io.github.stopcopy.core.host.HostContainer;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

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

  static HostContainer read(JsonCursor json) throws InputException {
    HostContainer capable = HostContainer.CAPABLE;
    boolean dirtyTracking = capable.dirtyTracking();
    long pageSizes = capable.pageSizes();
    long dirtyPageSizes = capable.dirtyPageSizes();
    long maxDirtyBitmapSize = capable.maxDirtyBitmapSize();
    long dmaAvailable = capable.dmaAvailable();
    boolean shared = capable.shared();
    List<AddressRange> ranges = List.of();
    Optional<Errno> dirtyStartError = Optional.empty();
    Optional<Errno> dirtyGetError = Optional.empty();
    boolean iommuDirtyTracking = capable.iommuDirtyTracking();
    json.beginObject();
    for (String key = json.nextKey(); key != null; key = json.nextKey()) {
      switch (key) {
        case "dirty-tracking" -> dirtyTracking = json.bool();
        case "page-sizes" -> pageSizes = pageSizes(json);
        case "dirty-page-sizes" -> dirtyPageSizes = json.u64();
        case "max-dirty-bitmap-size" -> maxDirtyBitmapSize = json.size();
        case "dma-available" -> dmaAvailable = json.u64();
        case "shared" -> shared = json.bool();
        case "iova-ranges" -> ranges = ranges(json);
        case "dirty-start-errno" -> dirtyStartError = json.errno();
        case "dirty-get-errno" -> dirtyGetError = json.errno();
        case "iommu-dirty-tracking" -> iommuDirtyTracking = json.bool();
        default -> throw json.unknownKey(KEYS);
      }
    }
    return new HostContainer(
        dirtyTracking,
        pageSizes,
        dirtyPageSizes,
        maxDirtyBitmapSize,
        dmaAvailable,
        shared,
        ranges,
        dirtyStartError,
        dirtyGetError,
        iommuDirtyTracking);
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
