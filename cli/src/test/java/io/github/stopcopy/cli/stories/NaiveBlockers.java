package io.github.stopcopy.cli.stories;

import com.fasterxml.jackson.databind.JsonNode;
import io.github.stopcopy.core.profile.QemuProfile;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Who blocks migrations, decided anew from R-BLK-10 .. R-BLK-63 by the plainest means. Blockers are
 * texts, oldest first.
 */
final class NaiveBlockers {

  private static final String SEVERAL =
      "Migration is currently not supported with multiple VFIO devices";
  private static final String MULTIPLE =
      "Multiple VFIO devices migration is supported only if all of them support P2P migration";

  private static final Map<Integer, String> ERRORS =
      Map.of(22, "Invalid argument", 95, "Operation not supported");

  private final Story story;
  private final boolean modern;
  private final List<Blocker> blockers = new ArrayList<>();
  private final List<Present> present = new ArrayList<>();

  private record Blocker(String owner, String text) {}

  private static final class Present {
    private final StoryDevice device;
    private boolean migrates;

    Present(StoryDevice device) {
      this.device = device;
    }
  }

  NaiveBlockers(Story story) {
    this.story = story;
    this.modern = story.isFrom(QemuProfile.V9_1);
  }

  List<String> texts() {
    return blockers.stream().map(Blocker::text).toList();
  }

  /** The devices that take part in a migration, in the order in which they came. */
  List<StoryDevice> migrating() {
    return present.stream().filter(each -> each.migrates).map(each -> each.device).toList();
  }

  /** A device comes; what comes back is why it may not. */
  Optional<String> add(StoryDevice device, boolean behindViommu) {
    Present newest = new Present(device);
    present.add(newest);
    Optional<String> refused = realize(newest, behindViommu);
    if (refused.isPresent()) {
      remove(device);
    }
    return refused;
  }

  void remove(StoryDevice device) {
    present.removeIf(each -> each.device == device);
    blockers.removeIf(each -> each.owner.equals(device.name()));
    if (allCanStopTalking()) {
      blockers.removeIf(each -> each.owner.isEmpty());
    }
  }

  private Optional<String> realize(Present newest, boolean behindViommu) {
    StoryDevice device = newest.device;
    String prefix = device.name() + ": ";
    if (device.properties().containsKey("failover_pair_id")) {
      return Optional.empty();
    }
    if (device.property("enable-migration", "auto").equals("off")) {
      return block(device, prefix + "Migration is disabled for VFIO device");
    }
    if (device.migration().errno() == 25) {
      return block(
          device,
          prefix
              + (story.isFrom(QemuProfile.V11_1)
                  ? "VFIO migration init failed: migration is not supported in kernel:"
                      + " Inappropriate ioctl for device"
                  : "VFIO migration is not supported in kernel"));
    }
    int errno = device.migration().errno();
    if (errno == 0 && !device.migration().can("stop-copy")) {
      errno = 95;
    }
    if (errno != 0 && story.isFrom(QemuProfile.V11_1)) {
      String what =
          device.migration().errno() == 0
              ? "VFIO_MIGRATION_STOP_COPY is not supported"
              : "failed to query migration flags: " + ERRORS.get(errno);
      return block(device, prefix + "VFIO migration init failed: " + what);
    }
    if (errno != 0) {
      return block(
          device,
          prefix
              + "Migration couldn't be initialized for VFIO device, err: -"
              + errno
              + " ("
              + ERRORS.get(errno)
              + ")");
    }
    newest.migrates = true;

    boolean insists = device.property("enable-migration", "auto").equals("on");
    boolean logs =
        device.dmaLogging() && !device.property("x-device-dirty-page-tracking", "on").equals("off");
    boolean hardware = modern && usesIommufd(device) && knob("iommu-dirty-tracking", false);
    if (!logs && !hardware) {
      String what = modern ? "device and IOMMU dirty" : "device dirty";
      if (!insists) {
        return block(device, prefix + "VFIO device doesn't support " + what + " tracking");
      }
      if (story.isFrom(QemuProfile.V11_0) && isTooLarge()) {
        return block(
            device,
            prefix
                + "Migration is currently not supported with large memory VM due to dirty"
                + " tracking limitation in backend");
      }
    }
    if (!allCanStopTalking()) {
      boolean severalMay = story.isFrom(QemuProfile.V8_1_IOMMU_PT);
      boolean blocked = blockers.stream().anyMatch(each -> each.owner.isEmpty());
      if (!blocked || insists && severalMay) {
        Optional<String> refused = block(device, "", severalMay ? MULTIPLE : SEVERAL);
        if (refused.isPresent()) {
          return refused;
        }
      }
    }
    boolean relaxed =
        story.profile().equals("8.1-iommu-pt")
            && present.stream()
                .allMatch(each -> each.device.property("x-migration-iommu-pt", "off").equals("on"));
    boolean matters = story.isFrom(QemuProfile.V11_0) ? logs : !relaxed;
    return behindViommu && matters
        ? block(device, prefix + "Migration is currently not supported with vIOMMU enabled")
        : Optional.empty();
  }

  private Optional<String> block(StoryDevice device, String text) {
    return block(device, device.name(), text);
  }

  private Optional<String> block(StoryDevice device, String owner, String text) {
    if (device.property("enable-migration", "auto").equals("on")) {
      return Optional.of(text);
    }
    if (story.onlyMigratable()) {
      return Optional.of("disallowing migration blocker (--only-migratable) for: " + text);
    }
    blockers.add(new Blocker(owner, text));
    return Optional.empty();
  }

  private boolean allCanStopTalking() {
    List<StoryDevice> migrating = migrating();
    return migrating.size() <= 1
        || story.isFrom(QemuProfile.V8_1_IOMMU_PT)
            && migrating.stream().allMatch(device -> device.migration().can("p2p"));
  }

  private boolean isTooLarge() {
    JsonNode host = story.scenario().get("host");
    boolean tracks = knob("dirty-tracking", true) && host.path("page-size").asInt(4096) == 4096;
    long bitmap = host.get("containers").path("max-dirty-bitmap-size").asLong(256L << 20);
    long most = bitmap * 8 * 4096;
    return tracks && story.ramSize() > most;
  }

  private boolean knob(String name, boolean otherwise) {
    return story.scenario().path("host").path("containers").path(name).asBoolean(otherwise);
  }

  private static boolean usesIommufd(StoryDevice device) {
    return device.properties().containsKey("iommufd");
  }
}
