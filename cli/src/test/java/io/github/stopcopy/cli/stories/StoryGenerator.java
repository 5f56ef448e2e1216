package io.github.stopcopy.cli.stories;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.github.stopcopy.core.profile.QemuProfile;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;

/** Makes random scenarios; a seed always makes the same. */
final class StoryGenerator {

  private static final long MIB = 1L << 20;
  private static final long GIB = 1L << 30;
  private static final long[] RAM = {512 * MIB, GIB, 2 * GIB, 3 * GIB, 4 * GIB, 6 * GIB, 64 * GIB};

  private final Random random;
  private final long seed;
  private final String profile;
  private final boolean modern;
  private final boolean pc;
  private final boolean hasSlots;
  private final long ramSize;
  private final List<StoryDevice> cold = new ArrayList<>();
  private final List<StoryDevice> hot = new ArrayList<>();
  private boolean mayFailToMap;

  private StoryGenerator(long seed) {
    this.seed = seed;
    random = new Random(seed * 0x9e3779b97f4a7c15L);
    profile = anyProfile();
    modern = Story.isFrom(profile, QemuProfile.V9_1);
    pc = random.nextInt(6) == 0;
    hasSlots = random.nextInt(3) == 0;
    ramSize = RAM[random.nextInt(RAM.length)];
  }

  static Story story(long seed) {
    return new StoryGenerator(seed).make();
  }

  private String anyProfile() {
    QemuProfile[] all = QemuProfile.values();
    QemuProfile any =
        random.nextInt(5) == 0 ? QemuProfile.V8_1_IOMMU_PT : all[random.nextInt(all.length)];
    return any.id();
  }

  private Story make() {
    StoryViommu viommu = pc ? StoryViommu.NONE : StoryViommu.random(random, profile);
    StoryDevices devices = new StoryDevices(random, profile, pc);
    int coldCount = random.nextInt(4);
    int hotCount = random.nextInt(4 - coldCount + 1);
    for (int i = 0; i < coldCount; i++) {
      cold.add(devices.next(Optional.empty(), Integer.toHexString(5 + i) + ".0"));
    }
    for (int i = 0; i < hotCount; i++) {
      hot.add(
          pc
              ? devices.next(Optional.empty(), Integer.toHexString(0x10 + i) + ".0")
              : devices.next(Optional.of("rp" + (i + 1)), "0"));
    }
    boolean onlyMigratable = random.nextInt(25) == 0;
    ObjectNode scenario = JsonNodeFactory.instance.objectNode();
    scenario.put("id", "story-" + seed).put("profile", profile);
    commandLine(scenario.putArray("argv"), viommu, onlyMigratable);
    host(scenario.putObject("host"));
    if (random.nextInt(3) > 0) {
      scenario.put("mtree", StoryMemory.dump(random, pc, ramSize, cold));
    }
    new StorySteps(random, viommu, cold, hot, hasSlots, ramSize).write(scenario.putArray("steps"));
    return new Story(
        seed,
        profile,
        onlyMigratable,
        viommu,
        List.copyOf(cold),
        List.copyOf(hot),
        mayFailToMap,
        ramSize,
        scenario);
  }

  private void commandLine(ArrayNode argv, StoryViommu viommu, boolean onlyMigratable) {
    argv.add("-nodefaults").add("-accel").add("kvm");
    argv.add("-machine").add(pc ? "pc" : "q35,kernel-irqchip=split");
    argv.add("-m").add(ramSize / MIB + "M" + (hasSlots ? ",slots=4,maxmem=256G" : ""));
    argv.add("-cpu").add("host,phys-bits=46");
    if (onlyMigratable) {
      argv.add("-only-migratable");
    }
    if (modern) {
      argv.add("-object").add("iommufd,id=iommufd0");
    }
    if (viommu.exists() && !viommu.last()) {
      argv.add("-device").add(viommu.option());
    }
    if (!pc) {
      for (int i = 1; i <= hot.size(); i++) {
        argv.add("-device").add("pcie-root-port,id=rp" + i + ",chassis=" + i + ",addr=0x1c." + i);
      }
    }
    cold.forEach(device -> argv.add("-device").add(device.option()));
    if (viommu.exists() && viommu.last()) {
      argv.add("-device").add(viommu.option());
    }
  }

  private void host(ObjectNode host) {
    if (random.nextInt(8) == 0) {
      host.put("page-size", pick("8192", "65536"));
    }
    ObjectNode containers = host.putObject("containers");
    containers.put("dirty-tracking", random.nextInt(4) > 0);
    containers.put("shared", random.nextInt(4) > 0);
    containers.put("iommu-dirty-tracking", random.nextBoolean());
    if (random.nextInt(10) == 0) {
      containers.put("max-dirty-bitmap-size", 16384);
    }
    if (random.nextInt(12) == 0) {
      containers.put(pick("dirty-start-errno", "dirty-get-errno"), 22);
    }
    if (random.nextInt(10) == 0) {
      mayFailToMap = true;
      switch (random.nextInt(3)) {
        case 0 -> containers.put("dma-available", 2 + random.nextInt(12));
        case 1 -> containers.put("page-sizes", pick("0xffffffffffe00000", "0xffffffffffff0000"));
        default ->
            containers
                .putArray("iova-ranges")
                .add(JsonNodeFactory.instance.arrayNode().add("0x0").add("0xfedfffff"))
                .add(
                    JsonNodeFactory.instance
                        .arrayNode()
                        .add("0xfef00000")
                        .add(pick("0xffffffff", "0x7fffffffff", "0xffffffffffff")));
      }
    }
    ObjectNode devices = host.putObject("devices");
    cold.forEach(device -> devices.set(device.name(), device.facts()));
    hot.forEach(device -> devices.set(device.name(), device.facts()));
  }

  private String pick(String... values) {
    return values[random.nextInt(values.length)];
  }
}
