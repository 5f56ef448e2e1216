package io.github.stopcopy.benchmarks;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.Random;

/**
 * Makes lines for {@code stopcopy fleet}, one after the other: a VM on each, on one of 400 nodes,
 * with a command line and a HOST of its own, ids and addresses that are drawn, and one line in a
 * thousand that is no VM. Not thread-safe.
 */
final class FleetVmLines {

  /** Every so many lines one cannot be read. */
  static final int BROKEN_EVERY = 1000;

  private static final int NODES = 400;
  private static final int[] VCPUS = {4, 16, 300};
  private static final int[] GIBS = {4, 64};

  private final Random random;
  private int made;

  /** Lines; a seed always gives the same. */
  FleetVmLines(long seed) {
    random = new Random(seed);
  }

  /** The next line, without its end. */
  String next() {
    made++;
    if (made % BROKEN_EVERY == 0) {
      return "{\"id\":\"vm-" + made + "\",\"args\":";
    }
    ObjectNode line = JsonNodeFactory.instance.objectNode();
    line.put("id", "vm-" + made + "-" + Integer.toHexString(random.nextInt()));
    line.put("node", "node-" + random.nextInt(NODES));
    ArrayNode args = line.putArray("args");
    args.add("-name").add("guest=vm-" + made);
    args.add("-machine").add("q35,kernel-irqchip=split");
    args.add("-m").add(GIBS[random.nextInt(GIBS.length)] + "G");
    args.add("-smp").add(String.valueOf(VCPUS[random.nextInt(VCPUS.length)]));
    if (random.nextBoolean()) {
      args.add("-device").add("intel-iommu,intremap=on,caching-mode=on");
    }
    ObjectNode devices = line.putObject("host").putObject("devices");
    int count = 1 + random.nextInt(2);
    boolean logs = random.nextInt(4) > 0;
    for (int i = 0; i < count; i++) {
      String address = String.format("0000:%02x:%02x.%d", 1 + random.nextInt(250), i, i);
      args.add("-device")
          .add("vfio-pci,host=" + address + ",id=hostdev" + random.nextInt(1000) + i);
      ObjectNode device = devices.putObject(address).put("group", random.nextInt(500));
      device.put("driver", "mlx5_vfio_pci").put("dma-logging", logs);
      device.putArray("migration").add("stop-copy").add("p2p");
    }
    return line.toString();
  }
}
