package io.github.stopcopy.benchmarks;

import java.util.function.IntFunction;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/**
 * Lines for {@code stopcopy run} of VMs of any size: many devices, many BARs in a memory dump, many
 * steps. Static, thread-safe.
 */
final class GrowingVm {

  static final String INTEL = "intel-iommu,caching-mode=on,intremap=on";
  static final String AMD = "amd-iommu";
  static final String VIRTIO = "virtio-iommu-pci";
  static final String NO_IOMMU = "";

  static final String MIGRATE = ",{'do':'migrate'}";

  private static final int FUNCTIONS = 8;
  private static final int PER_BUS = 256;
  private static final int FEW = 16;
  private static final long FIRST_BAR = 1L << 44;
  private static final long ELSEWHERE = 1L << 45;
  private static final long DISTANCE = 0x10000;

  private GrowingVm() {}

  /** A VM with so many VFIO devices that does some steps after it has booted. */
  static String devices(int count, String virtualIommu, String steps) {
    return line(count, virtualIommu, "4G", "", steps);
  }

  /** The same, with a BAR of each device in a dump of memory. */
  static String bars(int count, String virtualIommu, String steps) {
    String bars =
        each(count, i -> ",'" + host(i) + "':{'bars':{'0':{'size':'0x4000','kind':'mem64'}}}");
    String rows = row(0, 0x7fffffffL, "ram", "pc.ram");
    rows +=
        each(
            count,
            i -> {
              long first = FIRST_BAR + i * DISTANCE;
              return row(first, first + 0x3fff, "ramd", host(i) + " BAR 0 mmaps[0]");
            });
    String more =
        ",'host':{'devices':{" + bars.substring(1) + "}},'mtree':'" + viewOfSystem() + rows + "'";
    return line(count, virtualIommu, "2G", more, steps);
  }

  /** The BAR of each device is moved. */
  static String moves(int count) {
    return each(
            count,
            i ->
                ",{'do':'bar','device':'v"
                    + i
                    + "','bar':0,'at':"
                    + (ELSEWHERE + i * DISTANCE)
                    + "}")
        + MIGRATE;
  }

  /** DIMMs are plugged into a VM with so many devices. */
  static String dimms(int devices, String virtualIommu, int count) {
    String steps = each(count, i -> ",{'do':'memory-add','id':'d" + i + "','size':2097152}");
    return line(devices, virtualIommu, "size=4G,slots=256,maxmem=1T", "", steps + MIGRATE);
  }

  /** The guest maps pages at once, and turns the vIOMMU on. */
  static String pages(int count) {
    return translated("'iova':'0x10000000','gpa':'0x10000000','pages':" + count);
  }

  /** The same, with a step for each page, none beside another. */
  static String pagesOneByOne(int count) {
    return devices(1, INTEL, context() + each(count, i -> mapped(onePage(i))) + enabled());
  }

  private static String translated(String pages) {
    return devices(1, INTEL, context() + mapped(pages) + enabled());
  }

  private static String context() {
    return ",{'do':'viommu','op':'context','device':'v0','mode':'translate','aw':48}";
  }

  private static String onePage(int number) {
    return "'iova':" + number * 0x2000L + ",'gpa':4096";
  }

  private static String mapped(String what) {
    return ",{'do':'viommu','op':'map','device':'v0'," + what + "}";
  }

  private static String enabled() {
    return ",{'do':'viommu','op':'enable'}" + MIGRATE;
  }

  /** Steps that are written with {@code %d} where each has its number. */
  static String steps(int count, String format) {
    return each(count, i -> format.replace("%d", String.valueOf(i)));
  }

  /** As {@code info mtree -f} prints system memory: a few rows of RAM and many of I/O. */
  static String dump(int rows) {
    String all =
        each(
            rows,
            i -> {
              long first = i * DISTANCE;
              String type = i < FEW ? "ram" : "i/o";
              return row(first, first + 0xfff, type, type + i);
            });
    return (viewOfSystem() + all).replace("\\n", "\n");
  }

  /** A command line with so many devices that are not VFIO's. */
  static String commandLine(int devices) {
    return "qemu-system-x86_64 -machine q35 -m 4G -device vfio-pci,host=01:00.0"
        + each(devices, i -> " -device virtio-net-pci,id=n" + i + " -object rng-random,id=o" + i);
  }

  private static String line(
      int devices, String virtualIommu, String memory, String more, String steps) {
    String words =
        "'-machine','q35,kernel-irqchip=split','-m','"
            + memory
            + "','-cpu','host,phys-bits=52','-accel','kvm'";
    words += virtualIommu.isEmpty() ? "" : ",'-device','" + virtualIommu + "'";
    int buses = (devices + PER_BUS - 1) / PER_BUS;
    words +=
        each(
            buses,
            bus ->
                ",'-device','pcie-root-port,id=rp"
                    + bus
                    + ",bus=pcie.0,addr="
                    + Integer.toHexString(bus + 4)
                    + "'");
    words +=
        each(devices, i -> ",'-device','vfio-pci,host=" + host(i) + ",id=v" + i + place(i) + "'");
    String text =
        "{'id':'vm','profile':'11.1','argv':["
            + words
            + "]"
            + more
            + ",'steps':[{'do':'boot'}"
            + steps
            + "]}";
    return text.replace('\'', '"').replace("AS \"memory\"", "AS \\\"memory\\\"");
  }

  private static String place(int device) {
    return String.format(
        ",bus=rp%d,addr=%x.%d", device / PER_BUS, device % PER_BUS / FUNCTIONS, device % FUNCTIONS);
  }

  private static String host(int device) {
    return String.format(
        "0000:%02x:%02x.%d",
        1 + device / PER_BUS, device % PER_BUS / FUNCTIONS, device % FUNCTIONS);
  }

  private static String viewOfSystem() {
    return "FlatView #0\\n AS \"memory\", root: system\\n Root memory region: system\\n";
  }

  private static String row(long first, long last, String type, String name) {
    return String.format("  %016x-%016x (prio 0, %s): %s\\n", first, last, type, name);
  }

  private static String each(int count, IntFunction<String> text) {
    return IntStream.range(0, count).mapToObj(text).collect(Collectors.joining());
  }
}
