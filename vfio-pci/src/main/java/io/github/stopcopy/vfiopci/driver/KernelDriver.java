package io.github.stopcopy.vfiopci.driver;

import io.github.stopcopy.core.error.Errno;
import io.github.stopcopy.core.host.HostDevice.DmaLogging;
import io.github.stopcopy.core.host.HostDevice.MigrationSupport;
import io.github.stopcopy.vfiopci.tracker.DeviceLimits;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/**
 * The kernel's VFIO drivers for PCI devices and what each can do at least, whatever the firmware
 * (R-HOST C4). Releases are those of upstream Linux; the kernel of a distribution may have a driver
 * earlier. What depends on firmware is taken for missing, but for the log of mlx5, without which
 * its devices could hardly be migrated.
 */
public enum KernelDriver {
  /** The driver for any device; it cannot save a state. */
  VFIO_PCI(
      "vfio-pci",
      "",
      "any PCI device",
      "the kernel's documentation of VFIO",
      List.of(unable(0, 0))),
  /** NVIDIA's ConnectX-6 and later; whether they log is up to their firmware. */
  MLX5(
      "mlx5_vfio_pci",
      "15b3",
      "a virtual function of a ConnectX-6 or later (vendor 15b3)",
      "drivers/vfio/pci/mlx5/cmd.c of Linux",
      List.of(
          from(5, 18, MigrationSupport.of(true, true, false), DmaLogging.NONE),
          from(6, 1, MigrationSupport.of(true, true, false), DmaLogging.SUPPORTED))),
  /** Huawei's accelerators; they do not know P2P. */
  HISI_ACC(
      "hisi_acc_vfio_pci",
      "19e5",
      "a virtual function of a Huawei accelerator (vendor 19e5)",
      "the driver's source in Linux",
      List.of(from(5, 18, MigrationSupport.of(true, false, true), DmaLogging.NONE))),
  /** AMD's Pensando cards; before 6.8 the driver coalesces what is to be logged to one range. */
  PDS(
      "pds_vfio_pci",
      "1dd8",
      "a virtual function of a Pensando card (vendor 1dd8)",
      "the driver's source in Linux",
      List.of(
          logging(6, 6, MigrationSupport.of(true, true, false), pagesIn32Bits(1)),
          logging(6, 8, MigrationSupport.of(true, true, false), pagesIn32Bits(0)))),
  /** Virtio devices in hardware; with an administration queue they migrate from 6.13 on. */
  VIRTIO(
      "virtio_vfio_pci",
      "1af4",
      "a virtual function of a virtio device (vendor 1af4)",
      "the driver's source in Linux",
      List.of(unable(6, 8), from(6, 13, MigrationSupport.of(true, true, true), DmaLogging.NONE))),
  /** Intel's QuickAssist. */
  QAT(
      "qat_vfio_pci",
      "8086",
      "a virtual function of an Intel QuickAssist of the fourth generation (vendor 8086)",
      "the driver's source in Linux",
      List.of(from(6, 10, MigrationSupport.of(true, true, true), DmaLogging.NONE))),
  /** Intel's graphics. */
  XE(
      "xe_vfio_pci",
      "8086",
      "a virtual function of an Intel GPU that the xe driver serves (vendor 8086)",
      "the driver's source in Linux and the list of changes of 6.19",
      List.of(from(6, 19, MigrationSupport.of(true, true, false), DmaLogging.NONE))),
  /** NVIDIA's superchips; it cannot save a state. */
  NVGRACE(
      "nvgrace_gpu_vfio_pci",
      "10de",
      "the GPU of an NVIDIA superchip (vendor 10de)",
      "the driver's source in Linux",
      List.of(unable(0, 0)));

  private final String name;
  private final String vendor;
  private final String devices;
  private final String source;
  private final List<DriverAbility> abilities;

  KernelDriver(
      String name, String vendor, String devices, String source, List<DriverAbility> abilities) {
    this.name = name;
    this.vendor = vendor;
    this.devices = devices;
    this.source = source;
    this.abilities = abilities;
  }

  private static DriverAbility from(
      int major, int minor, MigrationSupport migration, DmaLogging logging) {
    return new DriverAbility(since(major, minor), migration, logging, DeviceLimits.NONE);
  }

  private static DriverAbility logging(
      int major, int minor, MigrationSupport migration, DeviceLimits limits) {
    return new DriverAbility(since(major, minor), migration, DmaLogging.SUPPORTED, limits);
  }

  private static DriverAbility unable(int major, int minor) {
    return from(major, minor, MigrationSupport.failing(Errno.ENOTTY), DmaLogging.NONE);
  }

  private static Optional<KernelRelease> since(int major, int minor) {
    return major == 0 ? Optional.empty() : Optional.of(new KernelRelease(major, minor));
  }

  /** Of Pensando cards (R-DT-48): pages counted in 32 bits, reports within one range. */
  private static DeviceLimits pagesIn32Bits(int maxRanges) {
    return new DeviceLimits(maxRanges, 0, 64, 4096, Long.MIN_VALUE, 32, true);
  }

  /** The driver with this name, if it is known; to the kernel - and _ are one. */
  public static Optional<KernelDriver> named(String name) {
    String wanted = name.replace('-', '_');
    return Arrays.stream(values())
        .filter(driver -> driver.name.replace('-', '_').equals(wanted))
        .findFirst();
  }

  /** The names of all that are known. */
  public static List<String> names() {
    return Arrays.stream(values()).map(KernelDriver::driver).toList();
  }

  /** Its name in the kernel. */
  public String driver() {
    return name;
  }

  /**
   * Whether a device can be one of those it serves, by who made it.
   *
   * @param pciId PCI vendor and device, such as {@code 15b3:101e}
   */
  public boolean mayServe(String pciId) {
    return pciId.startsWith(vendor);
  }

  /** Which device it serves, in words. */
  public String devices() {
    return devices;
  }

  /** Where this is known from. */
  public String source() {
    return source;
  }

  /** What it can do, by release of Linux, ascending. */
  public List<DriverAbility> abilities() {
    return abilities;
  }

  /**
   * What it can do with a release of Linux. A driver that is bound is there, so with a release that
   * is older than it the first row counts.
   *
   * @param kernel the release; empty: not known, and the newest row counts
   */
  public DriverAbility with(Optional<KernelRelease> kernel) {
    if (kernel.isEmpty()) {
      return newest();
    }
    DriverAbility last = abilities.get(0);
    for (DriverAbility ability : abilities) {
      if (ability.since().isEmpty() || ability.since().get().compareTo(kernel.get()) <= 0) {
        last = ability;
      }
    }
    return last;
  }

  /** What it can do with the newest Linux that is known. */
  public DriverAbility newest() {
    return abilities.get(abilities.size() - 1);
  }
}
