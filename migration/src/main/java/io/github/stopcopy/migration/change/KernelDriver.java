package io.github.stopcopy.migration.change;

import io.github.stopcopy.core.host.HostDevice.DmaLogging;
import io.github.stopcopy.core.host.HostDevice.MigrationSupport;
import java.util.Arrays;
import java.util.Optional;

/** What the kernel's VFIO drivers can do at least, whatever the firmware (R-HOST C4). */
public enum KernelDriver {
  /** NVIDIA's ConnectX-6 and later. */
  MLX5(
      "mlx5_vfio_pci",
      "a virtual function of a ConnectX-6 or later (vendor 15b3)",
      MigrationSupport.of(true, true, false),
      true),
  /** Huawei's accelerators; they do not know P2P. */
  HISI_ACC(
      "hisi_acc_vfio_pci",
      "a virtual function of a Huawei accelerator (vendor 19e5)",
      MigrationSupport.of(true, false, true),
      false),
  /** AMD's Pensando cards. */
  PDS(
      "pds_vfio_pci",
      "a virtual function of a Pensando card (vendor 1dd8)",
      MigrationSupport.of(true, true, false),
      true),
  /** Virtio devices in hardware, with an administration queue. */
  VIRTIO(
      "virtio_vfio_pci",
      "a virtual function of a virtio device (vendor 1af4)",
      MigrationSupport.of(true, true, true),
      false),
  /** Intel's QuickAssist. */
  QAT(
      "qat_vfio_pci",
      "a virtual function of an Intel QuickAssist of the fourth generation (vendor 8086)",
      MigrationSupport.of(true, true, true),
      false),
  /** Intel's graphics. */
  XE(
      "xe_vfio_pci",
      "a virtual function of an Intel GPU that the xe driver serves (vendor 8086)",
      MigrationSupport.of(true, true, false),
      false);

  private final String name;
  private final String devices;
  private final MigrationSupport migration;
  private final boolean logs;

  KernelDriver(String name, String devices, MigrationSupport migration, boolean logs) {
    this.name = name;
    this.devices = devices;
    this.migration = migration;
    this.logs = logs;
  }

  /** The driver with this name, if it is known. */
  static Optional<KernelDriver> named(String name) {
    return Arrays.stream(values()).filter(driver -> driver.name.equals(name)).findFirst();
  }

  /** Whether something is known of the driver with this name. */
  public static boolean isKnown(String name) {
    return named(name).isPresent();
  }

  /** Its name in the kernel. */
  public String driver() {
    return name;
  }

  /** Which device it serves, in words. */
  public String devices() {
    return devices;
  }

  /** What it answers when asked for migration support, at least. */
  MigrationSupport migration() {
    return migration;
  }

  /** How its devices log their own writes. */
  DmaLogging dmaLogging() {
    return logs ? DmaLogging.SUPPORTED : DmaLogging.NONE;
  }
}
