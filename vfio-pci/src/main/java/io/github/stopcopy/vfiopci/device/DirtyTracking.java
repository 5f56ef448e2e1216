package io.github.stopcopy.vfiopci.device;

import io.github.stopcopy.core.error.Errno;
import io.github.stopcopy.core.error.QemuError;
import io.github.stopcopy.vfiopci.TrackingRequest;
import io.github.stopcopy.vfiopci.event.VfioEvent;
import java.util.Optional;

/**
 * Who tracks the dirty pages of a container, and how that is started and stopped (R-DT-20 ..
 * R-DT-37).
 */
final class DirtyTracking {

  private static final String COULD_NOT_START = "vfio: Could not start dirty page tracking";
  private static final String COULD_NOT_STOP = "vfio: Could not stop dirty page tracking";

  private final MappedContainer container;
  private final VfioSubsystem vfio;
  private boolean containerTracking;

  DirtyTracking(MappedContainer container) {
    this.container = container;
    this.vfio = container.vfio();
  }

  /** Who tracks (R-DT-20 .. R-DT-22); asked anew each time. */
  enum Tracker {
    DEVICES,
    CONTAINER,
    NOBODY
  }

  Tracker tracker() {
    if (container.pciDevices().stream().allMatch(VfioPciDevice::usesDeviceDirtyTracking)) {
      return Tracker.DEVICES;
    }
    return canTrackInContainer() ? Tracker.CONTAINER : Tracker.NOBODY;
  }

  /** An iommufd container tracks with the IOMMU's hardware, a type1 container by pinned pages. */
  private boolean canTrackInContainer() {
    return container.isIommufd()
        ? container.kernel().info().iommuDirtyTracking()
        : container.canTrackDirtyPages();
  }

  /** Starts tracking; 8.1 reports a failure through the stream only (R-DT-30, R-DT-36). */
  Optional<QemuError> start() {
    Optional<QemuError> failed =
        switch (tracker()) {
          case DEVICES -> startDevices();
          case CONTAINER -> setContainerTracking(true);
          case NOBODY -> Optional.empty();
        };
    if (failed.isEmpty()) {
      return failed;
    }
    QemuError error = failed.get();
    if (vfio.behaviour().errorsAreValues()) {
      return Optional.of(error.withPrefix(COULD_NOT_START + " - "));
    }
    vfio.failStream(error, COULD_NOT_START + ", err: " + DmaText.negative(error.errno()));
    return Optional.empty();
  }

  /** Stops whoever would be tracking now (R-DT-35). */
  void stop() {
    switch (tracker()) {
      case DEVICES -> container.pciDevices().forEach(this::stopDevice);
      case CONTAINER -> setContainerTracking(false).ifPresent(this::stopFailed);
      case NOBODY -> {}
    }
  }

  private void stopFailed(QemuError error) {
    vfio.failStream(
        error.withPrefix(COULD_NOT_STOP + " - "),
        COULD_NOT_STOP + ", err: " + DmaText.negative(error.errno()));
  }

  /** Has every device log, the newest first; if one fails all of this container stop (R-DT-33). */
  private Optional<QemuError> startDevices() {
    if (isTranslated() && vfio.allIommuPassthrough()) {
      vfio.events()
          .error(
              "vIOMMU mappings active cannot start dirty tracking, err "
                  + DmaText.negative(Errno.EOPNOTSUPP));
      return Optional.of(QemuError.of(Errno.EOPNOTSUPP, ""));
    }
    TrackingRequest request = container.trackingRequest(container.space());
    if (request.asked().isEmpty() && request.unknown().isEmpty()) {
      if (vfio.policy().tracksSeparateRanges()) {
        return Optional.of(
            QemuError.of(Errno.ENODATA, container.deviceNames() + ": there is no memory to track"));
      }
      String prefix = vfio.behaviour().errorsAreValues() ? "Failed to prepare DMA logging: " : "";
      return Optional.of(QemuError.of(Errno.ENOMEM, prefix + Errno.ENOMEM.text()));
    }
    for (VfioPciDevice device : container.pciDevices()) {
      if (device.isLogging()) {
        continue;
      }
      Optional<Errno> refused = device.startLogging(request, vfio.pageSize());
      if (refused.isPresent()) {
        Errno errno = refused.get();
        String text = device.name() + ": Failed to start DMA logging";
        if (!vfio.behaviour().errorsAreValues()) {
          vfio.events().error(text + ", err " + DmaText.negative(errno));
        }
        container.pciDevices().forEach(this::stopDevice);
        return Optional.of(QemuError.of(errno, text + ": " + errno.text()));
      }
    }
    return Optional.empty();
  }

  /** Whether sections of this container, or with the policy of any, are translated. */
  private boolean isTranslated() {
    return vfio.policy().checksAllContainersFirst()
        ? vfio.containers().stream().anyMatch(other -> !other.guestIommuSections().isEmpty())
        : !container.guestIommuSections().isEmpty();
  }

  private void stopDevice(VfioPciDevice device) {
    if (!device.isLogging()) {
      return;
    }
    Optional<Errno> refused = device.stopLogging();
    if (refused.isPresent()) {
      Errno errno = refused.get();
      int number = vfio.behaviour().stopErrnoIsPositive() ? errno.number() : -errno.number();
      vfio.events()
          .warning(
              device.name()
                  + ": Failed to stop DMA logging, err "
                  + number
                  + " ("
                  + errno.text()
                  + ")");
    }
  }

  /**
   * Switches tracking by the container; later releases skip a switch that is already so (R-DT-24).
   */
  private Optional<QemuError> setContainerTracking(boolean on) {
    if (vfio.behaviour().skipsKnownTracking() && on == containerTracking) {
      return Optional.empty();
    }
    Optional<Errno> refused = container.kernel().setDirtyTracking(on);
    vfio.events().record(new VfioEvent.ContainerDirty(container.number(), on, refused));
    if (refused.isEmpty()) {
      containerTracking = on;
      return Optional.empty();
    }
    Errno errno = refused.get();
    String text = "Failed to set dirty tracking flag 0x" + (on ? 1 : 2);
    if (vfio.behaviour().errorsAreValues()) {
      return Optional.of(QemuError.of(errno, text + ": " + errno.text()));
    }
    vfio.events().error(text + " errno: " + errno.number());
    return Optional.of(QemuError.of(errno, text));
  }

  /** Whether pages are tracked now, by the container or by all its devices. */
  boolean isStarted() {
    return containerTracking || container.pciDevices().stream().allMatch(VfioPciDevice::isLogging);
  }
}
