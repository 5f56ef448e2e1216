package io.github.stopcopy.live.host;

import io.github.stopcopy.core.address.AddressRange;
import io.github.stopcopy.core.address.U64;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * An IOMMU group.
 *
 * @param number its number
 * @param reserved what cannot be mapped; empty if nobody says
 * @param isFirmwares whether firmware uses memory behind it, so that VFIO gets none of its devices
 * @param intruders members that a driver of the host has, with the name of that, the first few
 * @param intruderCount how many there are
 */
record IommuGroup(
    int number,
    Optional<List<AddressRange>> reserved,
    boolean isFirmwares,
    List<String> intruders,
    int intruderCount) {

  private static final int SHOWN_INTRUDERS = 6;

  private static final String FOLDER = "sys/kernel/iommu_groups/";
  private static final Pattern LINE =
      Pattern.compile("0x([0-9a-f]{1,16}) 0x([0-9a-f]{1,16}) ([a-z-]{1,32})");

  static IommuGroup read(HostTree tree, int number, List<PciDevice> members) {
    Optional<String> text = tree.read(file(number)).text();
    List<String> intruders = new ArrayList<>();
    int count = 0;
    for (PciDevice member : members) {
      if (member.driver().isPresent() && !isHarmless(tree, member)) {
        count++;
        if (intruders.size() < SHOWN_INTRUDERS) {
          intruders.add(member.address() + " (" + member.driver().get() + ")");
        }
      }
    }
    return new IommuGroup(
        number,
        text.flatMap(IommuGroup::reserved),
        text.filter(IommuGroup::hasDirect).isPresent(),
        intruders,
        count);
  }

  /** Which file tells what is reserved. */
  static String file(int number) {
    return FOLDER + number + "/reserved_regions";
  }

  /** Bridges stay with the host, and a stub does nothing with its device. */
  private static boolean isHarmless(HostTree tree, PciDevice member) {
    return member.isBoundToVfio()
        || member.driver().orElse("").equals("pci-stub")
        || member.isBridge(tree);
  }

  /**
   * What is not mapped; regions that may be relaxed are. Empty if a line is none of the kernel's.
   */
  private static Optional<List<AddressRange>> reserved(String text) {
    List<AddressRange> reserved = new ArrayList<>();
    for (String line : text.split("\n")) {
      Matcher words = LINE.matcher(line.strip());
      if (!words.matches()) {
        if (line.isBlank()) {
          continue;
        }
        return Optional.empty();
      }
      long first = Long.parseUnsignedLong(words.group(1), 16);
      long last = Long.parseUnsignedLong(words.group(2), 16);
      if (U64.less(last, first)) {
        return Optional.empty();
      }
      if (!words.group(3).equals("direct-relaxable")) {
        reserved.add(new AddressRange(first, last));
      }
    }
    return Optional.of(reserved);
  }

  private static boolean hasDirect(String text) {
    return text.lines().anyMatch(line -> line.strip().endsWith(" direct"));
  }

  /** What is left of the addresses up to the last one, ascending. */
  static List<AddressRange> without(long last, List<AddressRange> reserved) {
    List<AddressRange> left = new ArrayList<>();
    long next = 0;
    for (AddressRange hole : AddressRange.disjoint(reserved)) {
      if (U64.less(last, hole.first())) {
        break;
      }
      if (U64.less(next, hole.first())) {
        left.add(new AddressRange(next, hole.first() - 1));
      }
      if (U64.lessOrEqual(last, hole.last())) {
        return left;
      }
      next = hole.last() + 1;
    }
    left.add(new AddressRange(next, last));
    return left;
  }
}
