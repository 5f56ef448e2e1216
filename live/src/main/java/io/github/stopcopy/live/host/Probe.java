package io.github.stopcopy.live.host;

import io.github.stopcopy.core.address.AddressRange;
import io.github.stopcopy.core.address.U64;
import io.github.stopcopy.core.error.InputException;
import io.github.stopcopy.core.host.HostContainer;
import io.github.stopcopy.core.host.HostContainerBuilder;
import io.github.stopcopy.core.host.HostDevice;
import io.github.stopcopy.core.host.HostDeviceBuilder;
import io.github.stopcopy.core.host.HostFactsBuilder;
import io.github.stopcopy.json.HostDocument;
import io.github.stopcopy.json.HostDocument.Origin;
import io.github.stopcopy.json.HostJson;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * What a probe was told by the kernel, in the form of host facts: better facts than those that
 * files tell. Immutable.
 *
 * @param source the name of its text
 * @param told what it says
 */
record Probe(String source, HostDocument told) {

  private static final Set<String> OF_DEVICE =
      Set.of("migration", "dma-logging", "dma-buf", "bars", "msix", "group");
  private static final Set<String> OF_CONTAINER =
      Set.of(
          "dirty-tracking",
          "page-sizes",
          "dirty-page-sizes",
          "max-dirty-bitmap-size",
          "dma-available",
          "iova-ranges",
          "iommu-dirty-tracking");

  /** Reads it; a key that no probe tells is refused. */
  static Probe read(String source, String json) throws InputException {
    HostDocument told = HostJson.readDocument(source, json);
    for (Origin key : told.origins()) {
      boolean isOfProbe =
          switch (key.subject()) {
            case HostDocument.HOST -> key.fact().equals("page-size");
            case HostDocument.CONTAINERS -> OF_CONTAINER.contains(key.fact());
            default -> OF_DEVICE.contains(key.fact());
          };
      if (!isOfProbe) {
        throw InputException.at(
            source,
            0,
            "key '"
                + key.fact()
                + "' of "
                + key.subject()
                + " is not told by the probe, expected"
                + " its output; what you say yourself goes to check --host");
      }
    }
    return new Probe(source, told);
  }

  /** The devices that it was asked about. */
  Set<String> devices() {
    return told.facts().devices().keySet();
  }

  void addTo(HostFactsBuilder host, Findings findings) {
    for (Origin key : told.origins()) {
      if (key.subject().equals(HostDocument.HOST)) {
        host.pageSize(told.facts().pageSize());
        known(findings, key, Integer.toString(told.facts().pageSize()));
      }
    }
  }

  /**
   * Adds what it says of containers.
   *
   * @param before the facts of which an earlier probe spoke; of these only what both say holds
   * @throws InputException if both leave nothing that can be mapped
   */
  void addTo(HostContainerBuilder container, Findings findings, Set<String> before)
      throws InputException {
    HostContainer own = told.facts().container();
    HostContainer known = container.build();
    for (Origin key : told.origins()) {
      if (!key.subject().equals(HostDocument.CONTAINERS)) {
        continue;
      }
      boolean isFirst = before.add(key.fact());
      String value =
          switch (key.fact()) {
            case "dirty-tracking" -> {
              boolean tracks = own.dirtyTracking() && (isFirst || known.dirtyTracking());
              container.dirtyTracking(tracks);
              yield MigrationFiles.yesNo(tracks);
            }
            case "iommu-dirty-tracking" -> {
              boolean tracks = own.tracksInHardware() && (isFirst || known.tracksInHardware());
              container.iommuDirtyTracking(tracks);
              yield MigrationFiles.yesNo(tracks);
            }
            case "page-sizes" -> {
              long sizes = own.pageSizes() & (isFirst ? U64.MAX : known.pageSizes());
              container.pageSizes(sizes);
              yield U64.hex(sizes);
            }
            case "dirty-page-sizes" -> {
              long sizes = own.dirtyPageSizes() & (isFirst ? U64.MAX : known.dirtyPageSizes());
              container.dirtyPageSizes(sizes);
              yield U64.hex(sizes);
            }
            case "max-dirty-bitmap-size" -> {
              long bytes =
                  U64.min(own.maxDirtyBitmapSize(), isFirst ? U64.MAX : known.maxDirtyBitmapSize());
              container.maxDirtyBitmapSize(bytes);
              yield U64.hex(bytes);
            }
            case "dma-available" -> {
              long mappings = U64.min(own.dmaAvailable(), isFirst ? U64.MAX : known.dmaAvailable());
              container.dmaAvailable(mappings);
              yield U64.decimal(mappings);
            }
            default -> {
              List<AddressRange> ranges =
                  isFirst ? own.iovaRanges() : common(own.iovaRanges(), known.iovaRanges());
              if (ranges.isEmpty() && !isFirst) { // which would stand for all
                throw InputException.at(
                    source, 0, "'iova-ranges' has no address in common with those of other probes");
              }
              container.iovaRanges(ranges);
              yield IommuFacts.text(ranges);
            }
          };
      known(findings, key, value);
    }
  }

  /** The addresses in both, each of which ascends. */
  private static List<AddressRange> common(List<AddressRange> some, List<AddressRange> others) {
    List<AddressRange> both = new ArrayList<>();
    List<AddressRange> a = AddressRange.disjoint(some);
    List<AddressRange> b = AddressRange.disjoint(others);
    int i = 0;
    int j = 0;
    while (i < a.size() && j < b.size()) {
      long first = U64.max(a.get(i).first(), b.get(j).first());
      long last = U64.min(a.get(i).last(), b.get(j).last());
      if (U64.lessOrEqual(first, last)) {
        both.add(new AddressRange(first, last));
      }
      if (U64.less(a.get(i).last(), b.get(j).last())) {
        i++;
      } else {
        j++;
      }
    }
    return both;
  }

  /** Adds what it says of a device. */
  void addTo(HostDeviceBuilder device, String address, List<Origin> keys, Findings findings) {
    HostDevice own = told.facts().device(address);
    for (Origin key : keys) {
      String value =
          switch (key.fact()) {
            case "migration" -> {
              device.migration(own.migration());
              yield MigrationFiles.text(own.migration());
            }
            case "dma-logging" -> {
              device.dmaLogging(own.dmaLogging());
              yield MigrationFiles.yesNo(own.dmaLogging().supported());
            }
            case "dma-buf" -> {
              device.dmaBuf(own.dmaBuf());
              yield MigrationFiles.yesNo(own.dmaBuf());
            }
            case "group" -> {
              device.group(own.group().orElseThrow());
              yield Integer.toString(own.group().orElseThrow());
            }
            case "bars" -> {
              own.bars().forEach(device::bar);
              String mapped =
                  own.bars().entrySet().stream()
                      .filter(bar -> bar.getValue().mmap())
                      .map(bar -> bar.getKey().toString())
                      .collect(Collectors.joining(", "));
              findings.known(
                  address, "bars.mmap", mapped.isEmpty() ? "none" : mapped, Findings.PROBE, source);
              yield DeviceFiles.text(own.bars());
            }
            default -> {
              device.msix(own.msix().orElseThrow());
              yield DeviceFiles.text(own.msix().orElseThrow());
            }
          };
      known(findings, key, value);
    }
  }

  private void known(Findings findings, Origin key, String value) {
    findings.known(key.subject(), key.fact(), value, Findings.PROBE, source);
  }
}
