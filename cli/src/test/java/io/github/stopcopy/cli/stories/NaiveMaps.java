package io.github.stopcopy.cli.stories;

import io.github.stopcopy.core.memory.AddressSpace;
import io.github.stopcopy.core.memory.FlatRange;
import io.github.stopcopy.core.memory.MemoryRegion;
import java.math.BigInteger;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** What a container must have mapped, from nothing but what its address space shows. */
final class NaiveMaps {

  private static final BigInteger SPACE = BigInteger.ONE.shiftLeft(64);

  private final AddressSpace system;
  private final BigInteger pageSize;

  NaiveMaps(AddressSpace system, int hostPageSize) {
    this.system = system;
    this.pageSize = BigInteger.valueOf(hostPageSize);
  }

  private record Pages(BigInteger first, BigInteger end) {}

  /** The sections that are translated (R-LST-24, R-LST-74), ascending. */
  List<String> translated(AddressSpace space) {
    List<String> all = new ArrayList<>();
    for (FlatRange range : space.view().ranges()) {
      if (range.region() instanceof MemoryRegion.Iommu) {
        pages(range).ifPresent(pages -> all.add(text(pages)));
      }
    }
    return all;
  }

  /**
   * What is mapped (R-LST-10 .. R-LST-29, R-LST-55, R-LST-71), in the order of the address space.
   *
   * @param space the address space of the container
   * @param translations where pages lead in sections that are translated
   */
  List<String> maps(AddressSpace space, Map<Long, Long> translations) {
    List<String> all = new ArrayList<>();
    for (FlatRange range : space.view().ranges()) {
      Optional<Pages> pages = pages(range);
      if (pages.isEmpty()) {
        continue;
      }
      if (range.region() instanceof MemoryRegion.Iommu) {
        translations.forEach((iova, target) -> {
          BigInteger first = unsigned(iova);
          BigInteger end = first.add(BigInteger.valueOf(4096));
          if (first.compareTo(pages.get().first) >= 0 && end.compareTo(pages.get().end) <= 0) {
            memoryAt(target)
                .ifPresent(memory -> all.add(map(new Pages(first, end), memory.readonly())));
          }
        });
      } else if (!isDiscarded(range.region())) {
        all.add(map(pages.get(), range.readonly()));
      }
    }
    return all;
  }

  /** The whole pages of what VFIO looks at at all. */
  private Optional<Pages> pages(FlatRange range) {
    MemoryRegion region = range.region();
    boolean memory =
        region instanceof MemoryRegion.Ram
            || region instanceof MemoryRegion.Rom
            || region instanceof MemoryRegion.RamDevice;
    BigInteger first = unsigned(range.range().first());
    BigInteger end = unsigned(range.range().last()).add(BigInteger.ONE);
    BigInteger offset = unsigned(range.offsetInRegion());
    boolean misaligned = !first.mod(pageSize).equals(offset.mod(pageSize));
    if (!memory && !(region instanceof MemoryRegion.Iommu) || first.testBit(63) || misaligned) {
      return Optional.empty();
    }
    BigInteger above = first.add(pageSize).subtract(BigInteger.ONE);
    BigInteger from = above.divide(pageSize).multiply(pageSize);
    BigInteger to = end.divide(pageSize).multiply(pageSize);
    return from.compareTo(to) < 0 ? Optional.of(new Pages(from, to)) : Optional.empty();
  }

  private Optional<FlatRange> memoryAt(long address) {
    return system.view().ranges().stream()
        .filter(range -> range.range().contains(address))
        .filter(range -> range.region().isRam() && !isDiscarded(range.region()))
        .filter(range -> Long.compareUnsigned(address + 4095, range.range().last()) <= 0)
        .findFirst();
  }

  private static boolean isDiscarded(MemoryRegion region) {
    return region instanceof MemoryRegion.Ram ram && ram.discardManager().isPresent();
  }

  private static String map(Pages pages, boolean readonly) {
    return text(pages) + (readonly ? " ro" : " rw");
  }

  private static String text(Pages pages) {
    return pages.first.toString(16) + ".." + pages.end.subtract(BigInteger.ONE).toString(16);
  }

  private static BigInteger unsigned(long value) {
    return BigInteger.valueOf(value).mod(SPACE);
  }
}
