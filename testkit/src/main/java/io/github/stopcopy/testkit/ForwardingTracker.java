package io.github.stopcopy.testkit;

import io.github.stopcopy.core.address.AddressRange;
import io.github.stopcopy.core.address.U64;
import io.github.stopcopy.core.dirty.DirtyBitmap;
import io.github.stopcopy.core.error.Errno;
import io.github.stopcopy.core.spi.DirtyTracker;
import io.github.stopcopy.core.spi.StartResult;
import java.util.List;
import java.util.Optional;

/** Hands everything to another tracker; faults override what they spoil. */
class ForwardingTracker implements DirtyTracker {

  final DirtyTracker honest;

  /** The ranges of the latest start that was granted. */
  List<AddressRange> logged = List.of();

  ForwardingTracker(DirtyTracker honest) {
    this.honest = honest;
  }

  @Override
  public StartResult start(List<AddressRange> ranges, long pageSize) {
    StartResult result = honest.start(ranges, pageSize);
    if (result instanceof StartResult.Granted) {
      logged = List.copyOf(ranges);
    }
    return result;
  }

  @Override
  public void dmaWrite(AddressRange written) {
    honest.dmaWrite(written);
  }

  @Override
  public Optional<Errno> report(AddressRange range, long pageSize, DirtyBitmap into) {
    return honest.report(range, pageSize, into);
  }

  @Override
  public Optional<Errno> stop() {
    return honest.stop();
  }

  @Override
  public void close() {
    honest.close();
  }

  /** Hands on the part of a write up to an address, if there is one. */
  final void writeUpTo(AddressRange written, long last) {
    if (U64.lessOrEqual(written.first(), last)) {
      honest.dmaWrite(new AddressRange(written.first(), U64.min(written.last(), last)));
    }
  }

  /** Hands on the part of a write from an address on, if there is one. */
  final void writeFrom(AddressRange written, long first) {
    if (U64.lessOrEqual(first, written.last())) {
      honest.dmaWrite(new AddressRange(U64.max(written.first(), first), written.last()));
    }
  }

  /** Asks for a report and throws it away. */
  final void forget(AddressRange range) {
    honest.report(range, 1L << 30, new DirtyBitmap(TrackedDevice.bits(range, 1L << 30)));
  }
}
