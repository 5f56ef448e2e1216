package io.github.stopcopy.cli.stories;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;

/**
 * A VFIO device of a story, with what the naive models need to know of it.
 *
 * @param id its id
 * @param name the name of the host's device
 * @param bus the bus, empty for the root bus
 * @param addr slot and function
 * @param properties what is given besides
 * @param migration what the kernel says about its migration: words, or a negative errno
 * @param dmaLogging whether it logs its own writes
 * @param facts all that the host knows of it
 */
record StoryDevice(
    String id,
    String name,
    Optional<String> bus,
    String addr,
    Map<String, String> properties,
    KernelMigration migration,
    boolean dmaLogging,
    ObjectNode facts) {

  /**
   * What the kernel says when it is asked how the device migrates.
   *
   * @param errno what it refuses with, 0 if it answers
   * @param words stop-copy, p2p and pre-copy, as far as it can
   */
  record KernelMigration(int errno, List<String> words) {
    boolean can(String word) {
      return errno == 0 && words.contains(word);
    }
  }

  String property(String key, String otherwise) {
    return properties.getOrDefault(key, otherwise);
  }

  /** The value of {@code -device}. */
  String option() {
    return "vfio-pci,sysfsdev=@DIR@/sys/"
        + name
        + ",id="
        + id
        + bus.map(at -> ",bus=" + at).orElse("")
        + ",addr="
        + addr
        + properties.entrySet().stream()
            .map(each -> "," + each.getKey() + "=" + each.getValue())
            .collect(Collectors.joining());
  }

  /** The step that plugs it. */
  ObjectNode plug() {
    ObjectNode step = JsonNodeFactory.instance.objectNode().put("do", "device-add");
    ObjectNode args = step.putObject("args");
    args.put("driver", "vfio-pci").put("sysfsdev", "@DIR@/sys/" + name).put("id", id);
    bus.ifPresent(at -> args.put("bus", at));
    args.put("addr", addr);
    properties.forEach((key, value) -> {
      if (key.equals("x-no-mmap") || key.equals("x-migration-iommu-pt")) {
        args.put(key, value.equals("on"));
      } else {
        args.put(key, value);
      }
    });
    return step;
  }
}
