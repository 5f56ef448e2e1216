package io.github.stopcopy.cli.report;

import io.github.stopcopy.core.address.U64;
import io.github.stopcopy.core.spi.IovaLimits;
import io.github.stopcopy.migration.DeviceTracking;
import io.github.stopcopy.migration.Played;
import io.github.stopcopy.migration.Verdict;
import io.github.stopcopy.migration.cost.LayoutCost;
import io.github.stopcopy.migration.scenario.Story;
import io.github.stopcopy.migration.vm.FailoverPrimary;
import io.github.stopcopy.vfiopci.TrackedBy;
import io.github.stopcopy.vfiopci.VfioContainer;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.math.RoundingMode;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/** What there is to say of who tracks, beside the ranges. */
public final class TrackingWords {

  private TrackingWords() {}

  /** A line for each container whose devices do not log themselves. */
  public static List<String> others(Played played) {
    Story story = played.story();
    List<String> lines = new ArrayList<>();
    if (story.refusedMigration().isPresent() || story.vm().exitCode().isPresent()) {
      return lines;
    }
    List<DeviceTracking> logging = played.verdict().tracking();
    DeviceNames names = new DeviceNames(story.vm());
    Set<String> leaving = leaving(story);
    for (VfioContainer container : story.vm().containers()) {
      List<String> devices = container.deviceNames();
      boolean logs = logging.stream().anyMatch(device -> devices.contains(device.device()));
      if (!logs) {
        lines.add(names.of(devices) + ": " + tracker(container, leaving));
      }
    }
    return lines;
  }

  private static String tracker(VfioContainer container, Set<String> leaving) {
    if (leaving.containsAll(container.deviceNames())) {
      return "fails over; it leaves before memory is sent";
    } else if (!container.findsWrites()) {
      return "nobody tracks; what is written into pages that were sent is lost";
    }
    return container.trackedBy() == TrackedBy.NOBODY
        ? "nobody tracks; all memory counts as written at every pass"
        : "the container tracks; all memory it maps counts as written";
  }

  /** The devices that the guest lets go of. */
  private static Set<String> leaving(Story story) {
    return story.vm().failoverPrimaries().stream()
        .filter(FailoverPrimary::paired)
        .map(FailoverPrimary::device)
        .collect(Collectors.toUnmodifiableSet());
  }

  /** How much one device tracks. */
  public static String sum(DeviceTracking device) {
    return "in sum "
        + Sizes.text(device.trackedBytes())
        + ", a bitmap of "
        + Sizes.text(device.bitmapBytes());
  }

  /** What the option saves against tracking all that the vIOMMU could translate (R-VIO-62). */
  public static Optional<String> savings(Played played) {
    Verdict verdict = played.verdict();
    List<DeviceTracking> all = verdict.tracking();
    Optional<IovaLimits> limits = verdict.virtualIommu();
    boolean behind =
        played.story().vm().containers().stream().anyMatch(VfioContainer::isBehindVirtualIommu);
    if (limits.isEmpty() || !behind || all.isEmpty()) {
      return Optional.empty();
    }
    DeviceTracking device = all.get(0);
    BigInteger width = U64.toBigInteger(limits.get().lastIova()).add(BigInteger.ONE);
    BigInteger bitmap = LayoutCost.bitmapBytes(width, device.pageSize());
    String times =
        device.trackedBytes().signum() == 0
            ? ""
            : ", "
                + new BigDecimal(width)
                    .divide(new BigDecimal(device.trackedBytes()), 1, RoundingMode.HALF_UP)
                    .stripTrailingZeros()
                    .toPlainString()
                + " times as much";
    return Optional.of(
        "Without the option the vIOMMU's whole width would have to be tracked: "
            + limits.get().addressBits()
            + " bits, "
            + Sizes.text(width)
            + ", a bitmap of "
            + Sizes.text(bitmap)
            + " per device"
            + times
            + ". Saved per device: "
            + Sizes.text(bitmap.subtract(device.bitmapBytes()).max(BigInteger.ZERO))
            + " of bitmap.");
  }
}
