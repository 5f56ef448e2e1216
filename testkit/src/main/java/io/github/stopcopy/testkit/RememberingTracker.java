package io.github.stopcopy.testkit;

import io.github.stopcopy.core.address.AddressRange;
import io.github.stopcopy.core.spi.DirtyTracker;
import java.util.ArrayList;
import java.util.List;

/** Hands everything on and remembers what was written, for faults that write it again. */
class RememberingTracker extends ForwardingTracker {

  /** What was written; a fault that has written it again clears it. */
  final List<AddressRange> latest = new ArrayList<>();

  RememberingTracker(DirtyTracker honest) {
    super(honest);
  }

  @Override
  public void dmaWrite(AddressRange written) {
    super.dmaWrite(written);
    latest.add(written);
  }
}
