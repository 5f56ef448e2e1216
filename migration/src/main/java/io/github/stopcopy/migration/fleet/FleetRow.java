package io.github.stopcopy.migration.fleet;

import io.github.stopcopy.core.profile.QemuProfile;
import io.github.stopcopy.migration.Assumption;
import io.github.stopcopy.migration.Reason;
import io.github.stopcopy.migration.Remedy;
import io.github.stopcopy.migration.VerdictKind;
import java.util.List;
import java.util.Objects;
import java.util.Optional;

/**
 * The answer about one VM of a fleet. A VM that could not be read or decided is {@link #unknown}: a
 * row like others, with what is wrong.
 *
 * @param id what its owner calls the VM
 * @param node its host, empty if nobody says
 * @param profile the release that it is about; empty if the VM is unknown
 * @param verdict in one word; empty if the VM is unknown
 * @param reasons why, as {@code stopcopy check} tells it
 * @param assumptions what the answer rests on that nobody said
 * @param changes what frees the VM, in the words of {@link FleetChange}, by reason
 * @param error what is wrong with an unknown VM, else empty
 * @param earlier what was said before, if there is something to compare with
 */
public record FleetRow(
    String id,
    String node,
    Optional<QemuProfile> profile,
    Optional<VerdictKind> verdict,
    List<Reason> reasons,
    List<Assumption> assumptions,
    List<Freed> changes,
    String error,
    Optional<Earlier> earlier) {

  /** Copies the lists; nothing may be null. */
  public FleetRow {
    Objects.requireNonNull(id, "id");
    Objects.requireNonNull(node, "node");
    Objects.requireNonNull(profile, "profile");
    Objects.requireNonNull(verdict, "verdict");
    reasons = List.copyOf(reasons);
    assumptions = List.copyOf(assumptions);
    changes = List.copyOf(changes);
    Objects.requireNonNull(error, "error");
    Objects.requireNonNull(earlier, "earlier");
  }

  /**
   * A change that frees the VM although a reason of this code is there.
   *
   * @param code the code of the reason
   * @param change the change
   */
  public record Freed(String code, FleetChange change) {}

  /**
   * What was said of the VM before.
   *
   * @param known whether it was there before
   * @param profile the release that it was about, if that is known
   * @param verdict the verdict; empty if it was not there or unknown
   */
  public record Earlier(
      boolean known, Optional<QemuProfile> profile, Optional<VerdictKind> verdict) {

    /** A VM that was not there. */
    public static final Earlier ABSENT = new Earlier(false, Optional.empty(), Optional.empty());
  }

  /** A VM that could not be read or decided. */
  public static FleetRow unknown(String id, String node, String error) {
    return new FleetRow(
        id,
        node,
        Optional.empty(),
        Optional.empty(),
        List.of(),
        List.of(),
        List.of(),
        error,
        Optional.empty());
  }

  /** The same, beside what was said before. */
  public FleetRow since(Earlier before) {
    return new FleetRow(
        id, node, profile, verdict, reasons, assumptions, changes, error, Optional.of(before));
  }

  /** Whether the VM can be moved, also where that depends on something. */
  public boolean canMove() {
    return verdict.map(VerdictKind::isPositive).orElse(false);
  }

  /**
   * Whether the VM is worse off than before: conditional where it was migratable, or not known to
   * move where it was. One that was not there before, or unknown, and does not move counts as well;
   * one that is unknown now and was unknown before does not.
   */
  public boolean isNewlyWorse() {
    if (earlier.isEmpty()) {
      return false;
    }
    Earlier before = earlier.get();
    if (before.verdict().isEmpty()) {
      return before.known() ? verdict.isPresent() && !canMove() : !canMove();
    }
    return level(verdict) < level(before.verdict());
  }

  private static int level(Optional<VerdictKind> kind) {
    if (kind.isEmpty()) {
      return 0;
    }
    return switch (kind.get()) {
      case MIGRATABLE -> 3;
      case CONDITIONAL -> 2;
      case BLOCKED, REFUSED, FAILED -> 1;
    };
  }

  /**
   * The remedy that is told first: the first that frees the VM, else the first that helps; empty if
   * none is known.
   */
  public Optional<Remedy> remedy() {
    Optional<Remedy> first = Optional.empty();
    for (Reason reason : reasons) {
      for (Remedy remedy : reason.remedies()) {
        if (frees(remedy)) {
          return Optional.of(remedy);
        }
        if (first.isEmpty()) {
          first = Optional.of(remedy);
        }
      }
    }
    return first;
  }

  /** Whether the VM moves after it, without a condition if it moves on one now. */
  boolean frees(Remedy remedy) {
    return canMove() ? remedy.verdict() == VerdictKind.MIGRATABLE : remedy.verdict().isPositive();
  }
}
