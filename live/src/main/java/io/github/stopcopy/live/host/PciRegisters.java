package io.github.stopcopy.live.host;

import io.github.stopcopy.core.address.U64;
import io.github.stopcopy.core.host.HostDevice.Bar;
import io.github.stopcopy.core.host.HostDevice.BarKind;
import io.github.stopcopy.core.host.HostDevice.Msix;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** What the files {@code resource} and {@code config} of a PCI device say (R-HOST C1). */
final class PciRegisters {

  /** As much configuration space as there can be. */
  static final int CONFIG_SIZE = 4096;

  /** As much of it as everybody may read. */
  private static final int HEADER = 64;

  private static final int BARS = 6;
  private static final long IO = 0x100;
  private static final long MEMORY = 0x200;
  private static final long PREFETCHABLE = 0x2000;
  private static final long MEMORY_64 = 0x100000;
  private static final Pattern RESOURCE =
      Pattern.compile("0x([0-9a-f]{1,16}) 0x([0-9a-f]{1,16}) 0x([0-9a-f]{1,16})");

  private static final int STATUS = 0x06;
  private static final int HAS_CAPABILITIES = 0x10;
  private static final int FIRST_CAPABILITY = 0x34;
  private static final int MSIX = 0x11;
  private static final int LAST_BAR = 5;

  /** There is no room for more, so a list that is longer goes round. */
  private static final int MOST_CAPABILITIES = 48;

  private PciRegisters() {}

  /** The BARs that there are by their numbers; empty if the text is none of the kernel's. */
  static Optional<Map<Integer, Bar>> bars(String resource) {
    String[] lines = resource.split("\n");
    if (lines.length < BARS) {
      return Optional.empty();
    }
    Map<Integer, Bar> bars = new TreeMap<>();
    for (int number = 0; number < BARS; number++) {
      Matcher line = RESOURCE.matcher(lines[number].strip());
      if (!line.matches()) {
        return Optional.empty();
      }
      long start = Long.parseUnsignedLong(line.group(1), 16);
      long end = Long.parseUnsignedLong(line.group(2), 16);
      long flags = Long.parseUnsignedLong(line.group(3), 16);
      long size = end - start + 1;
      if ((flags & (IO | MEMORY)) == 0) {
        continue;
      }
      if (U64.less(end, start) || Long.bitCount(size) != 1) {
        return Optional.empty();
      }
      bars.put(number, bar(size, flags));
    }
    return Optional.of(bars);
  }

  private static Bar bar(long size, long flags) {
    boolean isPrefetchable = (flags & PREFETCHABLE) != 0;
    if ((flags & IO) != 0) {
      return new Bar(size, BarKind.IO, isPrefetchable, false); // ports are never mapped
    }
    BarKind kind = (flags & MEMORY_64) != 0 ? BarKind.MEM64 : BarKind.MEM32;
    return new Bar(size, kind, isPrefetchable, true);
  }

  /** What was found of MSI-X. */
  sealed interface MsixFound {

    /** The device has it. */
    record Capability(Msix msix) implements MsixFound {}

    /** The device has none. */
    record None() implements MsixFound {}

    /** The list of capabilities goes on where only root can read. */
    record Hidden() implements MsixFound {}

    /** This is no configuration space. */
    record Broken() implements MsixFound {}
  }

  /** Walks the list of capabilities. */
  static MsixFound msix(byte[] config) {
    if (config.length < HEADER) {
      return new MsixFound.Broken();
    }
    if ((u8(config, STATUS) & HAS_CAPABILITIES) == 0) {
      return new MsixFound.None();
    }
    int at = u8(config, FIRST_CAPABILITY) & ~3;
    for (int seen = 0; at >= HEADER; seen++) {
      if (at + 12 > config.length) {
        return config.length == HEADER ? new MsixFound.Hidden() : new MsixFound.Broken();
      }
      if (seen == MOST_CAPABILITIES) {
        return new MsixFound.Broken();
      }
      if (u8(config, at) == MSIX) {
        return capability(config, at);
      }
      at = u8(config, at + 1) & ~3;
    }
    return at == 0 ? new MsixFound.None() : new MsixFound.Broken();
  }

  private static MsixFound capability(byte[] config, int at) {
    int vectors = (u16(config, at + 2) & 0x7ff) + 1;
    long table = u16(config, at + 4) | (long) u16(config, at + 6) << 16;
    int bar = (int) (table & 7);
    return bar > LAST_BAR
        ? new MsixFound.Broken()
        : new MsixFound.Capability(new Msix(vectors, bar, table & ~7L));
  }

  private static int u8(byte[] bytes, int at) {
    return bytes[at] & 0xff;
  }

  private static int u16(byte[] bytes, int at) {
    return u8(bytes, at) | u8(bytes, at + 1) << 8;
  }
}
