package io.github.stopcopy.testkit;

import io.github.stopcopy.core.address.AddressRange;
import java.util.List;

/**
 * What QEMU asks of a tracker on a PC with 8 GiB: start ranges that enclose everything below and
 * above 4 GiB, and reports of the memory in them, section by section. The BIOS maps the shadow RAM
 * from 0xc0000 on in pieces, some of them read-only, so no report begins and ends where a start
 * range does.
 */
public final class PcLayout {

  /** The ranges of a start, aligned to 64 KiB and more. */
  public static final List<AddressRange> START_RANGES =
      List.of(new AddressRange(0, 0xffffffffL), new AddressRange(0x100000000L, 0x27fffffffL));

  /** The sections that are reported, one request each, ascending; some are adjacent. */
  public static final List<AddressRange> REPORTS =
      List.of(
          new AddressRange(0, 0x9ffff),
          new AddressRange(0xc0000, 0xc9fff),
          new AddressRange(0xca000, 0xccfff),
          new AddressRange(0xcd000, 0xcffff),
          new AddressRange(0xd0000, 0xdffff),
          new AddressRange(0xe0000, 0xeffff),
          new AddressRange(0xf0000, 0xfffff),
          new AddressRange(0x100000, 0x7fffffff),
          new AddressRange(0xfffc0000L, 0xffffffffL),
          new AddressRange(0x100000000L, 0x27fffffffL));

  private PcLayout() {}
}
