package io.github.stopcopy.cli.stories;

import com.fasterxml.jackson.databind.node.ObjectNode;
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

  StoryDevice device(String idOrName) {
    return Stream.concat(cold.stream(), hot.stream())
        .filter(device -> device.id().equals(idOrName) || device.name().equals(idOrName))
        .findFirst()
        .orElseThrow();
  }
}
