package io.github.stopcopy.cli.stories;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.github.stopcopy.core.profile.QemuProfile;
import java.util.List;
import java.util.stream.Stream;

/**
 * A random scenario.
 *
 * @param seed makes it again
 * @param profile the release
 * @param onlyMigratable whether blockers are forbidden
 * @param viommu what stands between the devices and memory
 * @param cold the devices of the command line, in order
 * @param hot the devices that steps plug
 * @param mayFailToMap whether the host refuses mappings, so that maps are not what memory shows
 * @param ramSize bytes
 * @param scenario the whole as {@code stopcopy run} takes it
 */
record Story(
    long seed,
    String profile,
    boolean onlyMigratable,
    StoryViommu viommu,
    List<StoryDevice> cold,
    List<StoryDevice> hot,
    boolean mayFailToMap,
    long ramSize,
    ObjectNode scenario) {

  /** Whether a device sits where nothing can be plugged or unplugged. */
  boolean isOnRootBusOfQ35(String idOrName) {
    return device(idOrName).bus().isEmpty() && scenario.get("argv").toString().contains("q35");
  }

  /** Whether the release is that one or later. */
  boolean isFrom(QemuProfile release) {
    return isFrom(profile, release);
  }

  /** Whether a release is that one or later. */
  static boolean isFrom(String profile, QemuProfile release) {
    for (QemuProfile known : QemuProfile.values()) {
      if (known.id().equals(profile)) {
        return known.ordinal() >= release.ordinal();
      }
    }
    throw new IllegalArgumentException(profile);
  }

  StoryDevice device(String idOrName) {
    return Stream.concat(cold.stream(), hot.stream())
        .filter(device -> device.id().equals(idOrName) || device.name().equals(idOrName))
        .findFirst()
        .orElseThrow();
  }
}
