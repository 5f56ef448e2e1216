package io.github.stopcopy.cli.stories;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.github.stopcopy.core.profile.QemuProfile;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.TreeMap;

/** Makes random VFIO devices. */
final class StoryDevices {

  private final Random random;
  private final String profile;
  private final boolean modern;
  private final boolean optionIsLikely;
  private final boolean pc;
  private int next = 1;

  /** Without PCI Express no device can fail over (R-OBS-115). */
  StoryDevices(Random random, String profile, boolean pc) {
    this.random = random;
    this.profile = profile;
    this.pc = pc;
    this.modern = Story.isFrom(profile, QemuProfile.V9_1);
    this.optionIsLikely = random.nextBoolean();
  }

  StoryDevice next(Optional<String> bus, String addr) {
    int number = next++;
    Map<String, String> properties = new TreeMap<>();
    if (random.nextInt(3) == 0) {
      properties.put("enable-migration", pick("on", "off", "auto", "auto"));
    }
    if (profile.equals("8.1-iommu-pt") && random.nextInt(optionIsLikely ? 12 : 3) > 0) {
      properties.put("x-migration-iommu-pt", random.nextInt(10) > 0 ? "on" : "off");
    }
    occasionally(properties, 6, "x-pre-copy-dirty-page-tracking", pick("on", "off"));
    occasionally(properties, 6, "x-no-mmap", "on");
    if (!pc) {
      occasionally(properties, 25, "failover_pair_id", "net" + number);
    }
    if (modern) {
      occasionally(properties, 6, "x-device-dirty-page-tracking", pick("on", "off"));
      occasionally(properties, 10, "iommufd", "iommufd0");
    }
    StoryDevice.KernelMigration migration = migration();
    boolean logging = random.nextInt(5) > 0;
    return new StoryDevice(
        "v" + number,
        "0000:0" + number + ":00.0",
        bus,
        addr,
        properties,
        migration,
        logging,
        facts(number, migration, logging));
  }

  private StoryDevice.KernelMigration migration() {
    return switch (random.nextInt(12)) {
      case 0 -> new StoryDevice.KernelMigration(25, List.of());
      case 1 -> new StoryDevice.KernelMigration(random.nextBoolean() ? 22 : 95, List.of());
      case 2 -> new StoryDevice.KernelMigration(0, List.of("p2p"));
      default -> {
        List<String> words = new ArrayList<>(List.of("stop-copy"));
        if (random.nextInt(4) > 0) {
          words.add("p2p");
        }
        if (random.nextBoolean()) {
          words.add("pre-copy");
        }
        yield new StoryDevice.KernelMigration(0, words);
      }
    };
  }

  private ObjectNode facts(int number, StoryDevice.KernelMigration migration, boolean logging) {
    ObjectNode facts = JsonNodeFactory.instance.objectNode();
    facts.put("group", random.nextInt(15) == 0 ? 7 : number);
    if (migration.errno() == 25) {
      facts.putNull("migration");
    } else if (migration.errno() != 0) {
      facts.putObject("migration").put("errno", migration.errno());
    } else {
      migration.words().forEach(facts.withArray("migration")::add);
    }
    facts.put("dma-logging", logging);
    for (String knob :
        List.of("dma-logging-start-errno", "dma-logging-stop-errno", "dma-logging-report-errno")) {
      if (random.nextInt(20) == 0) {
        facts.put(knob, random.nextBoolean() ? 22 : 95);
      }
    }
    if (random.nextInt(20) == 0) {
      facts.put("dma-logging-max-ranges", 1 + random.nextInt(2));
      facts.put("dma-logging-limit-errno", 22);
    }
    if (random.nextInt(20) == 0) {
      facts.put("dma-logging-max-length", "0x100000000");
    }
    if (random.nextInt(10) == 0) {
      facts
          .putObject("set-state-errno")
          .put(pick("PRE_COPY", "PRE_COPY_P2P", "STOP_COPY", "STOP", "RUNNING_P2P", "RUNNING"), 5);
    }
    ObjectNode bars = facts.putObject("bars");
    for (int bar = 0; bar < 4; bar += 2) {
      if (random.nextBoolean()) {
        String kind = pick("mem32", "mem64", "mem64", "io");
        bars.putObject(Integer.toString(bar))
            .put("size", kind.equals("io") ? "0x100" : pick("0x800", "0x4000", "0x100000"))
            .put("kind", kind)
            .put("prefetchable", random.nextBoolean())
            .put("mmap", random.nextInt(4) > 0);
      }
    }
    return facts;
  }

  private void occasionally(Map<String, String> properties, int oneIn, String key, String value) {
    if (random.nextInt(oneIn) == 0) {
      properties.put(key, value);
    }
  }

  private String pick(String... values) {
    return values[random.nextInt(values.length)];
  }
}
