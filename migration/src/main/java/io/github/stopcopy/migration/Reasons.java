package io.github.stopcopy.migration;

import io.github.stopcopy.migration.reason.Cause;
import io.github.stopcopy.migration.reason.ReasonKind;
import io.github.stopcopy.migration.scenario.Story;
import io.github.stopcopy.migration.spi.Finding;
import io.github.stopcopy.migration.vm.DeviceFinding;
import io.github.stopcopy.vfiopci.VfioDevice;
import java.util.List;
import java.util.Optional;

/** Makes reasons of what was found, without remedies. */
final class Reasons {

  private Reasons() {}

  static Reason of(Story story, ReasonKind kind, DeviceFinding found) {
    return of(story, kind, found.finding(), found.device(), found.error().text());
  }

  /** A reason that was found with QEMU's text in it. */
  static Reason of(Story story, ReasonKind kind, Finding finding, Optional<String> device) {
    return of(story, kind, finding, device, finding.qemuText());
  }

  /** A reason of the catalogue. */
  static Reason of(
      Story story,
      ReasonKind kind,
      Cause cause,
      Optional<String> device,
      String qemuText,
      String... values) {
    return of(story, kind, cause.finding(qemuText, values), device, qemuText);
  }

  /** That it works only if facts of a device are as they were assumed. */
  static Reason assumed(VfioDevice device, List<Assumption> facts) {
    Cause cause = Cause.HOST_ASSUMED;
    return new Reason(
        cause.code().name(),
        ReasonKind.CONDITION,
        Optional.of(device.name()),
        device.id(),
        "",
        cause.explanation(),
        cause.rules(),
        facts.stream().map(Assumption::toString).toList(),
        List.of());
  }

  private static Reason of(
      Story story, ReasonKind kind, Finding finding, Optional<String> device, String qemuText) {
    return new Reason(
        finding.code(),
        kind,
        device,
        device.flatMap(name -> AssignedDevices.idOf(story, name)),
        qemuText,
        finding.explanation(),
        finding.rules(),
        List.of(),
        List.of());
  }
}
