package io.github.stopcopy.core.memory;

import io.github.stopcopy.core.address.ByteSize;
import java.util.ArrayList;
import java.util.List;

/** Short forms for tests: sizes, and views as rows such as {@code 3000-37ff D@800 ro}. */
final class Views {

  static final ByteSize ALL = ByteSize.WHOLE_SPACE;

  private Views() {}

  static ByteSize size(long bytes) {
    return ByteSize.of(bytes);
  }

  static List<String> rows(AddressSpace space) {
    return rows(space.view());
  }

  static List<String> rows(FlatView view) {
    List<String> rows = new ArrayList<>();
    for (FlatRange range : view.ranges()) {
      rows.add(
          row(range.section())
              + (range.romdMode() ? "" : " i/o")
              + (range.unmergeable() ? " unmergeable" : ""));
    }
    return rows;
  }

  static String row(MemorySection section) {
    return Long.toHexString(section.range().first())
        + "-"
        + Long.toHexString(section.range().last())
        + " "
        + section.region().name()
        + (section.offsetInRegion() == 0 ? "" : "@" + Long.toHexString(section.offsetInRegion()))
        + (section.readonly() ? " ro" : "")
        + (section.nonvolatile() ? " nv" : "");
  }

  /** The view of a fresh address space over {@code root}. */
  static List<String> render(GuestMemory memory, MemoryRegion root) {
    return rows(memory.addressSpace("test", root));
  }
}
