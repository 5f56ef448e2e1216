package io.github.stopcopy.migration.fleet;

import io.github.stopcopy.core.profile.QemuProfile;
import io.github.stopcopy.migration.reason.ReasonKind;
import java.util.List;
import java.util.Optional;

/**
 * A fleet in numbers. Immutable.
 *
 * @param all the numbers of all nodes together
 * @param newlyWorse how many VMs are worse off than before; empty without anything to compare with
 * @param newlyStuck how many of these do not move, or are unknown
 * @param profiles the releases that the answers are about, the most frequent first
 * @param causes why VMs do not move, the most frequent first, then on what VMs depend that do
 * @param changes what frees most VMs that do not move, the most first; {@link #MOST_CHANGES} at
 *     most
 * @param nodes the numbers by node, in the order in which nodes were first named
 */
public record FleetSummary(
    Count all,
    Optional<Long> newlyWorse,
    long newlyStuck,
    List<QemuProfile> profiles,
    List<Cause> causes,
    List<Freeing> changes,
    List<Count> nodes) {

  /** How many changes are told. */
  public static final int MOST_CHANGES = 10;

  /** Copies the lists. */
  public FleetSummary {
    profiles = List.copyOf(profiles);
    causes = List.copyOf(causes);
    changes = List.copyOf(changes);
    nodes = List.copyOf(nodes);
  }

  /**
   * How many VMs have which verdict.
   *
   * @param node the node; empty for VMs of which nobody says it, and in the sum of all
   * @param migratable VMs that can be moved
   * @param conditional VMs that can be moved on a condition
   * @param blocked VMs whose migration QEMU refuses
   * @param refused VMs that QEMU does not start
   * @param failed VMs whose migration starts and fails
   * @param unknown VMs that could not be read or decided
   */
  public record Count(
      String node,
      long migratable,
      long conditional,
      long blocked,
      long refused,
      long failed,
      long unknown) {

    /** How many VMs there are. */
    public long vms() {
      return canMove() + cannotMove() + unknown;
    }

    /** How many can be moved, also on a condition. */
    public long canMove() {
      return migratable + conditional;
    }

    /** How many cannot be moved. */
    public long cannotMove() {
      return blocked + refused + failed;
    }
  }

  /**
   * A cause, and whom it concerns.
   *
   * @param code the code of the reasons
   * @param kind what it does to a migration
   * @param vms how many VMs have it
   * @param devices how many of their devices are named in it
   * @param examples the ids of the first of these VMs
   * @param change the change that frees most of these VMs; empty if none frees any
   */
  public record Cause(
      String code,
      ReasonKind kind,
      long vms,
      long devices,
      List<String> examples,
      Optional<Freeing> change) {

    /** Copies the examples. */
    public Cause {
      examples = List.copyOf(examples);
    }
  }

  /**
   * A change, and how many VMs it frees.
   *
   * @param change the change
   * @param vms how many VMs move after it that do not move now; of a condition, how many move
   *     without one
   */
  public record Freeing(FleetChange change, long vms) {}
}
