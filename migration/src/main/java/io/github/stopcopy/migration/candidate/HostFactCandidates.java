package io.github.stopcopy.migration.candidate;

import io.github.stopcopy.core.config.DeviceConfig;
import io.github.stopcopy.core.host.HostDevice;
import io.github.stopcopy.core.host.HostDevice.Fact;
import io.github.stopcopy.core.host.HostDevice.MigrationSupport;
import io.github.stopcopy.core.host.HostFacts;
import io.github.stopcopy.migration.change.VfioDevices;
import io.github.stopcopy.migration.remedy.RemedyChange;
import java.util.ArrayList;
import java.util.List;

/** Somebody finds out what was assumed (R-HOST C1): it turns out to be so. */
final class HostFactCandidates {

  private HostFactCandidates() {}

  static List<Candidate> of(HostFacts host, TargetDevices devices, List<DeviceConfig> some) {
    List<RemedyChange> changes = new ArrayList<>();
    boolean isDriverKnown = true;
    for (DeviceConfig device : some) {
      String name = VfioDevices.nameOf(device);
      HostDevice assumed = host.device(name);
      isDriverKnown &= assumed.driver().isPresent();
      String key = "devices." + name + ".";
      if (!assumed.given().contains(Fact.MIGRATION)) {
        changes.add(new RemedyChange.Set("host", key + "migration", features(assumed.migration())));
      }
      if (!assumed.given().contains(Fact.DMA_LOGGING)) {
        changes.add(
            new RemedyChange.Set(
                "host", key + "dma-logging", assumed.dmaLogging().supported() ? "on" : "off"));
      }
    }
    return List.of(
        Candidate.of(
                "find out what the kernel driver of "
                    + devices.names(some)
                    + " can do: on the host, stopcopy host prints what it tells, for --host FILE,"
                    + " and with --format text what would tell more (root, Linux from 6.18 on, a"
                    + " probe); or say \"migration\" and \"dma-logging\" of each device in that"
                    + " file"
                    + (isDriverKnown
                        ? ""
                        : "; while only the driver is known, which the link"
                            + " /sys/bus/pci/devices/ADDRESS/driver names, --driver [DEVICE=]NAME"
                            + " takes what it is known to do"),
                changes)
            .assuming("what is found is what was assumed"));
  }

  private static String features(MigrationSupport migration) {
    List<String> features = new ArrayList<>();
    if (migration.stopCopy()) {
      features.add("stop-copy");
    }
    if (migration.p2p()) {
      features.add("p2p");
    }
    if (migration.preCopy()) {
      features.add("pre-copy");
    }
    return String.join(",", features);
  }
}
