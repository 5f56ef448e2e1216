package io.github.stopcopy.migration;

import io.github.stopcopy.core.profile.QemuProfile;
import java.util.Collection;
import java.util.List;
import java.util.Optional;

/**
 * What it changes for a VM to be run by another release of QEMU.
 *
 * @param from the verdict before
 * @param to the verdict after
 * @param gone the reasons that only the verdict before has
 * @param added the reasons that only the verdict after has
 * @param warningsGone the warnings that only the verdict before has, but for those about the
 *     release itself
 * @param warningsAdded the warnings that only the verdict after has, with the same exception
 */
public record ReleaseChange(
    Verdict from,
    Verdict to,
    List<Reason> gone,
    List<Reason> added,
    List<String> warningsGone,
    List<String> warningsAdded) {

  /** Copies the lists. */
  public ReleaseChange {
    gone = List.copyOf(gone);
    added = List.copyOf(added);
    warningsGone = List.copyOf(warningsGone);
    warningsAdded = List.copyOf(warningsAdded);
  }

  /** Compares two verdicts on the same VM. */
  public static ReleaseChange between(Verdict from, Verdict to) {
    return new ReleaseChange(
        from, to, reasons(from, to), reasons(to, from), warnings(from, to), warnings(to, from));
  }

  /** Whether everything stays as it is. */
  public boolean isNothing() {
    return from.kind() == to.kind()
        && gone.isEmpty()
        && added.isEmpty()
        && warningsGone.isEmpty()
        && warningsAdded.isEmpty();
  }

  /**
   * The release from which on all migrate the VM, the newest of the verdicts included; empty if the
   * newest does not. A release with a patch that nobody merged does not count.
   *
   * @param verdicts the verdicts of several releases, oldest first
   */
  public static Optional<QemuProfile> migratesFrom(Collection<Verdict> verdicts) {
    Optional<QemuProfile> first = Optional.empty();
    for (Verdict verdict : verdicts) {
      if (verdict.profile() == QemuProfile.V8_1_IOMMU_PT) {
        continue;
      }
      if (!verdict.kind().isPositive()) {
        first = Optional.empty();
      } else if (first.isEmpty()) {
        first = Optional.of(verdict.profile());
      }
    }
    return first;
  }

  /** The reasons of one that the other does not have. */
  private static List<Reason> reasons(Verdict of, Verdict without) {
    return of.reasons().stream()
        .filter(reason -> without.reasons().stream().noneMatch(reason::isSameAs))
        .toList();
  }

  private static List<String> warnings(Verdict of, Verdict without) {
    Optional<String> ofRelease = of.profile().warning();
    return of.warnings().stream()
        .filter(line -> !without.warnings().contains(line))
        .filter(line -> ofRelease.stream().noneMatch(line::contains))
        .toList();
  }
}
