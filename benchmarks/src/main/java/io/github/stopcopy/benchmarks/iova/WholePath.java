package io.github.stopcopy.benchmarks.iova;

import com.sun.management.ThreadMXBean;
import io.github.stopcopy.benchmarks.ScenarioAnswers;
import io.github.stopcopy.core.error.InputException;
import io.github.stopcopy.migration.scenario.Scenario;
import java.io.PrintStream;
import java.lang.management.ManagementFactory;
import java.util.Arrays;
import java.util.Locale;

/**
 * The way of a guest's pages through the whole model: the guest maps them, has the vIOMMU
 * translate, and unmaps them; then whether the VM can be migrated is decided, with remedies.
 */
final class WholePath {

  private static final ThreadMXBean THREADS = (ThreadMXBean) ManagementFactory.getThreadMXBean();
  private static final double GOAL_NANOS = 400;
  private static final double GOAL_BYTES = 150;

  /** The vIOMMUs, by the device that the command line has. */
  private enum Viommu {
    INTEL("intel-iommu,intremap=on,caching-mode=on,aw-bits=48"),
    AMD("amd-iommu,dma-remap=on"),
    VIRTIO("virtio-iommu-pci,addr=04.0");

    private final String device;

    Viommu(String device) {
      this.device = device;
    }
  }

  private WholePath() {}

  /**
   * Prints rows.
   *
   * @param pages how many pages the guest maps
   * @param rounds how often that is decided, after as many rounds to warm up
   */
  static void measure(PrintStream out, int pages, int rounds) throws InputException {
    out.println(
        "| " + pages + " pages are mapped, announced and unmapped, decided | a page | goal | |");
    out.println("|---|---|---|---|");
    ScenarioAnswers answers = new ScenarioAnswers();
    for (Viommu viommu : Viommu.values()) {
      Scenario scenario = answers.read(line(viommu, pages));
      double[] nanos = new double[2 * rounds];
      double[] bytes = new double[2 * rounds];
      for (int i = 0; i < 2 * rounds; i++) {
        long bytesBefore = THREADS.getCurrentThreadAllocatedBytes();
        long before = THREADS.getCurrentThreadCpuTime();
        answers.decide(scenario);
        nanos[i] = (double) (THREADS.getCurrentThreadCpuTime() - before) / pages;
        bytes[i] = (double) (THREADS.getCurrentThreadAllocatedBytes() - bytesBefore) / pages;
      }
      String name = viommu.name().toLowerCase(Locale.ROOT);
      row(out, name + ", CPU time", "ns", median(nanos, rounds), GOAL_NANOS);
      row(out, name + ", allocated", "B", median(bytes, rounds), GOAL_BYTES);
    }
  }

  private static double median(double[] samples, int from) {
    double[] sorted = Arrays.copyOfRange(samples, from, samples.length);
    Arrays.sort(sorted);
    return sorted[sorted.length / 2];
  }

  private static void row(PrintStream out, String what, String unit, double found, double goal) {
    String verdict = found <= goal ? "met" : "**missed**";
    out.printf(Locale.ROOT, "| %s | %.1f %s | ≤ %.0f | %s |%n", what, found, unit, goal, verdict);
  }

  private static String line(Viommu viommu, int pages) {
    String begin =
        viommu == Viommu.VIRTIO
            ? "{'do':'viommu','op':'attach','device':'v1','domain':1},"
            : "{'do':'viommu','op':'context','device':'v1','mode':'translate','aw':48},";
    String announce =
        viommu == Viommu.VIRTIO
            ? ""
            : "{'do':'viommu','op':'enable'},{'do':'viommu','op':'invalidate'},";
    String line =
        "{'id':'pages','profile':'11.1','argv':['-nodefaults','-accel','kvm','-object',"
            + "'memory-backend-ram,id=ram0,size=2G','-machine',"
            + "'q35,kernel-irqchip=split,memory-backend=ram0','-m','2G','-device','"
            + viommu.device
            + "','-device','vfio-pci,sysfsdev=/sys/bus/pci/devices/0000:01:00.0,id=v1,addr=05.0'],"
            + "'host':{'page-size':4096,'accel':'kvm',"
            + "'containers':{'dirty-tracking':true,'dma-available':1000000},"
            + "'devices':{'0000:01:00.0':{'group':1,'migration':['stop-copy','p2p'],"
            + "'dma-logging':true}}},'steps':[{'do':'boot'},"
            + begin
            + "{'do':'viommu','op':'map','device':'v1','iova':4294967296,'gpa':16777216,'pages':"
            + pages
            + "},"
            + announce
            + "{'do':'viommu','op':'unmap','device':'v1','iova':4294967296,'pages':"
            + pages
            + "},{'do':'migrate'}]}";
    return line.replace('\'', '"');
  }
}
