package io.github.stopcopy.standin;

import io.github.stopcopy.core.address.AddressRange;
import io.github.stopcopy.core.address.U64;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/**
 * What became of the RAM in one migration whose dirty pages a tracker logged. Immutable.
 *
 * @param seed where all that was written follows from
 * @param failure why nothing is shown: the migration failed, QEMU ended, a tracker or the stand-in
 *     did not do its part; empty if the RAM of both sides was compared
 * @param writes how many writes were done while the migration ran
 * @param bytesWritten how many bytes these have in sum
 * @param reports how many reports of trackers QEMU had, of all devices
 * @param syncs how often QEMU looked for dirty pages
 * @param bytesCompared how much RAM was compared
 * @param lostBytes how many bytes differ at the destination
 * @param lost where, ascending by guest-physical address: from the first to the last differing byte
 *     of each page; pages that touch are one range
 * @param latest for the first of these ranges, what wrote to its first byte last
 * @param took from the start of the QEMUs to the end of the comparison
 */
public record TrackedResult(
    long seed,
    Optional<String> failure,
    int writes,
    long bytesWritten,
    int reports,
    long syncs,
    long bytesCompared,
    long lostBytes,
    List<AddressRange> lost,
    Optional<DmaWrite> latest,
    Duration took) {

  private static final int MOST_RANGES = 5;

  /** Copies the list. */
  public TrackedResult {
    lost = List.copyOf(lost);
  }

  /** Whether the migration came to its end, and all RAM is at the destination as it was. */
  public boolean isLossless() {
    return failure.isEmpty() && lostBytes == 0;
  }

  /** In one line, with the seed to play it again. */
  @Override
  public String toString() {
    StringBuilder text = new StringBuilder("seed " + seed + ": ");
    if (failure.isPresent()) {
      return text.append(failure.get()).toString();
    }
    text.append(lostBytes).append(" bytes lost; ").append(writes).append(" writes, ");
    text.append(bytesWritten >> 20).append(" MiB, ").append(reports).append(" reports in ");
    text.append(syncs).append(" syncs, ").append(bytesCompared >> 20).append(" MiB compared, ");
    text.append(took.toMillis()).append(" ms");
    for (AddressRange range : lost.subList(0, Math.min(MOST_RANGES, lost.size()))) {
      text.append("; lost ").append(range);
    }
    if (lost.size() > MOST_RANGES) {
      text.append("; and ").append(lost.size() - MOST_RANGES).append(" ranges more");
    }
    latest.ifPresent(
        write -> text.append("; ").append(U64.hex(lost.get(0).first())).append(": ").append(write));
    return text.toString();
  }
}
