package io.github.stopcopy.cli.stories;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;

/**
 * Makes random steps that are nearly always playable. Whether a migration runs is only guessed; a
 * device that was plugged or unplugged when it may have run is not touched again.
 */
final class StorySteps {

  private final Random random;
  private final StoryViommu viommu;
  private final List<StoryDevice> hot;
  private final boolean hasSlots;
  private final long ramSize;
  private final List<String> present = new ArrayList<>();
  private final Set<String> spent = new HashSet<>();
  private final List<StoryDevice> all = new ArrayList<>();
  private boolean migrating;
  private boolean mayHaveStopped;
  private int dimms;

  StorySteps(
      Random random,
      StoryViommu viommu,
      List<StoryDevice> cold,
      List<StoryDevice> hot,
      boolean hasSlots,
      long ramSize) {
    this.random = random;
    this.viommu = viommu;
    this.hot = hot;
    this.hasSlots = hasSlots;
    this.ramSize = ramSize;
    cold.forEach(device -> present.add(device.id()));
    all.addAll(cold);
    all.addAll(hot);
  }

  void write(ArrayNode steps) {
    if (random.nextBoolean()) {
      steps.add(step("boot"));
    }
    int count = 2 + random.nextInt(12);
    for (int i = 0; i < count; i++) {
      if (viommu.isIntel() && !present.isEmpty() && random.nextInt(5) == 0) {
        programme(steps);
      } else {
        steps.add(next());
      }
    }
    if (random.nextBoolean()) {
      steps.add(step("migrate"));
    }
  }

  private ObjectNode next() {
    if (migrating && random.nextInt(3) == 0) {
      migrating = false;
      return end();
    }
    if (!present.isEmpty() && random.nextInt(6) == 0) {
      return move();
    }
    if (migrating && random.nextInt(3) == 0) {
      return random.nextBoolean() && !present.isEmpty() && !mayHaveStopped ? write() : step("sync");
    }
    return switch (random.nextInt(viommu.isIntel() ? 16 : 8)) {
      case 0 -> step("snapshot");
      case 1 -> migrate();
      case 2, 3 -> plug();
      case 4, 5 -> unplug();
      case 6 -> hasSlots && dimms < 4 ? dimm() : step("snapshot");
      case 7 -> end();
      default -> guest();
    };
  }

  private ObjectNode end() {
    boolean finish = random.nextBoolean();
    mayHaveStopped |= finish;
    return step(finish ? "finish-migration" : "migrate-cancel");
  }

  /** A BAR goes to where no other is, nor any page that the guest maps, or is turned off. */
  private ObjectNode move() {
    String id = present.get(random.nextInt(present.size()));
    StoryDevice device = all.stream().filter(one -> one.id().equals(id)).findFirst().orElseThrow();
    for (int bar = 0; bar < 4; bar += 2) {
      JsonNode facts = device.facts().path("bars").path(Integer.toString(bar));
      if (!facts.isMissingNode() && !facts.path("kind").asText().equals("io")) {
        ObjectNode step = step("bar").put("device", id).put("bar", bar);
        if (random.nextInt(4) == 0) {
          return step.putNull("at");
        }
        long base = facts.path("kind").asText().equals("mem32") ? 0xe8000000L : 0x3800000000L;
        int slot = all.indexOf(device) * 4 + bar + random.nextInt(2);
        return step.put("at", "0x" + Long.toHexString(base + slot * 0x100000L));
      }
    }
    return step("snapshot");
  }

  /** Nothing is mapped at some of these addresses. */
  private ObjectNode write() {
    return step("dma-write")
        .put("device", present.get(random.nextInt(present.size())))
        .put("iova", "0x" + Long.toHexString(iova() + random.nextInt(4096)))
        .put("length", 1 + random.nextInt(0x4000));
  }

  private ObjectNode migrate() {
    ObjectNode step = step("migrate");
    if (random.nextInt(12) == 0) {
      step.putArray("capabilities").add(random.nextBoolean() ? "postcopy-ram" : "events");
    }
    if (random.nextInt(3) > 0) {
      step.put("hold", true);
      migrating = true;
    } else {
      mayHaveStopped = true;
    }
    return step;
  }

  private ObjectNode plug() {
    List<StoryDevice> free =
        hot.stream()
            .filter(device -> !present.contains(device.id()) && !spent.contains(device.id()))
            .toList();
    if (free.isEmpty() || migrating && random.nextInt(4) > 0) {
      return step("snapshot");
    }
    StoryDevice device = free.get(random.nextInt(free.size()));
    if (migrating) {
      spent.add(device.id());
    } else {
      present.add(device.id());
    }
    return device.plug();
  }

  private ObjectNode unplug() {
    ObjectNode step = step("device-del");
    if (present.isEmpty() || random.nextInt(15) == 0) {
      return step.put("id", "nobody");
    }
    String id = present.get(random.nextInt(present.size()));
    boolean released = random.nextInt(4) > 0;
    if (released || migrating) {
      present.remove(id);
    }
    if (migrating) {
      spent.add(id);
    }
    return step.put("id", id).put("released", released);
  }

  private ObjectNode dimm() {
    dimms++;
    return step("memory-add")
        .put("id", "dimm" + dimms)
        .put("size", (1L << 30) * (1 + random.nextInt(4)));
  }

  /** As a guest's driver does it: context, pages, then translation. */
  private void programme(ArrayNode steps) {
    String device = present.get(random.nextInt(present.size()));
    steps.add(context(device, "translate", viommu.addressBits()));
    for (int i = random.nextInt(3); i >= 0; i--) {
      steps.add(map(device));
    }
    steps.add(step("viommu").put("op", random.nextInt(4) > 0 ? "enable" : "invalidate"));
  }

  private ObjectNode guest() {
    int what = random.nextInt(10);
    if (present.isEmpty() || what > 6) {
      return step("viommu")
          .put("op", pick("enable", "enable", "disable", "set-root", "invalidate", "invalidate"));
    }
    String device = present.get(random.nextInt(present.size()));
    if (what < 2) {
      int[] widths = {39, 48, 48, 57};
      return context(
          device,
          pick("translate", "translate", "passthrough", "absent"),
          widths[random.nextInt(widths.length)]);
    }
    return what < 5
        ? map(device)
        : step("viommu")
            .put("op", "unmap")
            .put("device", device)
            .put("iova", "0x" + Long.toHexString(iova()))
            .put("pages", 1 + random.nextInt(4));
  }

  private static ObjectNode context(String device, String mode, int bits) {
    return step("viommu")
        .put("op", "context")
        .put("device", device)
        .put("mode", mode)
        .put("aw", bits);
  }

  private ObjectNode map(String device) {
    return step("viommu")
        .put("op", "map")
        .put("device", device)
        .put("iova", "0x" + Long.toHexString(iova()))
        .put("gpa", "0x" + Long.toHexString(guestAddress()))
        .put("pages", 1 + random.nextInt(4));
  }

  /** Few, so that maps meet each other; at the edges of the sections and of 39 bits too. */
  private long iova() {
    long[] bases = {0x200000, 0x200000, 0xfedfe000L, 0xfeeff000L, 0x7fffffe000L, 1L << 40};
    return bases[random.nextInt(bases.length)] + 0x1000L * random.nextInt(6);
  }

  /** In RAM, in the ROM below 1 MiB, or far from anything, also from what may be plugged later. */
  private long guestAddress() {
    return switch (random.nextInt(6)) {
      case 0 -> 0xff000;
      case 1 -> 0xfed00000L;
      case 2 -> ramSize < 1L << 31 ? 0x4000000 : 0x7fffe000L;
      default -> 0x2000000 + 0x1000L * random.nextInt(8);
    };
  }

  private String pick(String... values) {
    return values[random.nextInt(values.length)];
  }

  private static ObjectNode step(String name) {
    return JsonNodeFactory.instance.objectNode().put("do", name);
  }
}
