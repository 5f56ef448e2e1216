package io.github.stopcopy.live.host;

import io.github.stopcopy.core.address.AddressRange;
import io.github.stopcopy.core.address.U64;
import io.github.stopcopy.core.host.HostContainer;
import io.github.stopcopy.core.host.HostContainerBuilder;
import io.github.stopcopy.json.HostDocument;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * What the IOMMU can do for all of the devices: where several serve them, what each of these can
 * (R-HOST C1, C2).
 */
final class IommuFacts {

  private static final String LIMIT = "sys/module/vfio_iommu_type1/parameters/dma_entry_limit";
  private static final Pattern DIGITS = Pattern.compile("[0-9]{1,10}");
  private static final int SHOWN_RANGES = 4;
  private static final String PROBE = "the probe";

  private final HostTree tree;
  private final Machine machine;
  private final Findings findings;
  private final HostContainerBuilder facts = HostContainer.builder();

  private IommuFacts(HostTree tree, Machine machine, Findings findings) {
    this.tree = tree;
    this.machine = machine;
    this.findings = findings;
  }

  /**
   * Reads it.
   *
   * @param iommus the names of those that serve the devices
   * @param groups the groups of the devices
   * @param isEachServed whether every device has an IOMMU that is named, and a group
   */
  static HostContainer read(
      HostTree tree,
      Machine machine,
      Findings findings,
      Collection<String> iommus,
      Collection<IommuGroup> groups,
      boolean isEachServed) {
    IommuFacts all = new IommuFacts(tree, machine, findings);
    all.typeOne();
    if (!groups.isEmpty()) {
      List<IommuRegisters> registers = new ArrayList<>();
      iommus.forEach(name -> registers.add(IommuRegisters.read(tree, machine, name)));
      String source = iommus.isEmpty() ? "" : "/sys/class/iommu/" + String.join(", ", iommus);
      all.ranges(registers, groups, isEachServed, source);
      all.pageSizes(registers, isEachServed, source);
      all.tracking(registers, isEachServed, source);
    }
    return all.facts.build();
  }

  /** What the kernel's IOMMU back end of VFIO does with any hardware. */
  private void typeOne() {
    Optional<Boolean> tracks = machine.isFrom(5, 8);
    if (tracks.isPresent()) {
      facts.dirtyTracking(tracks.get());
      findings.known(
          HostDocument.CONTAINERS,
          "dirty-tracking",
          MigrationFiles.yesNo(tracks.get()),
          Findings.KERNEL,
          "Linux tracks from 5.8 on, and then marks all that is mapped");
    } else {
      findings.assumed(
          HostDocument.CONTAINERS,
          "dirty-tracking",
          "yes",
          Findings.DEFAULT,
          "Linux from 5.8 on",
          "the release of the kernel");
    }
    String source = "/" + LIMIT;
    Optional<String> limit = tree.read(LIMIT).text().filter(text -> DIGITS.matcher(text).matches());
    if (limit.isPresent()) {
      facts.dmaAvailable(Long.parseLong(limit.get()));
      findings.known(HostDocument.CONTAINERS, "dma-available", limit.get(), Findings.SYSFS, source);
    } else {
      findings.assumed(
          HostDocument.CONTAINERS,
          "dma-available",
          U64.decimal(HostContainer.CAPABLE.dmaAvailable()),
          Findings.DEFAULT,
          "the usual value",
          "the module vfio_iommu_type1 loaded, for " + source + "; or " + PROBE);
    }
  }

  private void ranges(
      List<IommuRegisters> registers,
      Collection<IommuGroup> groups,
      boolean isEachServed,
      String source) {
    List<AddressRange> reserved = new ArrayList<>();
    boolean isReservedKnown = true;
    for (IommuGroup group : groups) {
      if (!group.isFirmwares()) { // those get into no container
        group.reserved().ifPresent(reserved::addAll);
        isReservedKnown &= group.reserved().isPresent();
      }
    }
    OptionalInt least =
        registers.stream().flatMapToInt(iommu -> iommu.addressBits().stream()).min();
    boolean areWidthsKnown =
        isEachServed && registers.stream().allMatch(iommu -> iommu.addressBits().isPresent());
    if (!isReservedKnown && least.isEmpty()) {
      findings.unknown(
          HostDocument.CONTAINERS,
          "iova-ranges",
          "/" + IommuGroup.file(0).replace("/0/", "/N/"),
          PROBE);
      return;
    }
    int bits = least.orElse(64);
    long last = bits == 64 ? U64.MAX : (1L << bits) - 1;
    List<AddressRange> ranges = IommuGroup.without(last, reserved);
    if (ranges.isEmpty()) { // which would stand for all
      findings.unknown(
          HostDocument.CONTAINERS, "iova-ranges", "what is reserved leaves nothing to map", PROBE);
      return;
    }
    facts.iovaRanges(ranges);
    String from =
        (areWidthsKnown ? source + ": cap; " : "")
            + (isReservedKnown ? "reserved_regions of the groups" : "");
    if (areWidthsKnown && isReservedKnown) {
      findings.known(HostDocument.CONTAINERS, "iova-ranges", text(ranges), Findings.SYSFS, from);
    } else {
      findings.assumed(
          HostDocument.CONTAINERS,
          "iova-ranges",
          text(ranges),
          "sysfs in part",
          areWidthsKnown
              ? from + "nobody says what is reserved"
              : from + ", without the width of the IOMMU's addresses",
          PROBE);
    }
  }

  static String text(List<AddressRange> ranges) {
    String text =
        ranges.stream()
            .limit(SHOWN_RANGES)
            .map(range -> U64.hex(range.first()) + "-" + U64.hex(range.last()))
            .collect(Collectors.joining(", "));
    int more = ranges.size() - SHOWN_RANGES;
    return ranges.isEmpty() ? "none" : text + (more > 0 ? " and " + more + " more" : "");
  }

  private void pageSizes(List<IommuRegisters> registers, boolean isEachServed, String source) {
    long sizes = U64.MAX;
    boolean areKnown = isEachServed;
    for (IommuRegisters iommu : registers) {
      OptionalLong own = iommu.pageSizes();
      areKnown &= own.isPresent();
      sizes &= own.orElse(U64.MAX);
    }
    if (areKnown) {
      facts.pageSizes(sizes);
      findings.known(
          HostDocument.CONTAINERS, "page-sizes", U64.hex(sizes), Findings.SYSFS, source + ": cap");
    } else {
      findings.unknown(
          HostDocument.CONTAINERS,
          "page-sizes",
          "only the registers of Intel's are in sysfs",
          PROBE);
    }
  }

  /** All must track; what is not certain is not told as being so. */
  private void tracking(List<IommuRegisters> registers, boolean isEachServed, String source) {
    String fact = "iommu-dirty-tracking";
    for (IommuRegisters iommu : registers) {
      if (iommu.tracks().isPresent() && !iommu.tracks().get()) {
        facts.iommuDirtyTracking(false);
        findings.known(
            HostDocument.CONTAINERS, fact, "no", Findings.SYSFS, source + ": " + iommu.why());
        return;
      }
    }
    Optional<String> open =
        registers.stream()
            .filter(iommu -> iommu.tracks().isEmpty())
            .map(IommuRegisters::why)
            .findFirst();
    if (open.isPresent() || !isEachServed) {
      String why = open.orElse("which IOMMU serves each device is not in sysfs");
      findings.unknown(HostDocument.CONTAINERS, fact, why, PROBE + ", as root with iommufd");
      return;
    }
    facts.iommuDirtyTracking(true);
    String why = registers.get(0).why();
    findings.known(HostDocument.CONTAINERS, fact, "yes", Findings.SYSFS, source + ": " + why);
  }
}
