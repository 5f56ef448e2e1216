package io.github.stopcopy.cli.report;

import io.github.stopcopy.cli.report.AddressSpaceMap.Kind;
import io.github.stopcopy.cli.report.AddressSpaceMap.Segment;
import io.github.stopcopy.core.guard.VisibleText;
import io.github.stopcopy.migration.Played;
import java.math.BigInteger;
import java.util.List;

/** What devices see and what of it is tracked, as lines of text of at most 80 columns. */
public final class AddressSpacePicture {

  private static final int BAR = 14;

  private static final int MOST_RUNS = 40;

  private AddressSpacePicture() {}

  /** A picture for each different address space, lines ended, with an empty line in front. */
  public static String write(Played played) {
    StringBuilder text =
        new StringBuilder("\nWhat devices see (bars by the logarithm of the size)\n");
    List<DeviceSpace> spaces = DeviceSpace.of(played);
    if (spaces.isEmpty()) {
      text.append("  there is no VFIO device to see anything\n");
    }
    DeviceNames names = new DeviceNames(played.story().vm());
    for (DeviceSpace space : spaces) {
      Paragraphs.write(text, "  ", "device " + names.of(space.devices()));
      for (Segment segment : AddressSpaceMap.fewer(space.segments(), MOST_RUNS)) {
        text.append(line(space, segment)).append('\n');
      }
      for (String note : space.notes()) {
        text.append("    ").append(note).append('\n');
      }
    }
    return text.toString();
  }

  private static String line(DeviceSpace space, Segment segment) {
    BigInteger bytes = segment.bytes();
    return VisibleText.of(
        String.format(
            "    0x%016x  %-8s %9s  %-14s %s",
            segment.range().first(),
            segment.kind(),
            Sizes.text(bytes),
            bar(segment, bytes),
            space.use(segment)));
  }

  private static String bar(Segment segment, BigInteger bytes) {
    String sign = segment.kind() == Kind.NOTHING ? (segment.isTracked() ? "-" : ".") : "#";
    return sign.repeat(Math.max(1, Math.min(BAR, (bytes.bitLength() - 10) / 3)));
  }
}
