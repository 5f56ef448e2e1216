package io.github.stopcopy.vfiopci.tracking;

import io.github.stopcopy.core.address.AddressRange;
import io.github.stopcopy.core.error.Errno;
import io.github.stopcopy.core.error.QemuError;
import io.github.stopcopy.core.host.HostContainer;
import io.github.stopcopy.core.memory.AddressSpace;
import io.github.stopcopy.vfiopci.TrackedBy;
import io.github.stopcopy.vfiopci.TrackingRequest;
import io.github.stopcopy.vfiopci.environment.VfioEnvironment;
import io.github.stopcopy.vfiopci.event.FailureCause;
import io.github.stopcopy.vfiopci.event.VfioEvent;
import io.github.stopcopy.vfiopci.mapping.DmaText;
import io.github.stopcopy.vfiopci.mapping.MappedContainer;
import io.github.stopcopy.vfiopci.mapping.TrackingSwitch;
import java.util.List;
import java.util.Optional;

/**
 * Who tracks the dirty pages of a container, and how that is started and stopped (R-DT-20 ..
 * R-DT-37).
 */
public final class DirtyTracking implements TrackingSwitch {

  private static final String COULD_NOT_START = "vfio: Could not start dirty page tracking";
  private static final String COULD_NOT_STOP = "vfio: Could not stop dirty page tracking";

  private final VfioEnvironment vfio;
  private final AddressSpace space;
  private final MappedContainer container;
  private final List<? extends TrackedDevice> devices;
  private final VmDevices vm;
  private boolean containerTracking;

  /**
   * Tracking that was not started.
   *
   * @param vfio what VFIO needs of the rest
   * @param space the address space of the container
   * @param container what it maps
   * @param devices its devices as they come and go, newest group first and in it the newest device
   *     first
   * @param vm all devices of the VM
   */
  public DirtyTracking(
      VfioEnvironment vfio,
      AddressSpace space,
      MappedContainer container,
      List<? extends TrackedDevice> devices,
      VmDevices vm) {
    this.vfio = vfio;
    this.space = space;
    this.container = container;
    this.devices = devices;
    this.vm = vm;
  }

  /** Who tracks (R-DT-20 .. R-DT-22); asked anew each time. */
  public TrackedBy trackedBy() {
    for (TrackedDevice device : devices) {
      if (!device.usesDeviceDirtyTracking()) {
        return canTrackInContainer() ? TrackedBy.CONTAINER : TrackedBy.NOBODY;
      }
    }
    return TrackedBy.DEVICES;
  }

  /**
   * Whether a migration gets to know what the devices write while it runs: somebody tracks, or all
   * memory counts as written because nobody does; and every device takes part, for one that does
   * not silences its container (R-DT-51, R-DT-53, R-DT-54, R-OBS-111).
   */
  public boolean findsWrites() {
    for (TrackedDevice device : devices) {
      if (device.migrationState().isEmpty()) {
        return false;
      }
    }
    return trackedBy() != TrackedBy.NOBODY || !vfio.behaviour().trackingNeedsStarted();
  }

  /** What the devices would be asked to log if they saw this address space (R-DT-10). */
  public TrackingRequest request(AddressSpace seen) {
    return TrackedRanges.of(vfio, devices, vm, seen);
  }

  /** Whether the container itself can track dirty pages in pages of the host's size (R-LST-4). */
  public boolean canTrackDirtyPages() {
    HostContainer info = container.kernel().info();
    return info.dirtyTracking() && (info.dirtyPageSizes() & vfio.pageSize()) != 0;
  }

  /** An iommufd container tracks with the IOMMU's hardware, a type1 container by pinned pages. */
  private boolean canTrackInContainer() {
    return container.isIommufd()
        ? container.kernel().info().tracksInHardware()
        : canTrackDirtyPages();
  }

  /** Starts tracking; 8.1 reports a failure through the stream only (R-DT-30, R-DT-36). */
  @Override
  public Optional<QemuError> start() {
    Optional<QemuError> failed =
        switch (trackedBy()) {
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
    vfio.failStream(error, couldNotStart(error.errno()));
    return Optional.empty();
  }

  /** What 8.1 prints last of a start that failed (R-DT-30). */
  private static String couldNotStart(Errno errno) {
    return COULD_NOT_START + ", err: " + DmaText.negative(errno);
  }

  /** Stops whoever would be tracking now (R-DT-35). */
  @Override
  public void stop() {
    switch (trackedBy()) {
      case DEVICES -> devices.forEach(this::stopDevice);
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
    if (isTranslated() && vm.allIommuPassthrough()) {
      String inUse =
          "vIOMMU mappings active cannot start dirty tracking, err "
              + DmaText.negative(Errno.EOPNOTSUPP);
      vfio.events().error(inUse);
      vfio.failed(new FailureCause.VirtualIommuInUse(), inUse);
      return Optional.of(QemuError.of(Errno.EOPNOTSUPP, ""));
    }
    TrackingRequest request = request(space);
    if (request.asked().isEmpty() && request.unknown().isEmpty()) {
      vfio.failed(new FailureCause.NothingToTrack(), couldNotStart(Errno.ENOMEM));
      if (vfio.policy().tracksSeparateRanges()) {
        return Optional.of(
            QemuError.of(Errno.ENODATA, deviceNames() + ": there is no memory to track"));
      }
      String prefix = vfio.behaviour().errorsAreValues() ? "Failed to prepare DMA logging: " : "";
      return Optional.of(QemuError.of(Errno.ENOMEM, prefix + Errno.ENOMEM.text()));
    }
    for (TrackedDevice device : devices) {
      if (device.log().isLogging()) {
        continue;
      }
      Optional<Errno> refused = device.log().start(request, vfio.pageSize());
      if (refused.isPresent()) {
        Errno errno = refused.get();
        String text = device.name() + ": Failed to start DMA logging";
        String printed = text + ", err " + DmaText.negative(errno);
        if (!vfio.behaviour().errorsAreValues()) {
          vfio.events().error(printed);
        }
        vfio.failed(new FailureCause.LoggingRefused(device.name(), errno), printed);
        devices.forEach(this::stopDevice);
        return Optional.of(QemuError.of(errno, text + ": " + errno.text()));
      }
    }
    return Optional.empty();
  }

  /** Whether sections of this container, or with the policy of any, are translated. */
  private boolean isTranslated() {
    return vfio.policy().checksAllContainersFirst()
        ? vm.isAnyContainerTranslated()
        : !container.guestIommuSections().isEmpty();
  }

  private void stopDevice(TrackedDevice device) {
    if (!device.log().isLogging()) {
      return;
    }
    Optional<Errno> refused = device.log().stop();
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
    String printed = text + " errno: " + errno.number();
    if (on) {
      vfio.failed(new FailureCause.ContainerTrackingRefused(container.number(), errno), printed);
    }
    if (vfio.behaviour().errorsAreValues()) {
      return Optional.of(QemuError.of(errno, text + ": " + errno.text()));
    }
    vfio.events().error(printed);
    return Optional.of(QemuError.of(errno, text));
  }

  /** Whether pages are tracked now, by the container or by all its devices. */
  boolean isStarted() {
    if (!containerTracking) {
      for (TrackedDevice device : devices) {
        if (!device.log().isLogging()) {
          return false;
        }
      }
    }
    return true;
  }

  /**
   * A migration fails when the guest begins to use the vIOMMU although all devices were let pass
   * it. QEMU says nothing of why; the policy may want it said.
   */
  @Override
  public void translatedSectionAdded(AddressRange range) {
    if (!vfio.migration().status().isSetupOrActive() || !vm.allIommuPassthrough()) {
      return;
    }
    vfio.failed(new FailureCause.VirtualIommuUsedMidway(range), "");
    if (vfio.policy().explainsMidwayFailure()) {
      vfio.migration()
          .setStreamError(
              QemuError.of(
                  Errno.EOPNOTSUPP,
                  deviceNames()
                      + ": the guest uses the vIOMMU for DMA, section "
                      + range
                      + " is translated"));
    } else {
      vfio.migration().setStreamError(Errno.EOPNOTSUPP);
    }
  }

  /** The names of the devices, for messages. */
  private String deviceNames() {
    return String.join(", ", devices.stream().map(TrackedDevice::name).toList());
  }
}
