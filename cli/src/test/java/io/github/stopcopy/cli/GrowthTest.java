package io.github.stopcopy.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.IntFunction;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * No kind of input makes the cost grow with its square: four times the size may take ten times the
 * CPU time of this thread, where the square would take sixteen. What is very quick is not measured.
 */
class GrowthTest {

  private static final long TOO_QUICK_NANOS = 30_000_000;
  private static final ThreadMXBean THREADS = ManagementFactory.getThreadMXBean();

  private static final String RP = "'-device','pcie-root-port,id=rp1,bus=pcie.0,addr=4'";
  private static final String VFIO = "'-device','vfio-pci,sysfsdev=/sys/0001:01:00.0,id=v1'";
  private static final String INTEL = "'-device','intel-iommu,caching-mode=on,intremap=on'";
  private static final String VIRTIO = "'-device','virtio-iommu-pci'";
  private static final String HOT = "{'driver':'vfio-pci','host':'02:00.0','id':'h','bus':'rp1'}";

  @TempDir private Path folder;

  /** A kind of input and a size at which each of its parts still counts. */
  private record Kind(String name, String option, int size, IntFunction<String> text) {
    @Override
    public String toString() {
      return name;
    }
  }

  static List<Kind> kinds() {
    List<Kind> kinds = new ArrayList<>();
    kinds.add(args("slashes of a path", 20_000, n -> device("sysfsdev=" + "/".repeat(n) + "x")));
    kinds.add(args("blanks in an argument", 20_000, n -> device("'id=a" + " ".repeat(n) + "b'")));
    kinds.add(args("a long id", 20_000, n -> device("host=01:00.0,id=" + "a".repeat(n))));
    kinds.add(args("properties", 3_000, n -> device("host=1:0.0" + each(n, ",p%d=1"))));
    kinds.add(
        args(
            "devices and globals",
            2_000,
            n -> device("host=1:0.0") + each(n, " -device virtio-net-pci,id=n%d -global f%d.x=1")));
    kinds.add(
        args("objects", 3_000, n -> device("host=1:0.0") + each(n, " -object rng-random,id=o%d")));
    kinds.add(
        args(
            "settings",
            3_000,
            n -> device("host=1:0.0,id=v") + each(n, " -set device.v.x-no-mmap=on")));
    kinds.add(
        new Kind("controllers", "--libvirt", 2_000, n -> domain("<controller type='pci'/>", n)));
    kinds.add(new Kind("interfaces", "--libvirt", 2_000, n -> domain("<interface/>", n)));
    kinds.add(new Kind("unknown elements", "--libvirt", 2_000, n -> domain("<x><y/></x>", n)));
    kinds.add(new Kind("rows of RAM", "--mtree", 5_000, n -> dump(n, "ram): r%d")));
    kinds.add(
        new Kind("rows of a BAR", "--mtree", 5_000, n -> dump(n, "ramd): 0000:01:00.0 BAR 0 m%d")));
    kinds.add(
        run("DIMMs", 500, VFIO, n -> each(n, ",{'do':'memory-add','id':'d%d','size':2097152}")));
    kinds.add(
        run(
            "plugs",
            300,
            RP,
            n -> each(n, ",{'do':'device-add','args':" + HOT + "},{'do':'device-del','id':'h'}")));
    kinds.add(
        run(
            "migrations",
            300,
            VFIO,
            n -> each(n, ",{'do':'migrate','hold':true},{'do':'migrate-cancel'}")));
    kinds.add(run("snapshots", 500, VFIO, n -> each(n, ",{'do':'snapshot'}")));
    kinds.add(
        run(
            "maps",
            500,
            INTEL + "," + VFIO,
            n ->
                ",{'do':'viommu','op':'context','device':'v1','mode':'translate','aw':48}"
                    + ",{'do':'viommu','op':'enable'}"
                    + each(
                        n, ",{'do':'viommu','op':'map','device':'v1','iova':'0x%d000','gpa':4096}")
                    + ",{'do':'viommu','op':'invalidate'}"));
    kinds.add(
        run(
            "toggles",
            500,
            INTEL + "," + VFIO,
            n -> each(n, ",{'do':'viommu','op':'enable'},{'do':'viommu','op':'disable'}")));
    kinds.add(
        run(
            "domains",
            500,
            VIRTIO + "," + VFIO,
            n -> each(n, ",{'do':'viommu','op':'attach','device':'v1','domain':%d}")));
    kinds.add(
        run(
            "capabilities",
            3_000,
            VFIO,
            n -> ",{'do':'migrate','capabilities':['x'" + each(n, ",'c%d'") + "]}"));
    kinds.add(
        new Kind(
            "devices that block",
            "run",
            12,
            n ->
                scenario(
                    INTEL
                        + ",'-device','pcie-root-port,id=rp1,bus=pcie.0,addr=1.0'"
                        + IntStream.range(0, n)
                            .mapToObj(i ->
                                ",'-device','vfio-pci,host=%02x:00.0,bus=rp1,addr=%x.%x'"
                                    .formatted(i, i / 8, i % 8))
                            .collect(Collectors.joining()),
                    ",{'do':'migrate'}")));
    kinds.add(new Kind("lines", "run", 50, n -> scenario(VFIO, ",{'do':'migrate'}").repeat(n)));
    return kinds;
  }

  private static Kind args(String name, int size, IntFunction<String> text) {
    return new Kind(name, "--qemu-args", size, text);
  }

  private static Kind run(String name, int size, String words, IntFunction<String> steps) {
    return new Kind(name, "run", size, n -> scenario(words, steps.apply(n)));
  }

  private static String each(int count, String format) {
    return IntStream.range(0, count)
        .mapToObj(i -> format.replace("%d", String.valueOf(i)))
        .collect(Collectors.joining());
  }

  private static String device(String settings) {
    return "qemu-system-x86_64 -machine q35 -m 4G -device vfio-pci," + settings;
  }

  private static String domain(String element, int count) {
    return "<domain type='kvm'><name>a</name><memory unit='GiB'>4</memory><vcpu>2</vcpu><os>"
        + "<type arch='x86_64' machine='q35'>hvm</type></os><devices>"
        + element.repeat(count)
        + "</devices></domain>";
  }

  private static String dump(int rows, String type) {
    StringBuilder text =
        new StringBuilder(
            "FlatView #0\n AS \"memory\", root: system\n Root memory region: system\n");
    for (int i = 0; i < rows; i++) {
      long first = i * 0x200000L;
      text.append(
          String.format("  %016x-%016x (prio 0, %s%n", first, first + 0xfffff, type.formatted(i)));
    }
    return text.toString();
  }

  private static String scenario(String words, String steps) {
    String text =
        "{'id':'s','profile':'10.2','argv':['-machine','q35,kernel-irqchip=split','-m',"
            + "'size=4G,slots=256,maxmem=1T','-cpu','qemu64,phys-bits=52','-accel','kvm',"
            + words
            + "],'steps':[{'do':'boot'}"
            + steps
            + "]}\n";
    return text.replace('\'', '"');
  }

  private long nanos(Kind kind, int size) throws IOException {
    String file = Files.writeString(folder.resolve("input"), kind.text().apply(size)).toString();
    String vm = CommandLineRun.example("plain-one-vf", "qemu.args");
    String[] command =
        switch (kind.option()) {
          case "run" -> new String[] {"run", file};
          case "--mtree" -> new String[] {"check", "--qemu-args", vm, "--mtree", file};
          default -> new String[] {"check", kind.option(), file};
        };
    long before = THREADS.getCurrentThreadCpuTime();
    CommandLineRun answered = CommandLineRun.command(command);
    long taken = THREADS.getCurrentThreadCpuTime() - before;
    assertThat(answered.exitCode()).as(answered.err()).isLessThan(ExitCode.INTERNAL);
    return taken;
  }

  @ParameterizedTest
  @MethodSource("kinds")
  void fourTimesTheSizeDoesNotTakeSixteenTimesAsLong(Kind kind) throws Exception {
    nanos(kind, kind.size() / 4);
    long small = Math.min(nanos(kind, kind.size()), nanos(kind, kind.size()));
    long large = nanos(kind, 4 * kind.size());

    assertThat(large)
        .as("size %s takes %s ns", kind.size(), small)
        .isLessThan(10 * Math.max(small, TOO_QUICK_NANOS));
  }
}
