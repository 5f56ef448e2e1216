package io.github.stopcopy.cli.explain;

import io.github.stopcopy.core.profile.QemuProfile;
import io.github.stopcopy.migration.reason.ReasonCode;

/** Which releases know a reason, in words. */
public final class Releases {

  private Releases() {}

  /** Such as {@code QEMU 8.1 to 10.2}; the releases that are not modelled are not meant. */
  public static String of(ReasonCode code) {
    QemuProfile first = code.since().orElse(QemuProfile.V8_1);
    if (code.until().isEmpty()) {
      return "QEMU from " + first + " on";
    }
    QemuProfile last = code.until().get();
    return first == last ? "QEMU " + first + " only" : "QEMU " + first + " to " + last;
  }
}
