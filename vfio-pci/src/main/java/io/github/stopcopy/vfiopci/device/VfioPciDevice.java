package io.github.stopcopy.vfiopci.device;

import io.github.stopcopy.core.address.AddressRange;
import io.github.stopcopy.core.address.PciAddress;
import io.github.stopcopy.core.address.U64;
import io.github.stopcopy.core.dirty.DirtyLog;
import io.github.stopcopy.core.error.Errno;
import io.github.stopcopy.core.error.QemuError;
import io.github.stopcopy.core.error.Result;
import io.github.stopcopy.core.host.HostDevice;
import io.github.stopcopy.core.memory.AddressSpace;
import io.github.stopcopy.core.property.OnOffAuto;
import io.github.stopcopy.core.property.PropertyValues;
import io.github.stopcopy.core.spi.HostIommu;
import io.github.stopcopy.vfiopci.TrackingRequest;
import io.github.stopcopy.vfiopci.VfioDevice;
import io.github.stopcopy.vfiopci.event.VfioEvent;
import io.github.stopcopy.vfiopci.kernel.KernelDevice;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * An assigned PCI device. It is created from its properties, attached to its group and container,
 * and may then get a {@link VfioMigration migration object}. Not thread-safe.
 */
public final class VfioPciDevice implements VfioDevice {

  /** The default of the properties that override a PCI id: it is not overridden. */
  public static final long UNSET_ID = 0xffffffffL;

  /** The size of an entry of the MSI-X table in bytes. */
  private static final int MSIX_ENTRY = 16;

  private static final String CLIQUE = "x-nv-gpudirect-clique";

  private final VfioSubsystem vfio;
  private final String name;
  private final Optional<String> id;
  private final PciAddress address;
  private final PropertyValues values;
  private final HostDevice facts;
  private @Nullable VfioGroup group;
  private @Nullable KernelDevice kernel;
  private @Nullable VfioMigration migration;
  private boolean logging;

  private VfioPciDevice(
      VfioSubsystem vfio,
      String name,
      Optional<String> id,
      PciAddress address,
      PropertyValues values,
      HostDevice facts) {
    this.vfio = vfio;
    this.name = name;
    this.id = id;
    this.address = address;
    this.values = values;
    this.facts = facts;
  }

  /**
   * Checks a device's properties as realize does (R-PROP-8a, R-PROP-20 .. R-PROP-27). A device that
   * is attached already is told apart before them.
   *
   * @param vfio what VFIO shares in this VM
   * @param id the id from the command line
   * @param address where it sits
   * @param values its properties
   * @param facts what the host knows of it
   * @return the device, not attached yet, or QEMU's error, with the device's prefix where it has
   *     one
   */
  public static Result<VfioPciDevice> create(
      VfioSubsystem vfio,
      Optional<String> id,
      PciAddress address,
      PropertyValues values,
      HostDevice facts) {
    if (values.isGiven(CLIQUE) && values.number(CLIQUE) > 15) {
      return Result.failed(QemuError.of("Property " + CLIQUE + ": valid range 0-15"));
    }
    Optional<String> name = nameOf(values);
    if (name.isEmpty()) {
      String fd = values.has("fd") ? "or -device vfio-pci,fd=DEVICE_FD " : "";
      return Result.failed(
          QemuError.of(Errno.EINVAL, "No provided host device")
              .withHint(
                  "Use -device vfio-pci,host=DDDD:BB:DD.F "
                      + fd
                      + "or -device vfio-pci,sysfsdev=PATH_TO_DEVICE"));
    }
    VfioPciDevice device = new VfioPciDevice(vfio, name.get(), id, address, values, facts);
    Optional<String> wrong = device.checkProperties();
    return wrong.isPresent()
        ? Result.failed(device.prefixed(QemuError.of(wrong.get())))
        : Result.ok(device);
  }

  /** The name of a device with these properties; empty if they name no device. */
  public static Optional<String> nameOf(PropertyValues values) {
    Optional<String> name = VfioDevice.nameOf(values.text("sysfsdev"), values.text("host"));
    return name.isPresent() || !values.has("fd")
        ? name
        : values.text("fd").map(fd -> "VFIO_FD" + fd);
  }

  @Override
  public String name() {
    return name;
  }

  @Override
  public Optional<String> id() {
    return id;
  }

  /** Where it sits in the guest. */
  public PciAddress address() {
    return address;
  }

  /** Its properties. */
  public PropertyValues values() {
    return values;
  }

  /** The property {@code enable-migration}. */
  public OnOffAuto enableMigration() {
    return values.onOffAuto("enable-migration");
  }

  /** The property {@code x-migration-iommu-pt}; off where it does not exist. */
  public boolean isIommuPassthrough() {
    return values.bool("x-migration-iommu-pt");
  }

  /**
   * Whether a failover pair takes the device out before a migration; then it never migrates itself.
   */
  public boolean hasFailoverPair() {
    return values.text("failover_pair_id").isPresent();
  }

  /** Whether it uses iommufd instead of a container. */
  boolean usesIommufd() {
    return values.has("iommufd") && values.text("iommufd").isPresent();
  }

  /** What the kernel says about its migration. */
  public HostDevice.MigrationSupport migrationSupport() {
    return kernel().migrationSupport();
  }

  /** Whether the device logs its own writes; false without a migration object (R-DT-23). */
  public boolean hasDmaLogging() {
    return migration != null && kernel().hasDmaLogging();
  }

  /**
   * Whether its own log is used: it has one and {@code x-device-dirty-page-tracking} is not off.
   */
  boolean usesDeviceDirtyTracking() {
    return hasDmaLogging() && !isDeviceDirtyTrackingOff();
  }

  /** Whether the user turned its own log off. */
  public boolean isDeviceDirtyTrackingOff() {
    return values.has("x-device-dirty-page-tracking")
        && values.onOffAuto("x-device-dirty-page-tracking") == OnOffAuto.OFF;
  }

  /** Whether the IOMMU's hardware tracks for it, through iommufd (R-BLK-50). */
  public boolean hasIommuDirtyTracking() {
    return vfio.behaviour().trackedAsIommuDirty()
        && usesIommufd()
        && container().kernel().info().iommuDirtyTracking();
  }

  @Override
  public MappedContainer container() {
    return group().container();
  }

  /** Its part in migrations, if it has one (R-BLK-23). */
  public Optional<VfioMigration> migration() {
    return Optional.ofNullable(migration);
  }

  /**
   * What the vIOMMU may know of the host's IOMMU behind the device.
   *
   * @param vtd whether it is Intel VT-d
   */
  public HostIommu hostIommu(boolean vtd) {
    return new HostIommu(
        container().kernel().info().pageSizes(),
        container().kernel().info().iovaRanges(),
        usesIommufd(),
        vtd);
  }

  /** Puts the device into its group and container. */
  public Optional<AttachFailure> attach(AddressSpace space) {
    Optional<AttachFailure> failed = vfio.attach(this, space);
    if (failed.isEmpty()) {
      warnWithoutDmaBuf();
    }
    return failed.map(
        failure -> new AttachFailure(failure.cause(), prefixed(failure.error())));
  }

  /** Other devices cannot reach BARs that the kernel does not export (R-OBS-101). */
  private void warnWithoutDmaBuf() {
    if (vfio.behaviour().warnsWithoutDmaBuf()
        && !facts.dmaBuf()
        && hasMmaps()
        && vfio.isFirstWithoutDmaBuf()) {
      vfio.events()
          .warning(
              "VFIO dma-buf not supported in kernel, using mmap fallback, P2P DMA will not work");
    }
  }

  /** Whether any part of a BAR is mapped: all of it but the pages of the MSI-X table. */
  private boolean hasMmaps() {
    if (values.bool("x-no-mmap")) {
      return false;
    }
    for (Map.Entry<Integer, HostDevice.Bar> bar : facts.bars().entrySet()) {
      if (bar.getValue().mmap()
          && bar.getValue().kind() != HostDevice.BarKind.IO
          && !isAllMsix(bar.getKey(), bar.getValue())) {
        return true;
      }
    }
    return false;
  }

  private boolean isAllMsix(int number, HostDevice.Bar bar) {
    Optional<HostDevice.Msix> msix = facts.msix().filter(found -> found.bar() == number);
    if (msix.isEmpty()) {
      return false;
    }
    long tableEnd = msix.get().offset() + (long) MSIX_ENTRY * msix.get().vectors();
    return U64.alignDown(msix.get().offset(), vfio.pageSize()) == 0
        && U64.lessOrEqual(bar.size(), U64.alignUp(tableEnd, vfio.pageSize()));
  }

  /** Takes the device out of its group and container. */
  public void detach() {
    vfio.detach(this);
    group = null;
  }

  /** Gives the device a migration object (R-BLK-23). */
  public void openMigration() {
    migration = new VfioMigration(this, vfio, kernel());
  }

  /** Takes the migration object away. */
  public void closeMigration() {
    migration = null;
  }

  /** Prefixes an error as realize does (R-BLK-11). */
  public QemuError prefixed(QemuError error) {
    return error.withPrefix("vfio " + name + ": ");
  }

  @Override
  public boolean areBarsDescribed() {
    return !facts.bars().isEmpty();
  }

  @Override
  public boolean hasMappedBars() {
    return !mappedBars().isEmpty();
  }

  /** The BARs that the host maps, so that they are memory in the guest. */
  List<HostDevice.Bar> mappedBars() {
    List<HostDevice.Bar> mapped = new ArrayList<>();
    if (!values.bool("x-no-mmap")) {
      for (HostDevice.Bar bar : facts.bars().values()) {
        if (bar.mmap() && bar.kind() != HostDevice.BarKind.IO) {
          mapped.add(bar);
        }
      }
    }
    return mapped;
  }

  boolean collectsWhileRunning() {
    return values.onOffAuto("x-pre-copy-dirty-page-tracking") != OnOffAuto.OFF;
  }

  VfioGroup group() {
    if (group == null) {
      throw new IllegalStateException(name + " is not attached");
    }
    return group;
  }

  void attached(VfioGroup group, KernelDevice kernel) {
    this.group = group;
    this.kernel = kernel;
  }

  boolean isLogging() {
    return logging;
  }

  Optional<Errno> startLogging(TrackingRequest request, long pageSize) {
    VfioEvent.DmaLoggingStart start =
        new VfioEvent.DmaLoggingStart(
            name,
            pageSize,
            request.ranges(),
            request.unknown(),
            kernel().startLogging(pageSize, request.asked()));
    vfio.events().record(start);
    logging = start.errno().isEmpty();
    return start.errno();
  }

  Optional<Errno> stopLogging() {
    Optional<Errno> refused = kernel().stopLogging();
    vfio.events().record(new VfioEvent.DmaLoggingStop(name, refused));
    logging = false;
    return refused;
  }

  Optional<Errno> report(long iova, long size, DirtyLog into) {
    return kernel().report(iova, size, into);
  }

  @Override
  public List<AddressRange> dmaWrite(AddressRange written) {
    if (migration != null && !migration.state().isRunning()) {
      throw new IllegalStateException(name + " is " + migration.state() + " and cannot write");
    }
    kernel().dmaWrite(written);
    return container().kernel().dmaWrite(written);
  }

  private KernelDevice kernel() {
    if (kernel == null) {
      throw new IllegalStateException(name + " is not attached");
    }
    return kernel;
  }

  private Optional<String> checkProperties() {
    if (vfio.hasDevice(name)) {
      return Optional.of(VfioSubsystem.ALREADY_ATTACHED);
    }
    if (values.bool("x-balloon-allowed")) {
      return Optional.of("x-balloon-allowed only potentially compatible with mdev devices");
    }
    long vendor = values.number("x-pci-vendor-id");
    if (vendor != UNSET_ID && vendor >= 0xffff) {
      return Optional.of("invalid PCI vendor ID provided");
    }
    if (isWrongId("x-pci-device-id")) {
      return Optional.of("invalid PCI device ID provided");
    }
    if (isWrongId("x-pci-sub-vendor-id")) {
      return Optional.of("invalid PCI subsystem vendor ID provided");
    }
    if (isWrongId("x-pci-sub-device-id")) {
      return Optional.of("invalid PCI subsystem device ID provided");
    }
    boolean display = values.onOffAuto("display") == OnOffAuto.ON;
    if (values.bool("ramfb") && !display) {
      return Optional.of("ramfb=on requires display=on");
    }
    if ((values.number("xres") != 0 || values.number("yres") != 0)
        && values.onOffAuto("display") == OnOffAuto.OFF) {
      return Optional.of("xres and yres properties require display=on");
    }
    if (values.has("x-ramfb-migrate")
        && values.onOffAuto("x-ramfb-migrate") == OnOffAuto.ON
        && enableMigration() == OnOffAuto.OFF) {
      return Optional.of("x-ramfb-migrate requires enable-migration");
    }
    return Optional.empty();
  }

  private boolean isWrongId(String property) {
    long number = values.number(property);
    return number != UNSET_ID && number > 0xffff;
  }
}
