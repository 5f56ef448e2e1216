package io.github.stopcopy.live;

import io.github.stopcopy.core.error.Errno;
import io.github.stopcopy.core.host.HostDevice;
import io.github.stopcopy.core.host.HostDevice.DmaLogging;
import io.github.stopcopy.core.host.HostDevice.Fact;
import io.github.stopcopy.core.host.HostDevice.MigrationSupport;
import io.github.stopcopy.core.host.HostDeviceBuilder;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What the reasons in {@code query-migrate}, and their absence, tell of the host's devices (R-LIVE,
 * B4): which of them the kernel cannot migrate, which do not log. That a device logs is never
 * concluded: what it refuses shows only when it is asked.
 */
final class BlockedReasons {

  private static final String MULTIPLE = "Multiple VFIO devices migration is supported only if";
  private static final String DISABLED = "Migration is disabled for VFIO device";
  private static final List<String> NO_SUPPORT =
      List.of("VFIO migration is not supported in kernel", "migration is not supported in kernel");
  private static final String NO_STOP_COPY = "VFIO_MIGRATION_STOP_COPY is not supported";
  private static final List<String> INIT_FAILED =
      List.of("VFIO migration init failed", "Migration couldn't be initialized");
  private static final Pattern ERROR_NUMBER = Pattern.compile("err: -([0-9]{1,4})\\b");
  private static final String NO_TRACKING = "VFIO device doesn't support device";

  private final List<String> reasons;
  private final List<String> learned = new ArrayList<>();

  BlockedReasons(List<String> reasons) {
    this.reasons = reasons;
  }

  /** What was learned, in words. */
  List<String> learned() {
    return learned;
  }

  /** The facts of a device with what was learned in place of what nobody said. */
  HostDevice complete(LiveDevice device, HostDevice facts) {
    String name = device.vfioName().orElse("");
    boolean isAsked =
        !device.text("enable-migration").orElse("auto").equals("off")
            && device.text("failover_pair_id").isEmpty()
            && !hasReason(name, List.of(DISABLED));
    if (!isAsked) {
      return facts;
    }
    HostDeviceBuilder builder = facts.toBuilder();
    if (!facts.given().contains(Fact.MIGRATION)) {
      migration(name, builder);
    }
    boolean isLogOff = device.text("x-device-dirty-page-tracking").orElse("on").equals("off");
    if (!facts.given().contains(Fact.DMA_LOGGING)
        && !isLogOff
        && hasReason(name, List.of(NO_TRACKING))) {
      learned.add(name + " does not log what it writes");
      builder.dmaLogging(DmaLogging.NONE);
    }
    return builder.build();
  }

  private void migration(String name, HostDeviceBuilder builder) {
    boolean isKnownToFail = hasReason(name, NO_SUPPORT);
    if (isKnownToFail) {
      learned.add(name + " has no migration support in the kernel");
      builder.migration(MigrationSupport.failing(Errno.ENOTTY));
    } else if (hasReason(name, List.of(NO_STOP_COPY))) {
      learned.add(name + " cannot be read while it is stopped");
      builder.migration(MigrationSupport.of(false, false, false));
    } else if (hasReason(name, INIT_FAILED)) {
      Optional<Errno> error = errorOf(name);
      if (error.isPresent()) {
        learned.add(name + " has no migration support that could be set up: " + error.get().text());
        builder.migration(MigrationSupport.failing(error.get()));
      }
    } else {
      boolean isSomebodyWithoutP2p = reasons.stream().anyMatch(text -> text.startsWith(MULTIPLE));
      learned.add(name + " has migration support in the kernel");
      builder.migration(MigrationSupport.of(true, !isSomebodyWithoutP2p, false));
    }
  }

  /** The error that QEMU names where migration could not be set up, by number or by its text. */
  private Optional<Errno> errorOf(String device) {
    for (String reason : reasons) {
      if (!reason.startsWith(device + ": ") || INIT_FAILED.stream().noneMatch(reason::contains)) {
        continue;
      }
      Matcher number = ERROR_NUMBER.matcher(reason);
      if (number.find()) {
        return Errno.ofNumber(Integer.parseInt(number.group(1)));
      }
      return Arrays.stream(Errno.values())
          .filter(error -> reason.endsWith(": " + error.text()))
          .findFirst();
    }
    return Optional.empty();
  }

  private boolean hasReason(String device, List<String> texts) {
    for (String reason : reasons) {
      if (reason.startsWith(device + ": ") && texts.stream().anyMatch(reason::contains)) {
        return true;
      }
    }
    return false;
  }
}
