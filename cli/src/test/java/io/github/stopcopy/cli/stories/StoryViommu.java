package io.github.stopcopy.cli.stories;

import io.github.stopcopy.core.profile.QemuProfile;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.stream.Collectors;

/**
 * The vIOMMU of a story.
 *
 * @param driver its type; empty: there is none
 * @param properties its properties
 * @param last whether it stands behind the devices on the command line
 */
record StoryViommu(String driver, Map<String, String> properties, boolean last) {

  static final StoryViommu NONE = new StoryViommu("", Map.of(), false);

  static StoryViommu random(Random random, String profile) {
    boolean last = random.nextInt(8) == 0;
    Map<String, String> properties = new TreeMap<>();
    switch (random.nextInt(10)) {
      case 0, 1, 2 -> {
        return NONE;
      }
      case 3 -> {
        properties.put("intremap", "on");
        if (Story.isFrom(profile, QemuProfile.V10_2) && random.nextBoolean()) {
          properties.put("dma-remap", "on");
        }
        return new StoryViommu("amd-iommu", properties, last);
      }
      case 4 -> {
        properties.put("addr", "02.0");
        if (random.nextBoolean()) {
          properties.put("boot-bypass", random.nextBoolean() ? "on" : "off");
        }
        return new StoryViommu("virtio-iommu-pci", properties, last);
      }
      default -> {
        properties.put("intremap", random.nextInt(10) > 0 ? "on" : "off");
        if (random.nextInt(20) > 0) {
          properties.put("caching-mode", "on");
        }
        properties.put("aw-bits", random.nextInt(3) == 0 ? "39" : "48");
        occasionally(random, properties, 40, "aw-bits", "57");
        occasionally(random, properties, 8, "dma-translation", "off");
        boolean renamed = Story.isFrom(profile, QemuProfile.V11_1);
        if (!renamed) {
          occasionally(random, properties, 8, "pt", "off");
        }
        occasionally(random, properties, 8, "device-iotlb", "on");
        occasionally(random, properties, 12, renamed ? "scalable-mode" : "x-scalable-mode", "on");
        occasionally(random, properties, 20, "snoop-control", "on");
        return new StoryViommu("intel-iommu", properties, last);
      }
    }
  }

  private static void occasionally(
      Random random, Map<String, String> properties, int oneIn, String key, String value) {
    if (random.nextInt(oneIn) == 0) {
      properties.put(key, value);
    }
  }

  boolean exists() {
    return !driver.isEmpty();
  }

  boolean isIntel() {
    return driver.equals("intel-iommu");
  }

  boolean isOn(String property, boolean otherwise) {
    String value = properties.get(property);
    return value == null ? otherwise : value.equals("on");
  }

  int addressBits() {
    return Integer.parseInt(properties.getOrDefault("aw-bits", "0"));
  }

  /** Whether a translated section ends QEMU, because the model refuses to announce mappings. */
  boolean refusesNotifiers() {
    return isIntel() && (!isOn("caching-mode", false) || isOn("snoop-control", false));
  }

  /** The value of {@code -device}. */
  String option() {
    return driver
        + properties.entrySet().stream()
            .map(each -> "," + each.getKey() + "=" + each.getValue())
            .collect(Collectors.joining());
  }
}
