package io.github.stopcopy.benchmarks;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;

/**
 * Makes lines for {@code stopcopy run}: a VM with one VFIO device, with and without a vIOMMU, for
 * all profiles, with the memory dump that a user would send along.
 */
final class ScenarioLines {

  private static final long GIB = 1L << 30;
  private static final String DEVICE = "0000:01:00.0";

  private final Random random;

  private ScenarioLines(long seed) {
    random = new Random(seed);
  }

  /** So many lines; a seed always gives the same. */
  static List<String> of(long seed, int count) {
    ScenarioLines lines = new ScenarioLines(seed);
    List<String> all = new ArrayList<>(count);
    for (int i = 0; i < count; i++) {
      all.add(lines.line(i));
    }
    return all;
  }

  private String line(int number) {
    String profile = pick("8.1", "8.1-iommu-pt", "10.2", "11.0");
    long ramSize = (2 + 2 * random.nextInt(3)) * GIB;
    ObjectNode scenario = JsonNodeFactory.instance.objectNode();
    scenario.put("id", "vm-" + number).put("profile", profile);
    commandLine(scenario.putArray("argv"), profile, ramSize);
    host(scenario.putObject("host"));
    scenario.put("mtree", dump(ramSize));
    ArrayNode steps = scenario.putArray("steps");
    for (String step : List.of("boot", "snapshot", "migrate")) {
      steps.addObject().put("do", step);
    }
    return scenario.toString();
  }

  private void commandLine(ArrayNode argv, String profile, long ramSize) {
    argv.add("-nodefaults").add("-accel").add("kvm");
    argv.add("-object").add("memory-backend-ram,id=ram0,size=" + ramSize / GIB + "G");
    argv.add("-machine").add("q35,kernel-irqchip=split,memory-backend=ram0");
    argv.add("-m").add(ramSize / GIB + "G").add("-smp").add("4");
    if (random.nextBoolean()) {
      argv.add("-device").add("intel-iommu,intremap=on,caching-mode=on,aw-bits=48");
    }
    String option = "vfio-pci,sysfsdev=/sys/bus/pci/devices/" + DEVICE + ",id=v1,addr=05.0";
    if (random.nextInt(4) == 0) {
      option += ",enable-migration=" + pick("on", "off", "auto");
    }
    if (profile.equals("8.1-iommu-pt") && random.nextBoolean()) {
      option += ",x-migration-iommu-pt=on";
    }
    argv.add("-device").add(option);
  }

  private void host(ObjectNode host) {
    host.put("page-size", 4096).put("accel", "kvm");
    host.putObject("containers").put("dirty-tracking", random.nextInt(4) > 0);
    ObjectNode device = host.putObject("devices").putObject(DEVICE);
    device.put("group", 1).put("dma-logging", random.nextInt(4) > 0);
    ArrayNode migration = device.putArray("migration").add("stop-copy");
    if (random.nextInt(4) > 0) {
      migration.add("p2p");
    }
    if (random.nextBoolean()) {
      migration.add("pre-copy");
    }
    device.putObject("bars").putObject("0").put("size", "0x4000").put("kind", "mem64");
  }

  /** As long as the dump of a small q35: system memory, the I/O ports, an empty bus master. */
  private String dump(long ramSize) {
    StringBuilder text = new StringBuilder(8192);
    text.append("FlatView #0\n AS \"memory\", root: system\n Root memory region: system\n");
    row(text, 0, 0xc3000, "ram", "ram0");
    row(text, 0xc3000, 0x25000, "rom", "ram0 @00000000000c3000");
    row(text, 0xe8000, 0x8000, "ram", "ram0 @00000000000e8000");
    row(text, 0xf0000, 0x10000, "rom", "ram0 @00000000000f0000");
    long low = Math.min(ramSize, 2 * GIB);
    row(text, 0x100000, low - 0x100000, "ram", "ram0 @0000000000100000");
    row(text, 0xb0000000L, 0x10000000, "i/o", "pcie-mmcfg-mmio");
    row(text, 0xfebf8000L, 0x4000, "ramd", DEVICE + " BAR 0 mmaps[0]");
    row(text, 0xfec00000L, 0x1000, "i/o", "ioapic");
    row(text, 0xfee00000L, 0x100000, "i/o", "kvm-apic-msi");
    row(text, 0xfffc0000L, 0x40000, "rom", "pc.bios");
    if (ramSize > low) {
      row(text, 4 * GIB, ramSize - low, "ram", String.format("ram0 @%016x", low));
    }
    text.append("\nFlatView #1\n AS \"I/O\", root: io\n Root memory region: io\n");
    for (int port = 0; port < 0x200; port += 8) {
      row(text, port, 8, "i/o", String.format("io @%016x", port));
    }
    text.append("\nFlatView #2\n AS \"ich9-ahci\", root: bus master container\n");
    return text.append(" Root memory region: (none)\n  No rendered FlatView\n").toString();
  }

  private static void row(StringBuilder text, long first, long size, String type, String name) {
    text.append(
        String.format("  %016x-%016x (prio 0, %s): %s KVM\n", first, first + size - 1, type, name));
  }

  private String pick(String... values) {
    return values[random.nextInt(values.length)];
  }
}
