package io.github.stopcopy.standin;

import io.github.stopcopy.core.address.AddressRange;
import io.github.stopcopy.core.address.U64;
import io.github.stopcopy.core.error.Errno;
import io.github.stopcopy.core.host.HostContainer;
import io.github.stopcopy.core.host.HostDevice;
import io.github.stopcopy.core.host.HostDevice.Bar;
import io.github.stopcopy.core.host.HostDevice.DmaLogging;
import io.github.stopcopy.core.host.HostDevice.MigrationSupport;
import io.github.stopcopy.core.host.HostFacts;
import io.github.stopcopy.core.host.VfioDeviceState;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Host facts as the stand-in kernel reads them, and the sysfs folders of its devices. */
final class StandinConfig {

  /** As in the simulated kernel: groups that nobody numbered are out of the way of the others. */
  private static final int FIRST_OWN_GROUP = 1_000_000;

  /** The number of the character devices /dev/vfio/devices/vfioN, as the stand-in has it. */
  private static final int CHARACTER_DEVICE = 510;

  /** The most devices it can stand in for. */
  static final int MOST_DEVICES = 64;

  private StandinConfig() {}

  /**
   * Writes the configuration and makes a sysfs folder for each device.
   *
   * @param folder the folder of the run
   * @param names the devices in the order in which they are realized
   */
  static void write(Path folder, HostFacts host, List<String> names) throws IOException {
    List<String> lines = new ArrayList<>();
    container(lines, host.container());
    int own = FIRST_OWN_GROUP;
    for (int i = 0; i < names.size(); i++) {
      HostDevice device = host.device(names.get(i));
      int group = device.group().isPresent() ? device.group().getAsInt() : own++;
      device(lines, names.get(i), group, device);
      sysfs(folder, i, names.get(i), group);
    }
    Files.write(folder.resolve("standin.conf"), lines);
  }

  /** The sysfs folder of the device that is the {@code index}th of the configuration. */
  static void sysfs(Path folder, int index, String name, int group) throws IOException {
    Path sysfs = folder.resolve("sys").resolve(name);
    Path number = Files.createDirectories(sysfs.resolve("vfio-dev/vfio" + index)).resolve("dev");
    Files.writeString(number, CHARACTER_DEVICE + ":" + index + "\n");
    Files.createSymbolicLink(
        sysfs.resolve("iommu_group"), Path.of("/kernel/iommu_groups/" + group));
  }

  private static void container(List<String> lines, HostContainer container) {
    lines.add("[container]");
    lines.add("pgsizes=" + U64.hex(container.pageSizes()));
    lines.add("dirty_pages=" + flag(container.dirtyTracking()));
    lines.add("dirty_pgsizes=" + U64.hex(container.dirtyPageSizes()));
    lines.add("max_dirty_bitmap_size=" + U64.hex(container.maxDirtyBitmapSize()));
    lines.add("dma_avail=" + container.dmaAvailable());
    lines.add("share=" + flag(container.shared()));
    lines.add("iommu_dirty=" + flag(container.tracksInHardware()));
    // a failure to start or read belongs to the container, whoever of the two tracks
    lines.add("dirty_start_errno=" + number(container.dirtyStartError()));
    lines.add("iommu_dirty_start_errno=" + number(container.dirtyStartError()));
    lines.add("dirty_get_errno=" + number(container.dirtyGetError()));
    lines.add("iommu_dirty_get_errno=" + number(container.dirtyGetError()));
    if (!container.iovaRanges().isEmpty()) {
      List<String> ranges = new ArrayList<>();
      for (AddressRange range : container.iovaRanges()) {
        ranges.add(U64.hex(range.first()) + "-" + U64.hex(range.last()));
      }
      lines.add("iova_ranges=" + String.join(",", ranges));
    }
  }

  private static void device(List<String> lines, String name, int group, HostDevice device) {
    lines.add("[device " + name + "]");
    lines.add("group=" + group);
    lines.add("dma_buf=" + flag(device.dmaBuf()));
    MigrationSupport migration = device.migration();
    if (migration.error().isPresent() && migration.error().get() == Errno.ENOTTY) {
      lines.add("migration=none");
    } else {
      int flags =
          (migration.stopCopy() ? 1 : 0)
              | (migration.p2p() ? 2 : 0)
              | (migration.preCopy() ? 4 : 0);
      lines.add("migration=" + flags);
      lines.add("migration_errno=" + number(migration.error()));
    }
    DmaLogging logging = device.dmaLogging();
    lines.add("dma_logging=" + flag(logging.supported()));
    lines.add("dma_logging_start_errno=" + number(logging.startError()));
    lines.add("dma_logging_stop_errno=" + number(logging.stopError()));
    lines.add("dma_logging_report_errno=" + number(logging.reportError()));
    lines.add("dma_logging_max_ranges=" + logging.maxRanges());
    lines.add("dma_logging_max_length=" + U64.hex(logging.maxLength()));
    lines.add("limit_errno=" + logging.limitError().number());
    device
        .setStateErrors()
        .forEach(
            (state, error) -> lines.add("set_state_fail=" + number(state) + ":" + error.number()));
    for (Map.Entry<Integer, Bar> bar : device.bars().entrySet()) {
      lines.add("bar" + bar.getKey() + "=" + bar(bar.getValue()));
    }
    device
        .msix()
        .ifPresent(msix -> {
          lines.add("msix=" + msix.vectors());
          lines.add("msix_bar=" + msix.bar());
          lines.add("msix_off=" + U64.hex(msix.offset()));
        });
  }

  private static String bar(Bar bar) {
    String kind =
        switch (bar.kind()) {
          case MEM32 -> " mem32";
          case MEM64 -> " mem64";
          case IO -> " io";
        };
    return U64.hex(bar.size())
        + kind
        + (bar.prefetchable() ? " pref" : "")
        + (bar.mmap() ? " mmap" : "");
  }

  /** The kernel's number of a state. */
  private static int number(VfioDeviceState state) {
    return switch (state) {
      case ERROR -> 0;
      case STOP -> 1;
      case RUNNING -> 2;
      case STOP_COPY -> 3;
      case RESUMING -> 4;
      case RUNNING_P2P -> 5;
      case PRE_COPY -> 6;
      case PRE_COPY_P2P -> 7;
    };
  }

  private static int flag(boolean value) {
    return value ? 1 : 0;
  }

  private static int number(Optional<Errno> error) {
    return error.map(Errno::number).orElse(0);
  }
}
