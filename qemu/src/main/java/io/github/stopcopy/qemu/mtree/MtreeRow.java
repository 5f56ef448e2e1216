package io.github.stopcopy.qemu.mtree;

import io.github.stopcopy.core.address.AddressRange;
import java.util.List;

/**
 * One row of a flat view: a run of addresses that one region serves.
 *
 * @param range the addresses, ends inclusive (R-AS-100)
 * @param priority the region's own priority, not that of regions above it (R-AS-101)
 * @param nonvolatile whether the contents survive a power loss
 * @param type the type as printed
 * @param name the name of the region, which need not be unique (R-AS-103)
 * @param offset where in the region the run begins, in bytes (R-AS-101)
 * @param accelerators the accelerators printed behind it, usually none or {@code KVM}
 */
public record MtreeRow(
    AddressRange range,
    int priority,
    boolean nonvolatile,
    RowType type,
    String name,
    long offset,
    List<String> accelerators) {

  /** Copies the accelerators. */
  public MtreeRow {
    accelerators = List.copyOf(accelerators);
  }
}
