package io.github.stopcopy.migration.incoming;

import io.github.stopcopy.core.config.MachineTypes;
import io.github.stopcopy.core.profile.QemuProfile;
import io.github.stopcopy.migration.destination.LoadOutcome;
import io.github.stopcopy.migration.reason.Cause;
import java.util.List;
import java.util.Optional;

/** Whether the machine type of the source is there on the destination, and is the same. */
final class MachineTypeCheck {

  private static final int ANY = Integer.MAX_VALUE;

  private final QemuProfile profile;
  private final String type;

  /** A type as a release understands it. */
  MachineTypeCheck(QemuProfile profile, String given) {
    this.profile = profile;
    this.type = full(profile, given);
  }

  /** Names without a version stand for the newest type of a release. */
  private static String full(QemuProfile profile, String given) {
    return switch (given) {
      case "q35" -> "pc-q35-" + newest(profile);
      case "pc" -> "pc-i440fx-" + newest(profile);
      default -> given;
    };
  }

  /** 8.1.50 is on the way to 8.2. */
  private static String newest(QemuProfile profile) {
    return profile == QemuProfile.V8_1_IOMMU_PT ? "8.2" : profile.id();
  }

  /** Why QEMU does not know it; empty for types of distributions, too. */
  Optional<Obstacle> unknown() {
    String[] newest = newest(profile).split("\\.");
    boolean known =
        MachineTypes.isAtMost(type, Integer.parseInt(newest[0]), Integer.parseInt(newest[1]));
    return isVersioned() && !known
        ? Optional.of(
            obstacle(
                Cause.DESTINATION_MACHINE_TYPE_UNKNOWN,
                LoadTexts.unknownMachineType(type),
                profile.id(),
                type))
        : Optional.empty();
  }

  /** Why QEMU here does not load what a machine of another type sends. */
  Optional<Obstacle> refuses(MachineTypeCheck source) {
    return type.equals(source.type)
        ? Optional.empty()
        : Optional.of(
            obstacle(
                Cause.DESTINATION_MACHINE_TYPE_DIFFERS,
                LoadTexts.of(profile).otherMachineType(source.type, type),
                source.type,
                type));
  }

  /** That another release has a type that is not QEMU's own nobody knows. */
  List<Unknown> unknowns(MachineTypeCheck source) {
    return isVersioned() || profile == source.profile
        ? List.of()
        : List.of(new Unknown(Unknown.DESTINATION, "machine type", type + " is there"));
  }

  private boolean isVersioned() {
    return MachineTypes.isAtMost(type, ANY, ANY);
  }

  private static Obstacle obstacle(Cause cause, String text, String... values) {
    return new Obstacle(LoadOutcome.SOURCE_RUNS_ON, cause.finding(text, values), Optional.empty());
  }
}
